"""A provider that hangs is in nobody's way: not in that of the token endpoint, nor in that of another provider."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest

from authserver.federation import metadata as upstreams
from authserver.federation.metadata import Upstreams
from authserver.protocol.provider import Provider, google
from authserver.protocol.upstream.fault import UpstreamError
from authserver.serve.gate import Gate
from tests.flows.federation.conftest import MakeJourney
from tests.flows.federation.journey import Journey, be_patient
from tests.flows.registry import SECRETS
from tests.flows.relying_party import basic
from tests.patience import PATIENCE, eventually
from tests.provider.running import go_through

THREADS, PEOPLE = 2, 6


def read(stream: Any, size: int) -> bytes:
    body: bytes = stream.read(size)
    return body


@pytest.fixture
def journey(make_journey: MakeJourney, monkeypatch: pytest.MonkeyPatch) -> Iterator[Journey]:
    """A server that works on two requests at a time, as it does behind its gate, and waits long for a provider."""
    journey = make_journey(threads=THREADS)
    app = journey.site.app
    be_patient(app)
    monkeypatch.setattr(app, "wsgi_app", Gate(app.wsgi_app, THREADS, 65536, read))
    yield journey
    journey.upstream.may_answer.set()


def give_out_a_token(journey: Journey, *, during: list[Future[Any]]) -> None:
    """At once: none of those who wait has given up before."""
    header = basic("nightly", SECRETS["nightly"])
    answer = journey.site.post("/token", {"grant_type": "client_credentials"}, Authorization=header)
    assert answer.status_code == 200
    assert not any(each.done() for each in during)


def callbacks(journey: Journey) -> list[tuple[Any, str]]:
    """Browsers on their way back from a provider of which this process knows nothing yet, and where they are sent."""
    journey.sign_in()
    be_patient(journey.site.app)
    under_way = []
    for _ in range(PEOPLE):
        journey.browser = journey.site.browser()
        _, landing = journey.ask()
        under_way.append((journey.browser, go_through(journey.start(landing), "ellen")))
    return under_way


@pytest.mark.parametrize("endpoint", ["token", "jwks.json"])
def test_tokens_are_given_out_while_callbacks_wait_for_a_provider(journey: Journey, endpoint: str) -> None:
    under_way = callbacks(journey)
    journey.upstream.wrong[endpoint] = "slow"
    journey.upstream.asked.clear()
    with ThreadPoolExecutor(PEOPLE) as threads:
        waiting = [threads.submit(browser.open, url) for browser, url in under_way]
        # All of them hang: at the token endpoint each by itself, for the keys one for all.
        eventually(lambda: journey.upstream.asked.count("token") == PEOPLE)
        eventually(lambda: journey.upstream.asked.count(endpoint) >= 1)
        give_out_a_token(journey, during=waiting)
        journey.upstream.may_answer.set()
        assert all(each.result().is_outside for each in waiting)
    give_out_a_token(journey, during=[])


def test_tokens_are_given_out_while_people_wait_to_be_led_to_a_provider(journey: Journey) -> None:
    pages = [(browser := journey.site.browser(), browser.open(journey.portal.ask().url)) for _ in range(PEOPLE)]
    journey.upstream.wrong["openid-configuration"] = "slow"
    with ThreadPoolExecutor(PEOPLE) as threads:
        waiting = [threads.submit(browser.submit, page, form=journey.button(page)) for browser, page in pages]
        eventually(lambda: "openid-configuration" in journey.upstream.asked)
        give_out_a_token(journey, during=waiting)
        journey.upstream.may_answer.set()
        assert all("Refresh" in each.result().headers for each in waiting)


def test_tokens_are_given_out_while_logout_tokens_wait_for_the_keys_of_a_provider(journey: Journey) -> None:
    journey.sign_in()
    token = journey.upstream.logout_token(sub="ellen", sid=journey.upstream.sid("ellen"))
    be_patient(journey.site.app)
    journey.upstream.wrong["jwks.json"] = "slow"
    journey.upstream.asked.clear()
    with ThreadPoolExecutor(PEOPLE) as threads:
        path, form = "/federation/example/backchannel-logout", {"logout_token": token}
        waiting = [threads.submit(journey.site.call, "POST", path, data=form) for _ in range(PEOPLE)]
        eventually(lambda: "jwks.json" in journey.upstream.asked)
        give_out_a_token(journey, during=waiting)
        journey.upstream.may_answer.set()
        assert sorted(each.result().status_code for each in waiting) == [200] + [400] * (PEOPLE - 1)


def test_those_who_wait_for_one_provider_are_bounded_and_in_no_other_ones_way() -> None:
    known = Upstreams(timeout=0.0)
    hanging, other = (known.of(provider) for provider in providers())
    with ExitStack() as stack:
        for _ in range(upstreams.MOST_AT_ONCE):
            stack.enter_context(hanging.called())
        with pytest.raises(UpstreamError), hanging.called():
            pass
        with other.called():
            pass
    with hanging.called():
        pass


def test_a_few_wait_for_their_turn_with_a_provider_and_the_next_is_refused_at_once() -> None:
    hanging = Upstreams(timeout=PATIENCE).of(providers()[0])
    end = threading.Event()

    def call() -> None:
        with hanging.called():
            end.wait(PATIENCE)

    all_of_them = upstreams.MOST_AT_ONCE + upstreams.MOST_WAITING
    with ThreadPoolExecutor(all_of_them) as threads:
        calls = [threads.submit(call) for _ in range(all_of_them)]
        eventually(lambda: hanging._admitted._value == 0)
        with pytest.raises(UpstreamError, match="unavailable"), hanging.called():
            pass
        end.set()
        for each in calls:
            each.result()


def providers() -> list[Provider]:
    one = google("authserver", "secret")
    return [one, replace(one, name="other")]
