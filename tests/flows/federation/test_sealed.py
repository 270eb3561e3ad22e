"""What lies sealed under a master key that is gone costs a person a step, never a failure."""

import json

from sqlalchemy import select, update
from structlog.testing import capture_logs

from authserver.master_key import MasterKey, new_key
from authserver.store.tables import federation_attempts, sessions
from tests.flows.federation.conftest import MakeJourney
from tests.flows.federation.journey import Journey, leads_to, parameters_of
from tests.flows.federation.test_linking import PROOF, as_ada
from tests.flows.federation.test_sign_out import RULES, is_signed_in, sign_out
from tests.provider.running import go_through

STALE = "This sign-in has expired"


def lose_key(journey: Journey) -> None:
    """As if everything had been sealed under a key that was dropped too early."""
    foreign = MasterKey([new_key()], "a test").seal(b"{}")
    with journey.site.database.write() as connection:
        connection.execute(update(sessions).values(upstream_id_token=foreign))
        connection.execute(update(federation_attempts).values(sealed=foreign))


def as_kept_by_a_newer_release(journey: Journey) -> None:
    """As if a node of another release, which knows one more thing to check, had kept what is kept."""
    master = journey.site.app.server.master
    with journey.site.database.write() as connection:
        (sealed,) = connection.scalars(select(federation_attempts.c.sealed))
        kept = json.loads(master.unseal(sealed)) | {"something_new": 1}
        connection.execute(update(federation_attempts).values(sealed=master.seal(json.dumps(kept).encode())))


def test_a_sign_out_whose_hint_cannot_be_read_is_here_alone(make_journey: MakeJourney) -> None:
    journey = make_journey(RULES)
    journey.sign_in()
    lose_key(journey)
    with capture_logs() as logged:
        landing = sign_out(journey)
    assert [line["provider"] for line in logged if line["event"] == "federation:logout_failed"] == ["example"]
    assert landing.status == 200
    assert "Refresh" not in landing.headers
    assert not is_signed_in(journey)


def test_a_way_back_that_cannot_be_read_leads_home(make_journey: MakeJourney) -> None:
    journey = make_journey(RULES)
    journey.sign_in()
    asked = parameters_of(leads_to(sign_out(journey)))
    lose_key(journey)
    home = journey.browser.open(f"/federation/example/signed-out?state={asked['state']}")
    assert home.url.rstrip("/") == journey.site.issuer


def test_a_sign_in_that_cannot_be_read_begins_again(journey: Journey) -> None:
    _, landing = journey.ask()
    url = go_through(journey.start(landing), "ellen")
    lose_key(journey)
    page = journey.browser.open(url)
    assert (page.status, page.heading) == (400, STALE)


def test_a_sign_in_that_a_newer_release_began_begins_again(journey: Journey) -> None:
    _, landing = journey.ask()
    url = go_through(journey.start(landing), "ellen")
    as_kept_by_a_newer_release(journey)
    page = journey.browser.open(url)
    assert (page.status, page.heading) == (400, STALE)


def test_a_proof_that_cannot_be_read_begins_again(journey: Journey) -> None:
    as_ada(journey)
    _, landing = journey.ask()
    page = journey.through(landing)
    assert page.heading == PROOF
    lose_key(journey)
    again = journey.browser.open(page.url)
    assert (again.status, again.heading) == (400, STALE)
