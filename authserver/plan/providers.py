"""What happens to providers upstream: whose people cannot sign in any more."""

from collections.abc import Iterator

from authserver.plan.consequence import Consequence
from authserver.protocol.client.registry import Registry
from authserver.store import Connection, holdings


def providers(connection: Connection, before: Registry, after: Registry, *, with_names: bool) -> Iterator[Consequence]:
    """The providers that come, go, or change whom they know.

    Google by two settings alone is in no file, and stays where its entry goes.
    """
    for name in sorted(before.providers.keys() - after.providers.keys()):
        yield _left(connection, name, "is removed", with_names=with_names)
    for name in sorted(after.providers.keys() - before.providers.keys()):
        yield Consequence("gained", f"provider {name}", "is new")
    for name in sorted(before.providers.keys() & after.providers.keys()):
        old, new = before.providers[name], after.providers[name]
        if old.issuer != new.issuer:
            # OpenID Connect Core §5.7: an identity is issuer and subject.
            what = f"has another issuer, {new.issuer}, where nobody is known yet"
            yield _left(connection, name, what, with_names=with_names)
        if old.client_id != new.client_id:
            yield Consequence("told", f"provider {name}", "has another client_id; some providers then name people anew")


def _left(connection: Connection, name: str, what: str, *, with_names: bool) -> Consequence:
    usernames = holdings.only_by(connection, name)
    if not usernames:
        return Consequence("told", f"provider {name}", f"{what}; everybody who uses it has another way to sign in")
    what = f"{what}; who has no password and no other provider cannot sign in any more"
    return Consequence("lost", f"provider {name}", what, len(usernames), tuple(usernames) if with_names else ())
