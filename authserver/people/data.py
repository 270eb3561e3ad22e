"""Everything that is kept about a person, as one document: for themselves, or for who answers a request of theirs.

GDPR Articles 15 and 20. https://eur-lex.europa.eu/eli/reg/2016/679/oj
"""

import json
from base64 import b64encode
from dataclasses import asdict
from typing import Any

from authserver.people.change import Change
from authserver.store import Connection, disclosed, events, profiles, sessions
from authserver.store.allowed import applications
from authserver.store.events import EventFilter
from authserver.store.factors import held, recovery_codes
from authserver.store.upstream import identities
from authserver.store.users import User

MOST_EVENTS = 100_000
# A hash is no use to the person it belongs to, only to a thief of the file.
LEFT_OUT = {"password_hash"}


def export(change: Change, user: User) -> None:
    """Keep that the data of a person is handed over. It is read after that is kept, by `data_of`."""
    if change.by.is_administrator:
        change.note("user:data:disclosed", user.sub)
        change.tell(user, "data_disclosed")
    else:
        change.note("user:data:exported", user.sub)


def data_of(connection: Connection, user: User, now: int) -> dict[str, Any]:
    """What is kept about a person, without secrets, as values that JSON has. Times are seconds since the epoch."""
    return {
        "account": {name: value for name, value in asdict(user).items() if name not in LEFT_OUT},
        "picture": _picture(connection, user),
        "sessions": [asdict(each) for each in sessions.of_person(connection, user.sub, now)],
        "second_factors": [asdict(each) for each in held.of_person(connection, user.sub)],
        "recovery_codes_left": recovery_codes.left(connection, user.sub),
        "identities": [asdict(each) for each in identities.of_person(connection, user.sub)],
        "applications": [_without_sets(asdict(each)) for each in applications.of_person(connection, user.sub, now)],
        **disclosed.of_person(connection, user.sub),
        "activity": [
            asdict(each) | {"detail": json.loads(each.detail)}
            for each in events.newest(connection, EventFilter(sub=user.sub), MOST_EVENTS)
        ],
    }


def _without_sets(row: dict[str, Any]) -> dict[str, Any]:
    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in row.items()}


def _picture(connection: Connection, user: User) -> dict[str, Any] | None:
    kept = profiles.picture_of(connection, user.sub)
    if kept is None:
        return None
    return {"type": "image/jpeg", "base64": b64encode(kept.content).decode(), "changed_at": kept.changed_at}
