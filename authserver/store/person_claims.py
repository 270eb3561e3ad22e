"""The claims of OpenID Connect Core §5.1 about a person, by the column that holds them."""

import json
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, Connection, bindparam, select

from authserver.protocol.person.claims import PERSON_CLAIMS, PROFILE
from authserver.store.engine.statement import Statement
from authserver.store.tables import users

_COLUMNS: Mapping[str, Column[Any]] = {claim.name: users.c[claim.kept_in] for claim in PERSON_CLAIMS}
_OBJECTS = frozenset(claim.name for claim in PERSON_CLAIMS if claim.type == "object")


def of(connection: Connection, sub: str, names: Collection[str]) -> dict[str, Any]:
    """These claims about a person, None where nothing is known; empty where there is no such person.

    Names of no claim are left out.
    """
    wanted = in_order(names)
    row = _statement(wanted).row(connection, {"person": sub}) if wanted else None
    return {} if row is None else said(wanted, row)


def in_order(names: Collection[str]) -> tuple[str, ...]:
    """Those that are claims, in the order of the table."""
    return tuple(name for name in _COLUMNS if name in names)


def columns(names: Sequence[str]) -> list[Column[Any]]:
    """The columns that hold these claims."""
    return [_COLUMNS[name] for name in names]


def said(names: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    """The claims of the columns with these names."""
    found = dict(zip(names, values, strict=True))
    for name in _OBJECTS.intersection(found):
        found[name] = json.loads(found[name]) if found[name] else None
    return found


def kept(profile: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of what is said of a person."""
    return {name: PROFILE[name].nothing if value is None else _text(name, value) for name, value in profile.items()}


def _text(name: str, value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if name in _OBJECTS else value


# Clients differ in what they ask for: the statements of those that ask most often stay compiled.
@lru_cache(maxsize=256)
def _statement(names: tuple[str, ...]) -> Statement:
    return Statement(select(*columns(names)).where(users.c.sub == bindparam("person")))
