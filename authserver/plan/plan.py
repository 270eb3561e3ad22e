"""Everything that a changed clients.yaml would do, put together."""

from collections.abc import Iterable
from dataclasses import dataclass

from authserver.access.expectation import Expectation
from authserver.plan.clients import clients, secrets
from authserver.plan.consequence import EFFECTS, Consequence, Effect
from authserver.plan.demands import apis
from authserver.plan.expectations import Disappointed, disappointed
from authserver.plan.factors import factors
from authserver.plan.levels import levels
from authserver.plan.people import people
from authserver.plan.providers import providers
from authserver.plan.registered import FitOf, registered
from authserver.plan.signatures import signatures
from authserver.protocol.client.registry import Registry
from authserver.store import Connection
from authserver.store.holdings import holdings, without_factor


@dataclass(frozen=True, slots=True)
class Plan:
    """What would happen, what is lost first; and which expectations of the new file would not hold."""

    consequences: tuple[Consequence, ...]
    disappointed: tuple[Disappointed, ...]

    def count(self, effect: Effect) -> int:
        """How many consequences have this effect."""
        return sum(consequence.effect == effect for consequence in self.consequences)


def plan(
    connection: Connection,
    before: Registry,
    after: Registry,
    now: int,
    fit_of: FitOf,
    *,
    expected: Iterable[Expectation] = (),
    with_names: bool = False,
    with_secrets: bool = True,
) -> Plan:
    """Compare two versions of clients.yaml against the database at `now`, in seconds since the epoch.

    `fit_of` says how a client that registered itself fits one of them.

    `with_names` keeps the usernames of everybody concerned. Without secrets, nothing is said of them: they were not
    read.
    """
    found = [
        *apis(before, after),
        *clients(connection, before, after, now, with_names=with_names),
        *registered(connection, before, after, now, fit_of),
        *providers(connection, before, after, now, with_names=with_names),
    ]
    found += signatures(before, after)
    if with_secrets:
        found += secrets(before, after, now)
    found += people(holdings(connection, now), before, after, with_names=with_names)
    found += factors(without_factor(connection, now), before, after, now, with_names=with_names)
    found += levels(connection, before, after, now, with_names=with_names)
    found.sort(key=lambda consequence: EFFECTS.index(consequence.effect))
    return Plan(tuple(found), tuple(disappointed(connection, after, expected, now)))
