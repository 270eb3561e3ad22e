"""What happens to the clients themselves: who loses access, which addresses and scopes in use are withdrawn."""

from collections.abc import Iterator

from authserver.plan.consequence import Consequence, counted, listed
from authserver.plan.demands import demands
from authserver.protocol.client.client import Client
from authserver.protocol.client.registry import Registry
from authserver.protocol.client.secret import Secret
from authserver.protocol.request.redirect_uri import matches
from authserver.protocol.token.api_scopes import open_permissions
from authserver.store import Connection, holdings
from authserver.store.allowed import in_use

DAY = 86400
SOON = 30 * DAY
_TYPE_AND_METHOD = ("type", "token_endpoint_auth_method")


def clients(
    connection: Connection, before: Registry, after: Registry, now: int, *, with_names: bool
) -> Iterator[Consequence]:
    """Everything about single clients; `now` in seconds since the epoch."""
    gone = before.clients.keys() - after.clients.keys()
    living = in_use.living(connection, gone, now)
    for client_id in sorted(gone):
        yield _removed(client_id, living.get(client_id, in_use.NOBODY))
    for client_id in sorted(after.clients.keys() - before.clients.keys()):
        yield Consequence("gained", f"client {client_id}", "is new")
    for client_id in sorted(before.clients.keys() & after.clients.keys()):
        old, new = before.client(client_id), after.client(client_id)
        if old is not None and new is not None and old != new:
            yield from _changed(connection, before, after, old, new, now, with_names=with_names)


def _removed(client_id: str, living: in_use.Living) -> Consequence:
    ends = counted(living.authorizations, "authorization that lives ends", "authorizations that live end")
    what = f"is removed; {ends} with it" if living.authorizations else "is removed; nobody has access through it now"
    return Consequence("lost", f"client {client_id}", what, living.people)


def _changed(
    connection: Connection,
    before: Registry,
    after: Registry,
    old: Client,
    new: Client,
    now: int,
    *,
    with_names: bool,
) -> Iterator[Consequence]:
    subject = f"client {new.client_id}"
    for name in _TYPE_AND_METHOD:
        was, becomes = getattr(old, name), getattr(new, name)
        if was != becomes and None not in {was, becomes}:
            yield Consequence("lost", subject, f"{name} changes from {was} to {becomes}, which its software must know")
    if withdrawn := old.grant_types - new.grant_types:
        yield Consequence("lost", subject, f"may no longer use the grant {listed(withdrawn)}")
    yield from _workloads(subject, old, new)
    yield from _addresses(connection, subject, old, new)
    yield from _scopes(connection, subject, old, new, now)
    yield from _apis(connection, subject, before, after, old, new, now)
    yield from demands(subject, old, new)
    if new.provider is not None and new.provider != old.provider:
        left = holdings.without(connection, new.provider) if with_names else []
        count = len(left) if with_names else holdings.count_without(connection, new.provider)
        what = f"lets people in by the provider {new.provider} alone; who has not linked it cannot sign in any more"
        yield Consequence("lost", subject, what, count, tuple(left))
    if old.consent != new.consent:
        yield Consequence("told", subject, f"consent changes from {old.consent} to {new.consent}")


def _workloads(subject: str, old: Client, new: Client) -> Iterator[Consequence]:
    for each in old.workloads:
        if each not in new.workloads:
            yield Consequence("lost", subject, f"{each.subject} of {each.issuer} may no longer act as it")
    for each in new.workloads:
        if each not in old.workloads:
            yield Consequence("gained", subject, f"{each.subject} of {each.issuer} may act as it")


def _addresses(connection: Connection, subject: str, old: Client, new: Client) -> Iterator[Consequence]:
    if set(old.redirect_uris) - set(new.redirect_uris):
        for uri, times in sorted(in_use.redirect_uris(connection, new.client_id).items()):
            if _matches(old, uri) and not _matches(new, uri):
                used = counted(times, "sign-in that is still kept", "sign-ins that are still kept")
                yield Consequence("lost", subject, f"the redirect URI {uri} is withdrawn and was used by {used}")
    if withdrawn := set(old.post_logout_redirect_uris) - set(new.post_logout_redirect_uris):
        yield Consequence("lost", subject, f"people no longer return to {listed(withdrawn)} after signing out")


def _matches(client: Client, uri: str) -> bool:
    return matches(client.redirect_uris, uri, client.type)


def _scopes(connection: Connection, subject: str, old: Client, new: Client, now: int) -> Iterator[Consequence]:
    withdrawn = old.scopes - new.scopes
    if not withdrawn:
        return
    held = in_use.scopes(connection, new.client_id, now)
    for scope in sorted(withdrawn):
        times = sum(count for text, count in held.items() if scope in text.split())
        uses = counted(times, "living authorization has", "living authorizations have")
        yield Consequence("lost", subject, f"the scope {scope} is withdrawn; {uses} it")


def _apis(
    connection: Connection, subject: str, before: Registry, after: Registry, old: Client, new: Client, now: int
) -> Iterator[Consequence]:
    withdrawn = [before.apis[name].audience for name in old.apis if name not in new.apis]
    if withdrawn:
        held = in_use.audiences(connection, new.client_id, now)
        for audience in sorted(withdrawn):
            times = sum(count for text, count in held.items() if audience in text.split())
            uses = counted(times, "living authorization was", "living authorizations were")
            yield Consequence("lost", subject, f"may no longer call the API {audience}; {uses} given for it")
    for name in sorted(set(old.apis) & set(new.apis) & before.apis.keys() & after.apis.keys()):
        had, has = open_permissions(old, before.apis[name]), open_permissions(new, after.apis[name])
        # What the API itself no longer has is lost to everybody, and told of people.
        if lost := set(had).intersection(after.apis[name].permissions).difference(has):
            yield Consequence("lost", subject, f"may no longer have {listed(lost)} of {name}")
    if old.gets_unasked and not new.gets_unasked:
        yield Consequence("lost", subject, "gets only the permissions that it names in scope")
    if old.apis and new.apis and old.apis[0] != new.apis[0] and old.apis[0] in new.apis:
        audience = after.apis[new.apis[0]].audience
        yield Consequence("told", subject, f"a token for which no API is named is for {audience} from now on")


def secrets(before: Registry, after: Registry, now: int) -> Iterator[Consequence]:
    """The secrets of clients that end, at once or within `SOON` seconds."""
    for client_id in sorted(before.clients.keys() & after.clients.keys()):
        old, new = before.client(client_id), after.client(client_id)
        if old is not None and new is not None:
            yield from _secrets(f"client {client_id}", old.secrets, new.secrets, now)


def _secrets(subject: str, old: tuple[Secret, ...], new: tuple[Secret, ...], now: int) -> Iterator[Consequence]:
    kept, had = (frozenset(each.digest for each in secrets if _lives(each, now)) for secrets in (new, old))
    if ended := had - kept:
        what = counted(len(ended), "secret is", "secrets are")
        stays = bool(kept & had)
        left = "another that it may know stays" if stays else "none that it may know stays"
        yield Consequence("told" if stays else "lost", subject, f"{what} no longer valid; {left}")
    ends = [each.expires_at for each in new if each.expires_at is not None]
    if new and len(ends) == len(new) and now < max(ends) <= now + SOON:
        yield Consequence(
            "told", subject, f"its last secret ends in {counted((max(ends) - now) // DAY, 'day', 'days')}"
        )


def _lives(secret: Secret, now: int) -> bool:
    return secret.expires_at is None or now < secret.expires_at
