"""The reference page of the audit events, from the vocabulary and from the calls that write them."""

import ast
from pathlib import Path
from typing import get_args

import authserver
from authserver.events.names import WARNINGS, WHEN, EventName

SOURCES = Path(authserver.__file__).parent
HEAD = """# Audit events

Made from `authserver/events/names.py` and the calls that write the events by `make docs`.

Each event is a line in the log and a row in the database, for as long as `AUTHSERVER_EVENTS_RETENTION` says. Beside its
name it has the time, `sub` (the person), `client_id`, `address` and `request_id`, as far as there are any, and the
fields below. What an administrator does has `by` (who) and `through` (`pages`, `api`, or `command line`) too, and
`caller` (the client that asked the API); what a provider brings about has `provider`.
`authserver events list --name user:login:` and the API find events by name or by the beginning of one.

*Kept* says what a killed process can lose: a row that is written `with the change` is there exactly if the change is;
one that is written `after` it can be lost with the last half second, never its line in the log.

| event | when | fields | level | kept |
|---|---|---|---|---|
"""
# Who writes an event, and which of the arguments are no fields of its own.
WRITERS = {"emit", "note"}
OF_EVERY_EVENT = {"sub", "client_id", "within"}
NAMES = frozenset(get_args(EventName))


def events_reference() -> str:
    """The page about the audit events. Raises KeyError for an event without a text, or one that nothing writes."""
    calls = _calls()
    return HEAD + "".join(_row(name, calls[name]) for name in sorted(NAMES))


def _row(name: EventName, calls: list[ast.Call]) -> str:
    arguments = {keyword.arg for call in calls for keyword in call.keywords if keyword.arg}
    fields = ", ".join(f"`{field}`" for field in sorted(arguments - OF_EVERY_EVENT))
    level = "warning" if name in WARNINGS else "info"
    kept = "with the change" if all(_is_within(call) for call in calls) else "after"
    return f"| `{name}` | {WHEN[name]} | {fields} | {level} | {kept} |\n"


def _is_within(call: ast.Call) -> bool:
    # `Change.note`, a method, always passes its transaction on.
    return isinstance(call.func, ast.Attribute) or any(keyword.arg == "within" for keyword in call.keywords)


def _calls() -> dict[str, list[ast.Call]]:
    """The calls that write each event. One with a variable for the name writes what else its file names."""
    found: dict[str, list[ast.Call]] = {}
    for path in sorted(SOURCES.rglob("*.py")):
        tree = ast.parse(path.read_text())
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _writes(node)]
        direct = {id(each) for call in calls for each in _events_in(*call.args)}
        others = [each.value for each in _events_in(tree) if id(each) not in direct]
        for call in calls:
            for name in [each.value for each in _events_in(*call.args)] or others:
                found.setdefault(str(name), []).append(call)
    return found


def _writes(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return name in WRITERS


def _events_in(*nodes: ast.AST) -> list[ast.Constant]:
    constants = (each for node in nodes for each in ast.walk(node) if isinstance(each, ast.Constant))
    return [each for each in constants if isinstance(each.value, str) and each.value in NAMES]
