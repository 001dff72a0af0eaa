"""Holds assets/openapi.json against its own rules and against a server, for
tests/it/routes/published.rs.

    check.py file                the official schema of OpenAPI 3.1, every example
    check.py server URL KEY IDS  calls made of the description, and what is answered
"""

import http.client
import importlib.util
import json
import pathlib
import sys
from urllib.parse import quote, urlencode, urlsplit

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis_jsonschema import from_schema
from jsonschema import Draft202012Validator, RefResolver

API = json.loads(pathlib.Path("assets/openapi.json").read_text())
EXAMPLES = 20


def found(thing):
    """What is named elsewhere in the file, or the thing itself."""
    if "$ref" in thing:
        place = API
        for step in thing["$ref"].removeprefix("#/").split("/"):
            place = place[step]
        return place
    return thing


def fault(schema, value):
    validator = Draft202012Validator(schema, resolver=RefResolver("", API))
    return next((f"{list(error.path)}: {error.message[:300]}" for error in validator.iter_errors(value)), None)


def calls():
    for path, methods in API["paths"].items():
        for method, call in methods.items():
            yield method, path, call


def contents(call):
    yield call.get("requestBody", {}).get("content", {})
    for answer in call["responses"].values():
        yield found(answer).get("content", {})


def check_file():
    package = pathlib.Path(importlib.util.find_spec("openapi_spec_validator").origin).parent
    official = json.loads((package / "resources/schemas/v3.1/schema.json").read_text())
    Draft202012Validator(official).validate(API)
    checked = 0
    for method, path, call in calls():
        pairs = [(parameter["schema"], parameter["example"])
                 for parameter in map(found, call.get("parameters", [])) if "example" in parameter]
        for content in contents(call):
            for body in content.values():
                Draft202012Validator.check_schema(body["schema"])
                pairs += [(body["schema"], body["example"])] if "example" in body else []
                pairs += [(body["schema"], found(one)["value"]) for one in body.get("examples", {}).values()]
        for schema, example in pairs:
            checked += 1
            if wrong := fault(schema, example):
                sys.exit(f"{method} {path}: an example breaks its schema at {wrong}")
    print(f"{checked} examples")


def values(schema):
    return from_schema({**found(schema), "components": API["components"]})


def is_header(text):
    return isinstance(text, str) and text.isascii() and text.isprintable() and text == text.strip()


def parameter_values(parameter, path, ids):
    name, schema = parameter["name"], parameter["schema"]
    # Who waits for nothing learns nothing more.
    if name == "wait":
        return st.just(0)
    if name == "Prefer":
        return st.just("wait=0")
    if parameter["in"] == "header":
        return st.sampled_from(['"1"', '"2"', "x"]) | values(schema).filter(is_header)
    if parameter["in"] == "path" or name == "schema":
        kind = "schemas" if name in ("schema", "name") else path.split("/")[3]
        return st.sampled_from(ids[kind]) | values(schema).filter(lambda value: value != "")
    return values(schema)


@st.composite
def requests(draw, path, call, ids):
    address, query, headers, body = path, [], {}, b""
    for parameter in map(found, call.get("parameters", [])):
        if not parameter.get("required") and draw(st.booleans()):
            continue
        value = draw(parameter_values(parameter, path, ids))
        text = value if isinstance(value, str) else json.dumps(value)
        if parameter["in"] == "path":
            address = address.replace("{%s}" % parameter["name"], quote(text, safe=""))
        elif parameter["in"] == "query":
            query.append((parameter["name"], text))
        else:
            headers[parameter["name"]] = text
    for kind, content in call.get("requestBody", {}).get("content", {}).items():
        headers["Content-Type"] = kind
        if kind != "application/json":
            body = draw(st.binary(max_size=200))
        else:
            good = st.just(content.get("example")) | values(content["schema"])
            body = json.dumps(draw(st.one_of(good, good, good, values({})))).encode()
    return address + ("?" + urlencode(query) if query else ""), headers, body


def wrong_answer(call, response, body):
    status, answer = str(response.status), None
    if response.status >= 500:
        return f"{status}: {body[:300]}"
    if status not in call["responses"]:
        return f"{status} is not described: {body[:300]}"
    answer = found(call["responses"][status])
    kind = (response.getheader("Content-Type") or "").split(";")[0]
    content = answer.get("content", {})
    described = content.get(kind, content.get("*/*"))
    if content and described is None:
        return f"{status} with {kind!r} is not described"
    if kind not in ("application/json", "application/problem+json"):
        return None
    value = json.loads(body)
    if response.status >= 400 and value["code"] not in answer["x-codes"]:
        return f"{status} {value['code']} is not described: {value['detail']}"
    wrong = fault(described["schema"], value)
    return wrong and f"{status} breaks its schema at {wrong}"


def check_server(url, key, ids):
    faults, made = [], 0
    for method, path, call in calls():

        @settings(max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
                  suppress_health_check=list(HealthCheck))
        @given(requests(path, call, ids))
        def keeps_to_its_description(request):
            nonlocal made
            made += 1
            address, headers, body = request
            # A connection each: one may be closed over a body that nobody had to read.
            connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
            connection.request(method.upper(), address, body, {"Authorization": f"Bearer {key}", **headers})
            response = connection.getresponse()
            wrong = wrong_answer(call, response, response.read())
            connection.close()
            if wrong:
                faults.append(f"{method.upper()} {address} {headers} {body[:500]!r}\n  {wrong}")
            assert not wrong

        try:
            keeps_to_its_description()
        except AssertionError:
            pass
    if faults:
        sys.exit("\n".join(faults[:20]))
    print(f"{made} calls")


if sys.argv[1] == "file":
    check_file()
else:
    check_server(sys.argv[2], sys.argv[3], json.loads(sys.argv[4]))
