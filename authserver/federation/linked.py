"""`/account/linked`: the providers that sign a person in, added and removed here, but never the last way in."""

from flask import Response, request

from authserver import people
from authserver.federation.attempt import Details, UpstreamSignIn, new_attempt
from authserver.federation.enter import change_by, link_to, map_roles
from authserver.federation.provider import labels, provider_of
from authserver.federation.start import send
from authserver.pages.current import current_server
from authserver.pages.errors import stale_page
from authserver.pages.fault import show, upstream_refusal
from authserver.pages.redirect import see_page
from authserver.protocol.upstream.fault import UpstreamError
from authserver.signin.next_step import is_fresh
from authserver.signin.session import current_session
from authserver.signin.signed_in import signed_in
from authserver.store import users
from authserver.store.sessions import Session
from authserver.store.upstream import identities
from authserver.store.users import User


@signed_in("linked")
def linked(person: User, session: Session) -> Response:
    """List the linked sign-ins, add one or remove one."""
    if request.method == "POST":
        if "add" in request.form:
            return _add(person, request.form["add"])
        return _remove(person, request.form.get("remove", ""))
    server = current_server()
    with server.database.read() as connection:
        found = identities.of_person(connection, person.sub)
    known = labels()
    fault = upstream_refusal(server.providers)
    return show(
        "federation/linked.html",
        person=person,
        session=session,
        linked=[(f"{each.provider} {each.subject}", known.get(each.provider, each.provider), each) for each in found],
        addable=[each for each in server.providers.values() if each.name not in {one.provider for one in found}],
        added=known.get(request.args.get("added", "")),
        removed="removed" in request.args,
        fault=fault,
    )


def _add(person: User, name: str) -> Response:
    attempt = new_attempt(provider_of(name), "link", Details(sub=person.sub))
    try:
        return send(attempt, person.email)
    except UpstreamError as error:
        return attempt.give_up(error)


def link(sign_in: UpstreamSignIn) -> Response:
    """Back from the provider: link, if still the same person is signed in, and freshly. Raises UpstreamError."""
    server, session, identity = current_server(), current_session(), sign_in.person
    if session is None or session.sub != sign_in.attempt.details.sub or not is_fresh(server, session):
        return stale_page()
    with server.database.write() as connection:
        user = users.get(connection, session.sub)
        known = identities.find(connection, identity.issuer, identity.subject)
        if user is None or (known is not None and known.sub != user.sub):
            raise UpstreamError("taken")
        if known is None:
            change = change_by(connection, sign_in.provider)
            link_to(change, sign_in, user)
            map_roles(change, sign_in, user)
    return see_page("federation.linked", added=sign_in.provider.name)


def _remove(person: User, which: str) -> Response:
    server = current_server()
    with server.database.write() as connection:
        change = people.change_of(server, connection)
        person, found = people.held(change, person)
        chosen = next((each for each in found if f"{each.provider} {each.subject}" == which), None)
        if chosen is None:
            return see_page("federation.linked")
        if people.is_last_way_in(person, chosen, found, server.providers.keys()):
            return see_page("federation.linked", via=chosen.provider, fault="last")
        people.unlink(change, person, chosen, label=labels().get(chosen.provider, chosen.provider))
    return see_page("federation.linked", removed=1)
