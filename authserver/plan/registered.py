"""Which clients that registered themselves (RFC 7591) a changed clients.yaml no longer takes, or takes again."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from authserver.plan.consequence import Consequence, listed
from authserver.protocol.client.registered import Fit
from authserver.protocol.client.registry import Registry
from authserver.store import Connection
from authserver.store.allowed import in_use
from authserver.store.registration import clients as store

# How the registration of a client fits a registry: its id, its metadata, and the digest of its secret.
FitOf = Callable[[Registry, str, Mapping[str, Any], bytes | None], Fit]
STEP = 500


def registered(
    connection: Connection, before: Registry, after: Registry, now: int, fit_of: FitOf
) -> Iterator[Consequence]:
    """Everything about them; one that is disabled has nothing to lose."""
    last = ""
    while rows := store.page(connection, last, STEP):
        for row in rows:
            if row.disabled_at is None:
                was, becomes = (
                    fit_of(registry, row.client_id, row.metadata, row.secret_digest) for registry in (before, after)
                )
                yield from _changed(connection, row.client_id, was, becomes, now)
        last = rows[-1].client_id


def _changed(connection: Connection, client_id: str, was: Fit, becomes: Fit, now: int) -> Iterator[Consequence]:
    subject = f"registered client {client_id}"
    if becomes.fault and not was.fault:
        people = in_use.living(connection, [client_id], now).get(client_id, in_use.NOBODY).people
        yield Consequence("lost", subject, f"would no longer fit: {becomes.fault}", people)
    elif was.fault and not becomes.fault:
        yield Consequence("gained", subject, "would fit again")
    elif not becomes.fault:
        yield from _scopes(subject, set(was.lost_scopes), set(becomes.lost_scopes))


def _scopes(subject: str, missed: set[str], misses: set[str]) -> Iterator[Consequence]:
    if lost := misses - missed:
        yield Consequence("lost", subject, f"would no longer have {listed(lost)}, which no file declares any more")
    if gained := missed - misses:
        yield Consequence("gained", subject, f"would have {listed(gained)} again")
