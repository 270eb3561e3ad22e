"""What an unquoted word of YAML is: text, a number, a date, true, false or nothing.

YAML 1.1 and 1.2 differ on some words (`no`, `010`, `1:30`): those become `Unclear` and are refused.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime

from yaml import SafeLoader

Scalar = str | int | bool | date | datetime | None


@dataclass(frozen=True, slots=True)
class Unclear:
    """A value that is not used; `kind` says what stood there."""

    kind: str


# Takes the place of a value that has been reported already.
BROKEN = Unclear("")

_TAG = "tag:yaml.org,2002:"
_RESOLVERS = {
    first: [(tag.removeprefix(_TAG), pattern) for tag, pattern in rules]
    for first, rules in SafeLoader.yaml_implicit_resolvers.items()
}
_PLAIN_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,15})", re.ASCII)
_WORDS = {"true": True, "false": False}


def resolve(text: str) -> Scalar | Unclear:
    """The value of an unquoted scalar."""
    for tag, pattern in _RESOLVERS.get(text[:1], ()):
        if pattern.match(text):
            return _value(tag, text)
    return text


def _value(tag: str, text: str) -> Scalar | Unclear:
    if tag == "null":
        return None
    if tag == "bool":
        return _WORDS.get(text.lower(), Unclear("true or false"))
    if tag == "int":
        return int(text) if _PLAIN_INTEGER.fullmatch(text) else Unclear("a number")
    if tag == "float":
        return Unclear("a number")
    if tag == "timestamp":
        return _moment(text)
    return text


def _moment(text: str) -> date | datetime | Unclear:
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        return Unclear("a date")


def kind_of(value: object) -> str:
    """What a YAML reader sees in a value, in words."""
    if isinstance(value, Unclear):
        return value.kind
    for kinds, words in (
        (bool, "true or false"),
        ((int, float), "a number"),
        (date, "a date"),
        (dict, "a mapping"),
        (list, "a list"),
        (str, "text"),
    ):
        if isinstance(value, kinds):
            return words
    return "nothing"
