"""What happens to providers upstream: whose people cannot sign in any more."""

from collections.abc import Collection, Iterator

from authserver.plan.consequence import Consequence, listed
from authserver.protocol.client.registry import Registry
from authserver.protocol.person.email_address import a_labels
from authserver.protocol.provider import Provider
from authserver.store import Connection, holdings


def providers(
    connection: Connection, before: Registry, after: Registry, now: int, *, with_names: bool
) -> Iterator[Consequence]:
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
        yield from _domains(connection, old, new, with_names=with_names)
        yield from _roles(connection, old, new, now, with_names=with_names)


def _left(connection: Connection, name: str, what: str, *, with_names: bool) -> Consequence:
    usernames = [each.username for each in holdings.only_by(connection, name)]
    if not usernames:
        return Consequence("told", f"provider {name}", f"{what}; everybody who uses it has another way to sign in")
    what = f"{what}; who has no password and no other provider cannot sign in any more"
    return Consequence("lost", f"provider {name}", what, len(usernames), tuple(usernames) if with_names else ())


def _domains(connection: Connection, old: Provider, new: Provider, *, with_names: bool) -> Iterator[Consequence]:
    if not new.allowed_domains or new.allowed_domains == old.allowed_domains:
        return
    left = [
        each.username
        for each in holdings.only_by(connection, new.name)
        if not _is_among(each.email, new.allowed_domains) and _is_let_in(each.email, old)
    ]
    if left:
        what = f"lets in {listed(new.allowed_domains)} alone; who has another address there cannot sign in any more"
        yield Consequence("lost", f"provider {new.name}", what, len(left), tuple(left) if with_names else ())


def _is_let_in(email: str | None, provider: Provider) -> bool:
    return not provider.allowed_domains or _is_among(email, provider.allowed_domains)


def _is_among(email: str | None, domains: Collection[str]) -> bool:
    return a_labels((email or "").rpartition("@")[2]) in domains


def _roles(
    connection: Connection, old: Provider, new: Provider, now: int, *, with_names: bool
) -> Iterator[Consequence]:
    for role in sorted(_given(old) - _given(new)):
        left = holdings.given_by(connection, new.name, role, now)
        what = f"no longer gives the role {role}; who has it that way loses it at the next sign-in"
        yield Consequence("lost", f"provider {new.name}", what, len(left), tuple(left) if with_names else ())


def _given(provider: Provider) -> set[str]:
    return {role for values in provider.roles.values() for role in values.values()}
