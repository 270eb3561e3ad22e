"""The claims about a person, by the column that holds them; those of an administrator are in one, as JSON.

OpenID Connect Core §5.1. https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims
"""

import json
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, bindparam, select

from authserver.protocol.person.claims import PERSON_CLAIMS, PROFILE
from authserver.store.engine.statement import Statement
from authserver.store.tables import users

_COLUMNS: Mapping[str, Column[Any]] = {claim.name: users.c[claim.kept_in] for claim in PERSON_CLAIMS}
_OBJECTS = frozenset(claim.name for claim in PERSON_CLAIMS if claim.type == "object")


class KeptClaims(NamedTuple):
    """Names of claims: the standard ones in the order of the table, and those of an administrator."""

    standard: tuple[str, ...]
    own: tuple[str, ...]


def kept_claims(names: Collection[str]) -> KeptClaims:
    """These claims, by where they are kept."""
    return _kept_claims(frozenset(names))


# What a client's scopes open is the same at every request.
@lru_cache(maxsize=256)
def _kept_claims(names: frozenset[str]) -> KeptClaims:
    own = tuple(sorted(names.difference(_COLUMNS)))
    return KeptClaims(tuple(name for name in _COLUMNS if name in names), own)


def columns(standard: Sequence[str], *, with_own: bool) -> tuple[Column[Any], ...]:
    """The columns that hold these standard claims, then the one that holds all others."""
    return (*(_COLUMNS[name] for name in standard), *([users.c.own_claims] if with_own else ()))


def of(connection: Connection, sub: str, names: Collection[str]) -> dict[str, Any]:
    """These claims about a person, None where nothing is known; empty where there is no such person."""
    if not names:
        return {}
    these = kept_claims(names)
    row = _statement(these.standard, bool(these.own)).row(connection, {"person": sub})
    return {} if row is None else said(these, row)


def said(these: KeptClaims, values: Sequence[Any]) -> dict[str, Any]:
    """The claims of their columns."""
    found: dict[str, Any] = dict(zip(these.standard, values, strict=False))
    for name in _OBJECTS.intersection(found):
        found[name] = json.loads(found[name]) if found[name] else None
    if these.own:
        kept = own_of(values[-1])
        found |= {name: kept.get(name) for name in these.own}
    return found


def kept(profile: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of what is said of a person."""
    return {name: PROFILE[name].nothing if value is None else _text(name, value) for name, value in profile.items()}


def own_of(text: str | None) -> dict[str, Any]:
    """The claims of an administrator, declared or not, of the column that holds them."""
    found: dict[str, Any] = json.loads(text) if text else {}
    return found


def own_kept(claims: Mapping[str, Any]) -> str | None:
    """The column of these claims."""
    return json.dumps(dict(sorted(claims.items())), ensure_ascii=False) if claims else None


def _text(name: str, value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if name in _OBJECTS else value


# Clients differ in what they ask for: the statements of those that ask most often stay compiled.
@lru_cache(maxsize=256)
def _statement(standard: tuple[str, ...], with_own: bool) -> Statement:
    return Statement(select(*columns(standard, with_own=with_own)).where(users.c.sub == bindparam("person")))
