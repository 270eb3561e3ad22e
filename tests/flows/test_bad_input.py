"""Whatever is sent to whichever endpoint: no 5xx, no redirect off the registered set, no markup, no trace.

The endpoints are asked of the application and the names of parameters are read in its code, so that later ones are
held to this without anybody having to remember. PostgreSQL, and most of what one database is asked in very many
ways, are slow. For a long run: pytest --hypothesis-profile=deep
"""

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from authserver import create_app
from authserver.store import directory
from tests.adversary.drawn import AUTHORIZATIONS, CONTENT_TYPES, HEADERS, JUNK, drawn_requests
from tests.adversary.endpoints import endpoints, refused_methods
from tests.adversary.grants import DECLARED
from tests.adversary.invariants import check
from tests.adversary.names import known_names
from tests.adversary.request import Make, Valid
from tests.adversary.reshaped import RESHAPES
from tests.adversary.sent import Sent, send
from tests.adversary.spoil import MALFORMED, SPOILS, STORABLE, Pairs, encoded, spoiled
from tests.adversary.target import Browser, Target
from tests.adversary.valid import VALID, path_of, valid_requests
from tests.flows.conftest import copy_rows, settings_for
from tests.flows.provider import Clock, Provider
from tests.share import Share, shared, taken

UNLIMITED = {
    "signin_limit_account": "1000000 per minute",
    "signin_limit_address": "1000000 per minute",
    "client_auth_limit": "1000000 per minute",
    "request_limit": "1000000 per minute",
    "registration_limit": "1000000 per minute",
    "registered_clients": 1000000,
    "signin_backoff_after": 100,
    "trusted_proxies": "127.0.0.0/8,198.51.100.0/24",
}


# Alone: with one of these the body is not read, and nothing after it would be tried.
TELLING_LENGTH = ("CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING")


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def target(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, seeded_template: Path
) -> Iterator[Target]:
    folder = tmp_path_factory.mktemp("bad_input")
    path, clients_file = folder / "authserver.db", folder / "clients.yaml"
    shutil.copyfile(seeded_template, path)
    clients_file.write_text(DECLARED)
    url = f"sqlite:///{path}"
    if request.param == "postgresql":
        new = request.getfixturevalue("new_postgresql")()
        copy_rows(url, new)
        url = new
    clock = Clock()
    app = create_app(settings_for(url, clients_file, **UNLIMITED), clock=clock)
    if request.param == "sqlite":
        # What is answered here need not survive anything.
        event.listen(app.server.database.engine, "connect", lambda made, _: made.execute("PRAGMA synchronous=OFF"))
        app.server.database.engine.dispose()
    with app.server.database.read() as connection:
        people = {user.username: user.sub for user in directory.everybody(connection)}
    provider = Provider(app, clock, people, clients_file)
    yield Target(provider)
    provider.close()


def ask(target: Target, sent: Sent) -> int:
    """The status of the answer, once every invariant was found to hold."""
    app = target.provider.app
    response = send(app, sent)
    is_machine = sent.path in app.machine or any(routes.find(sent.path) for routes in app.routes)
    check(target.provider, sent, response, machine=is_machine)
    return response.status_code


def one(target: Target, method: str, rule: str, valid: Valid, **changes: Pairs) -> Sent:
    headers = dict(valid.headers) | ({"HTTP_AUTHORIZATION": valid.authorization} if valid.authorization else {})
    if cookie := target.cookie(valid.browser):
        headers["HTTP_COOKIE"] = cookie
    query, body = changes.get("query", valid.query), changes.get("body", valid.body)
    written, content_type = valid.written(body)
    return Sent(method, path_of(rule, target), encoded(query), written, content_type, headers=headers)


def is_second(target: Target) -> bool:
    """Whether all this was already sent to the other database: then what no database minds is left out."""
    return target.provider.database.engine.dialect.name == "postgresql"


def spoils(target: Target) -> Iterable[str]:
    return sorted(STORABLE) if is_second(target) else SPOILS


def texts(target: Target, values: Iterable[str]) -> list[str]:
    return [text for text in values if not is_second(target) or not text.isprintable() or len(text) > 1000]


def test_every_endpoint_is_found(target: Target) -> None:
    found = endpoints(target.provider.app)
    # A key of VALID that is no endpoint any more would test nothing.
    assert {(method, rule) for method, rule in VALID} <= set(found)
    assert ("GET", "/jwks.json") in found
    assert len(found) > 30


