"""Validates documents by JSON Schemas of draft 7. Each line of standard input is a request, and is answered by a line.

    {"schema": SCHEMA}                     its number; a text if it is not a schema of draft 7
    {"by": NUMBER, "documents": [...]}     for each document a list of its faults
"""

import json
import sys

import rfc3339_validator  # noqa: F401  jsonschema ignores the format date-time without it
from jsonschema import Draft7Validator
from jsonschema.exceptions import SchemaError


def pattern(text):
    """Returns a pattern of JSON Schema as one of Python's, whose `$` also matches before a last line end."""
    return text.replace("$", r"\Z")


def translated(schema):
    """Returns a schema with patterns of Python."""
    if isinstance(schema, list):
        return [translated(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    result = {}
    for key, value in schema.items():
        if key == "pattern" and isinstance(value, str):
            result[key] = pattern(value)
        elif key == "patternProperties":
            result[key] = {pattern(name): translated(part) for name, part in value.items()}
        else:
            result[key] = translated(value)
    return result


def main():
    assert {"date", "date-time"} <= Draft7Validator.FORMAT_CHECKER.checkers.keys()
    validators = []
    answered = {}
    for line in sys.stdin:
        request = json.loads(line)
        if line in answered:
            answer = answered[line]
        elif "schema" in request:
            try:
                Draft7Validator.check_schema(request["schema"])
            except SchemaError as error:
                answer = f"{error.json_path}: {error.message}"
            else:
                schema = translated(request["schema"])
                validators.append(Draft7Validator(schema, format_checker=Draft7Validator.FORMAT_CHECKER))
                answer = answered[line] = len(validators) - 1
        else:
            validator = validators[request["by"]]
            answer = [
                [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]
                for document in request["documents"]
            ]
        print(json.dumps(answer), flush=True)


main()
