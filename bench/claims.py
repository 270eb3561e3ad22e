"""`python -m bench.claims`: how long it takes to work out what people may do, for 10,000 of them."""

import random
import sys
import time

from authserver.access.effective import effective_roles
from authserver.access.included import included_roles
from authserver.protocol.client.api import Api
from authserver.protocol.client.client import Client
from authserver.protocol.client.registry import Registry, build_registry
from authserver.protocol.token.access_token import Grantee, access_token_claims
from authserver.protocol.token.reach import Allowed, reach_of_person

PEOPLE, ROLES, ROLES_EACH, PERMISSIONS, PERMISSIONS_EACH = 10_000, 50, 5, 500, 50
TARGET_MICROSECONDS = 100


def scene() -> tuple[Registry, Client, list[tuple[str, ...]]]:
    """A registry, a client, and the roles of each person; the same in every run."""
    dice = random.Random(1)
    permissions = [f"do:thing{number:03}" for number in range(PERMISSIONS)]
    roles = {f"role{number}": frozenset(dice.sample(permissions, PERMISSIONS_EACH)) for number in range(ROLES)}
    api = Api("api", "https://api.example.com", {name: name for name in permissions})
    client = Client("client", "Client", "spa", "none", apis=("api",))
    included = included_roles(dict.fromkeys(roles, ()))
    registry = build_registry("1", {"client": client}, {"api": api}, roles, None, frozenset(), included=included)
    return registry, client, [tuple(dice.sample(list(roles), ROLES_EACH)) for _ in range(PEOPLE)]


def main() -> None:
    """Measure and print microseconds for one person."""
    registry, client, people = scene()
    allowed = Allowed(("openid",), ("https://api.example.com",), None, None)
    began = time.process_time()
    for given in people:
        roles = effective_roles(registry, given)
        grantee = Grantee("s", roles, 1)
        access_token_claims(
            registry,
            client,
            grantee,
            reach_of_person(registry, client, roles, allowed),
            issuer="https://login.example.com",
            jti="j",
            now=1,
            default_lifetime=1,
        )
    each = (time.process_time() - began) / PEOPLE * 1e6
    sys.stdout.write(f"{each:.0f} µs of claims for one of {PEOPLE} people; to reach: under {TARGET_MICROSECONDS}\n")


if __name__ == "__main__":
    main()
