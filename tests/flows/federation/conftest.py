"""A server with the example provider upstream, and people who come through it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.flows.conftest import MakeProvider
from tests.flows.federation.journey import SECRET, Journey, be_patient
from tests.flows.provider import Clock
from tests.flows.registry import CLIENTS_YAML
from tests.provider.running import running
from tests.provider.state import State

MakeJourney = Callable[..., Journey]
DEFAULTS = "sign_up: true"


@pytest.fixture
def clock() -> Clock:
    """The clock of both."""
    return Clock()


@pytest.fixture
def upstream(clock: Clock) -> Iterator[State]:
    """The example provider."""
    with running("authserver", SECRET, clock) as state:
        yield state


@pytest.fixture
def make_journey(
    make_provider: MakeProvider, upstream: State, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> MakeJourney:
    """A server that knows the provider by these rules (flow YAML)."""
    monkeypatch.setenv("EXAMPLE_SECRET", SECRET)

    def make(rules: str = DEFAULTS, clients: str = CLIENTS_YAML, **settings: Any) -> Journey:
        entry = f"issuer: '{upstream.issuer}', client_id: authserver, secret: {{env: EXAMPLE_SECRET}}, label: Example"
        text = f"{clients}providers:\n  example: {{{entry}, {rules}}}\n"
        (tmp_path / "clients.yaml").write_text(text)
        site = make_provider(**settings)
        if "upstream_timeout" not in settings:
            # More than the setting allows.
            be_patient(site.app)
        site.app.server.clock = clock
        site.clock = clock
        return Journey(site, upstream, site.browser())

    return make


@pytest.fixture
def journey(make_journey: MakeJourney) -> Journey:
    """By the rules that most tests go by: new people get an account, nothing is trusted."""
    return make_journey()


@pytest.fixture
def trusting(make_journey: MakeJourney) -> Journey:
    """The provider is the one to say whose the addresses at example.org and example.com are."""
    return make_journey("sign_up: true, trusted_domains: [example.org, example.com]")