def test_what_is_spoilt_below_is_accepted_as_it_is(target: Target) -> None:
    for (method, rule), makes in VALID.items():
        for make in makes:
            assert ask(target, one(target, method, rule, make(target))) in {200, 201, 204, 303, 403}, (method, rule)


def test_an_administrator_reaches_what_is_theirs(target: Target) -> None:
    found = [each for each in endpoints(target.provider.app) if each[1].startswith(("/admin", "/api/v1/"))]
    assert len(found) > 50
    for method, rule in found:
        for make in valid_requests(method, rule) if method != "HEAD" else ():
            assert ask(target, one(target, method, rule, make(target))) not in {401, 403, 405, 415}, (method, rule)


def named(target: Target, place: str, wanted: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str, Make, bytes]]:
    """Each parameter that valid requests to these endpoints have there."""
    for method, rule in wanted:
        for make in valid_requests(method, rule):
            for name in dict.fromkeys(name for name, _ in getattr(make(target), place)):
                yield method, rule, make, name


def malformed(target: Target, place: str, wanted: Iterable[tuple[str, str]]) -> Iterator[tuple[str, Make, bytes, str]]:
    """Each of those parameters in each way that makes the whole request malformed."""
    for _method, rule, make, name in named(target, place, wanted):
        for spoil in sorted(MALFORMED):
            if (name, spoil.split(maxsplit=1)[0]) != (b"resource", "repeated"):
                yield rule, make, name, spoil


@shared
def test_each_parameter_of_each_endpoint_may_be_spoilt_in_each_way(target: Target, share: Share) -> None:
    faults = []
    for place in ("query", "body"):
        ways = product(named(target, place, endpoints(target.provider.app)), spoils(target))
        for (method, rule, make, name), spoil in taken(share, ways):
            valid = make(target)
            pairs = spoiled(getattr(valid, place), name, spoil)
            try:
                ask(target, one(target, method, rule, valid, **{place: pairs}))
            except AssertionError as fault:
                faults.append(f"{method} {rule}, {name.decode()} in the {place}, {spoil}: {fault}")
    assert faults == []


@shared
def test_every_name_that_anything_reads_may_be_spoilt_at_every_endpoint_at_once(target: Target, share: Share) -> None:
    names = [name.encode() for name in known_names()]
    # What else one value can be is tried above, where an endpoint is known to take it.
    chosen = sorted(STORABLE | {each for each in SPOILS if each.startswith(("canary", "template"))})
    for (method, rule), spoil in taken(share, product(endpoints(target.provider.app), chosen)):
        pairs = [new for name in names for new in spoiled([(name, b"x")], name, spoil)]
        valid = valid_requests(method, rule)[0](target)
        sent = one(target, method, rule, valid, query=pairs, body=pairs)
        # In a header, so that the view of a form is reached although its own field is spoilt.
        ask(target, replace(sent, headers=sent.headers | {"HTTP_X_CSRFTOKEN": target.csrf_token}))


@shared
def test_a_malformed_parameter_makes_the_whole_request_malformed(target: Target, share: Share) -> None:
    wanted = [("POST", rule) for rule in ("/token", "/introspect", "/revoke", "/par")]
    for rule, make, name, spoil in taken(share, malformed(target, "body", wanted)):
        valid = make(target)
        sent = one(target, "POST", rule, valid, body=spoiled(valid.body, name, spoil))
        assert ask(target, sent) in {400, 401}, (rule, name, spoil)


@shared
def test_no_code_comes_of_a_malformed_authorization_request(target: Target, share: Share) -> None:
    for rule, make, name, spoil in taken(share, malformed(target, "query", [("GET", "/authorize")])):
        valid = make(target)
        sent = one(target, "GET", rule, valid, query=spoiled(valid.query, name, spoil))
        response = send(target.provider.app, sent)
        location = response.headers.get("Location", "")
        shown = response.status_code == 400
        posted = response.status_code == 200 and 'name="error"' in response.get_data(as_text=True)
        assert shown or posted or "?error=" in location, (name, spoil)


@pytest.mark.parametrize("rule", ["/token", "/introspect", "/revoke", "/par"])
def test_what_belongs_into_the_body_is_not_read_from_the_query(target: Target, rule: str) -> None:
    for make in valid_requests("POST", rule):
        valid = make(target)
        assert ask(target, one(target, "POST", rule, valid, query=valid.body, body=[])) in {400, 401}


