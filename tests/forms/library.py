"""Judges values by schemas with the published library, for tests/it/forms/library.rs.

Reads {"rules", "is_form", "value"} a line and answers with valid or invalid a line.
"""

import datetime
import json
import re
import sys
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker, validators

formats = FormatChecker(formats=())


@formats.checks("date", raises=ValueError)
def is_date(text):
    if isinstance(text, str):
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            raise ValueError(text)
        datetime.date.fromisoformat(text)
    return True


@formats.checks("date-time", raises=ValueError)
def is_instant(text):
    if isinstance(text, str):
        parts = re.fullmatch(
            r"(.{10})T(..):(..):(..)(?:\.[0-9]+)?(?:Z|[+-]([0-9]{2}):([0-9]{2}))", text, re.IGNORECASE | re.ASCII
        )
        if not parts:
            raise ValueError(text)
        is_date(parts[1])
        for clock in (parts.group(2, 3, 4), (parts[5] or "00", parts[6] or "00", "00")):
            if not all(part.isascii() and part.isdigit() for part in clock):
                raise ValueError(text)
            datetime.time(*map(int, clock))
    return True


@formats.checks("uri", raises=ValueError)
def is_address(text):
    if not isinstance(text, str):
        return True
    if len(text) > 2000 or any(letter <= " " or "\x7f" <= letter <= "\xa0" for letter in text):
        return False
    if set(text) & set('\\"<>^`{|}'):
        return False
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc


@formats.checks("email")
def is_email(text):
    if not isinstance(text, str):
        return True
    name, _, host = text.partition("@")
    label = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
    return (
        len(text) <= 254
        and bool(re.fullmatch(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]+", name, re.IGNORECASE | re.ASCII))
        and all(re.fullmatch(label, part, re.IGNORECASE | re.ASCII) for part in host.split("."))
    )


def asserted(validator, name, value, schema):
    """A format is a note, unless it stands in a form."""
    if "x-kind" in schema:
        yield from Draft202012Validator.VALIDATORS["format"](validator, name, value, schema)


Validator = validators.extend(Draft202012Validator, {"format": asserted})


def filled(form, value):
    """Absent and null are the same, and what is absent has its default."""
    if value is None:
        value = {}
    if not isinstance(value, dict):
        return value
    defaults = {name: rules["default"] for name, rules in form["properties"].items() if "default" in rules}
    return defaults | {name: given for name, given in value.items() if given is not None}


for line in sys.stdin:
    case = json.loads(line)
    value = filled(case["rules"], case["value"]) if case["is_form"] else case["value"]
    valid = Validator(case["rules"], format_checker=formats).is_valid(value)
    print("valid" if valid else "invalid")
