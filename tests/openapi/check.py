"""Holds assets/openapi.json against the official schema of OpenAPI 3.1, and its examples
against its own schemas, for tests/it/routes/published.rs.
"""

import sys

import jsonschema_rs
import schemathesis

SCHEMA = schemathesis.openapi.from_path("assets/openapi.json")
API = SCHEMA.raw_schema


def found(thing):
    """What is named elsewhere in the file, or the thing itself."""
    place = API
    if "$ref" not in thing:
        return thing
    for step in thing["$ref"].removeprefix("#/").split("/"):
        place = place[step]
    return place


def validator(schema):
    jsonschema_rs.Draft202012Validator({"$ref": "https://json-schema.org/draft/2020-12/schema"}).validate(schema)
    return jsonschema_rs.Draft202012Validator({"components": API["components"], **schema}, validate_formats=True)


def contents(call):
    yield from call.get("requestBody", {}).get("content", {}).values()
    for answer in call["responses"].values():
        yield from found(answer).get("content", {}).values()


def examples(call):
    for part in [*map(found, call.get("parameters", [])), *contents(call)]:
        validator(part["schema"])
        if "example" in part:
            yield part["schema"], part["example"]
        for one in part.get("examples", {}).values():
            yield part["schema"], found(one)["value"]


SCHEMA.validate()
checked = 0
for path, methods in API["paths"].items():
    for method, call in methods.items():
        for schema, example in examples(call):
            checked += 1
            for wrong in validator(schema).iter_errors(example):
                sys.exit(f"{method} {path}: an example breaks its schema at {wrong.instance_path}: {wrong.message[:300]}")
print(f"{checked} examples")
