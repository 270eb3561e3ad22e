"""What is kept about a person and stands on no page, for who asks for everything: nothing of it is a secret."""

from typing import Any

from sqlalchemy import Connection, Table, bindparam, select

from authserver.store.allowed.tables import authorizations
from authserver.store.engine.statement import Statement
from authserver.store.factors.tables import factor_notices, passkey_offers, recovery_codes
from authserver.store.tables import devices, links, sessions


class _Kept:
    """These columns of the rows of a person, by the first of them. The others are secrets, digests, or of no person."""

    def __init__(self, table: Table, *names: str) -> None:
        self._names = names
        self._rows = Statement(
            select(*(table.c[name] for name in names))
            .where(table.c.sub == bindparam("person"))
            .order_by(table.c[names[0]])
        )

    def of_person(self, connection: Connection, sub: str) -> list[dict[str, Any]]:
        return [dict(zip(self._names, row, strict=True)) for row in self._rows.rows(connection, {"person": sub})]


_KEPT = {
    "authorizations": _Kept(
        authorizations,
        *("created_at", "requested_by", "client_id", "sid", "scope", "audiences", "api_scopes", "claims"),
        *("redirect_uri", "auth_time", "amr", "acr", "provider", "code_redeemed_at", "expires_at", "revoked_at"),
    ),
    # Those of the last day that have ended, too.
    "all_sessions": _Kept(
        sessions,
        *("created_at", "sid", "completed_at", "last_seen_at", "expires_at", "ended_at", "user_agent", "address"),
        *("provider", "upstream_sid"),
    ),
    "known_browsers": _Kept(devices, "created_at", "expires_at", "trusted_until"),
    # What a link does, its `detail`, repeats what stands elsewhere, and can hold the hash of a password.
    "links": _Kept(links, "created_at", "kind", "email", "expires_at", "spent_at"),
    "recovery_codes": _Kept(recovery_codes, "created_at", "used_at"),
    "factor_notices": _Kept(factor_notices, "next_at"),
    "passkey_offers": _Kept(passkey_offers, "declined_until"),
}


def of_person(connection: Connection, sub: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of each kind. Times are seconds since the epoch."""
    return {name: kept.of_person(connection, sub) for name, kept in _KEPT.items()}
