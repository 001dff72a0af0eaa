"""What schemathesis does not know of our description, for tests/openapi/schemathesis.toml."""

import schemathesis

# The refusals that blame the form alone, which the description tells in full.
# Not `if_match_form`: schemathesis makes an If-Match by RFC 9110, whatever its pattern.
OF_FORM = {"body_json", "body_utf8", "body_shape", "query_shape", "limit_range", "idempotency_key_form"}


@schemathesis.check
def refusals_are_described(ctx, response, case):
    """The `code` of a refusal is one of those that its status has for this call, and
    whoever keeps to the description is not told that something has the wrong form."""
    if response.status_code < 400:
        return
    code = response.json()["code"]
    described = case.operation.responses.get(str(response.status_code))
    # That a status is not described, or not for another method, is for other checks.
    if described is not None and code not in described.definition["x-codes"]:
        raise AssertionError(f"{response.status_code} `{code}` is not described")
    if case.meta and case.meta.generation.mode.is_positive and code in OF_FORM:
        raise AssertionError(f"what is described is refused as `{code}`")
