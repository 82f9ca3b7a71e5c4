"""The part of JSON Schema (draft 2020-12) that the schema of traces uses, so that its test needs no package.

A keyword that is not here is an error, not ignored.
"""

import re
from typing import Any

TYPES = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool)
                             or isinstance(value, float) and value.is_integer(),
}
SAY_NOTHING = {"$schema", "$id", "$defs", "title", "description"}


def equal(left: Any, right: Any) -> bool:
    """As JSON has it: true is not 1."""
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


class Schema:
    def __init__(self, root: dict):
        self.root = root

    def refusal(self, value: Any) -> str:
        """Where and why the schema refuses `value`; empty if it does not."""
        return self._refusal(value, self.root, "")

    def _refusal(self, value: Any, schema: Any, place: str) -> str:
        if isinstance(schema, bool):
            return "" if schema else f"{place}: must not be there"
        for keyword, operand in schema.items():
            if keyword in SAY_NOTHING or keyword in ("then", "else"):
                continue
            check = getattr(self, "_" + keyword.replace("$", ""), None)
            if check is None:
                raise NotImplementedError(f"the keyword {keyword} of the schema")
            if refusal := check(value, operand, schema, place):
                return refusal
        return ""

    def _ref(self, value, operand, schema, place):
        target: Any = self.root
        for key in operand.removeprefix("#/").split("/"):
            target = target[key]
        return self._refusal(value, target, place)

    def _type(self, value, operand, schema, place):
        return "" if TYPES[operand](value) else f"{place}: is no {operand}"

    def _const(self, value, operand, schema, place):
        return "" if equal(value, operand) else f"{place}: is not {operand!r}"

    def _enum(self, value, operand, schema, place):
        return "" if any(equal(value, each) for each in operand) else f"{place}: is none of {operand}"

    def _minimum(self, value, operand, schema, place):
        return f"{place}: less than {operand}" if is_number(value) and value < operand else ""

    def _maximum(self, value, operand, schema, place):
        return f"{place}: more than {operand}" if is_number(value) and value > operand else ""

    def _minLength(self, value, operand, schema, place):
        return f"{place}: too short" if isinstance(value, str) and len(value) < operand else ""

    def _pattern(self, value, operand, schema, place):
        # "$" of the schema's regular expressions means the end, which Python spells differently.
        pattern = re.sub(r"\$$", r"\\Z", operand)
        return f"{place}: does not match {operand}" if isinstance(value, str) and not re.search(pattern, value) else ""

    def _minItems(self, value, operand, schema, place):
        return f"{place}: too few entries" if isinstance(value, list) and len(value) < operand else ""

    def _maxItems(self, value, operand, schema, place):
        return f"{place}: too many entries" if isinstance(value, list) and len(value) > operand else ""

    def _items(self, value, operand, schema, place):
        entries = enumerate(value) if isinstance(value, list) else ()
        return next(filter(None, (self._refusal(entry, operand, f"{place}/{index}") for index, entry in entries)), "")

    def _required(self, value, operand, schema, place):
        missing = [key for key in operand if key not in value] if isinstance(value, dict) else []
        return f"{place}: lacks {missing[0]}" if missing else ""

    def _dependentRequired(self, value, operand, schema, place):
        keys = [key for key in operand if isinstance(value, dict) and key in value]
        return next(filter(None, (self._required(value, operand[key], schema, place) for key in keys)), "")

    def _properties(self, value, operand, schema, place):
        keys = [key for key in operand if key in value] if isinstance(value, dict) else []
        return next(filter(None, (self._refusal(value[key], operand[key], f"{place}/{key}") for key in keys)), "")

    def _additionalProperties(self, value, operand, schema, place):
        assert operand is False
        unknown = [key for key in value if key not in schema["properties"]] if isinstance(value, dict) else []
        return f"{place}/{unknown[0]}: unknown key" if unknown else ""

    def _allOf(self, value, operand, schema, place):
        return next(filter(None, (self._refusal(value, each, place) for each in operand)), "")

    def _anyOf(self, value, operand, schema, place):
        refusals = [self._refusal(value, each, place) for each in operand]
        return refusals[0] if all(refusals) else ""

    def _not(self, value, operand, schema, place):
        return "" if self._refusal(value, operand, place) else f"{place}: matches what it must not"

    def _if(self, value, operand, schema, place):
        branch = "else" if self._refusal(value, operand, place) else "then"
        return self._refusal(value, schema.get(branch, True), place)