@pytest.mark.parametrize("rule", ["/token", "/introspect", "/revoke", "/par"])
def test_a_second_client_authentication_is_refused(target: Target, rule: str) -> None:
    for make in valid_requests("POST", rule):
        valid = make(target)
        if valid.authorization is None:
            sent = one(target, "POST", rule, valid)
            sent.headers["HTTP_AUTHORIZATION"] = target.credentials
        else:
            sent = one(target, "POST", rule, valid, body=[*valid.body, (b"client_secret", b"x")])
        assert ask(target, sent) == 400


@pytest.mark.parametrize("content_type", CONTENT_TYPES)
def test_only_a_form_is_read_by_the_endpoints_for_machines(target: Target, content_type: str | None) -> None:
    read = {"application/x-www-form-urlencoded"}
    for rule in ("/token", "/introspect", "/revoke", "/par"):
        valid = valid_requests("POST", rule)[0](target)
        sent = one(target, "POST", rule, valid)
        sent = replace(sent, content_type=content_type)
        is_form = (content_type or "").partition(";")[0].lower() in read
        assert (ask(target, sent) in {200, 201}) is is_form


@pytest.mark.parametrize("shape", RESHAPES)
def test_what_a_form_holds_may_come_in_any_other_shape(target: Target, shape: str) -> None:
    for method, rule in endpoints(target.provider.app):
        for make in valid_requests(method, rule) if method == "POST" else ():
            sent = one(target, method, rule, make(target))
            body, content_type = RESHAPES[shape](make(target).body)
            # The token in a header, where scripts would send it, so that the view is reached.
            headers = sent.headers | {"HTTP_X_CSRFTOKEN": target.csrf_token}
            ask(target, replace(sent, body=body, content_type=content_type, headers=headers))


def test_every_other_method_is_refused(target: Target) -> None:
    for method, rule in refused_methods(target.provider.app):
        # A preflight is answered, and allows nothing by itself.
        expected = {204, 405} if method == "OPTIONS" else {405}
        assert ask(target, Sent(method, path_of(rule, target))) in expected, (method, rule)


@shared
def test_every_header_may_hold_anything(target: Target, share: Share) -> None:
    together = [name for name in HEADERS if name not in TELLING_LENGTH]
    junk = texts(target, JUNK)
    # Each header meets each value once, all headers at a time.
    ways = [
        {name: junk[(number + place) % len(junk)] for place, name in enumerate(together)} for number in range(len(junk))
    ]
    lengths = texts(target, ("", "-1", "x", "9" * 30, "9" * 5000))
    ways += [{name: length} for name in TELLING_LENGTH for length in lengths]
    for (method, rule), headers in taken(share, product(endpoints(target.provider.app), ways)):
        sent = one(target, method, rule, valid_requests(method, rule)[0](target))
        ask(target, replace(sent, headers=sent.headers | headers))


@shared
def test_every_endpoint_takes_any_authorization_header(target: Target, share: Share) -> None:
    ways = product(endpoints(target.provider.app), texts(target, AUTHORIZATIONS))
    for (method, rule), authorization in taken(share, ways):
        sent = one(target, method, rule, valid_requests(method, rule)[0](target))
        ask(target, replace(sent, headers=sent.headers | {"HTTP_AUTHORIZATION": authorization}))


@shared
def test_every_endpoint_takes_any_cookies(target: Target, share: Share) -> None:
    browsers: list[Browser] = ["none", "anonymous", "forged", "garbage"]
    ways = product(endpoints(target.provider.app), browsers)
    for (method, rule), browser in taken(share, ways):
        for make in valid_requests(method, rule):
            ask(target, one(target, method, rule, replace(make(target), browser=browser)))


def test_a_body_past_the_limit_is_never_taken(target: Target) -> None:
    headers = {"HTTP_COOKIE": target.cookie("signed in")}
    for method, rule in endpoints(target.provider.app):
        if method == "POST":
            sent = Sent(method, path_of(rule, target), body=b"x=" + b"A" * 70_000, headers=headers)
            assert ask(target, sent) in {400, 404, 413}, rule


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_requests_spoilt_in_many_places_break_nothing(target: Target, data: st.DataObject) -> None:
    ask(target, data.draw(drawn_requests(target, endpoints(target.provider.app))))
