"""One server, in a process of its own, for relying parties that other people wrote."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.browser import Browser
from tests.flows.conftest import seeded_template
from tests.flows.registry import CLIENTS_YAML, USERS
from tests.flows.served import Served, serve
from tests.foreign.remote import remote_browser

__all__ = ["seeded_template"]


@pytest.fixture(scope="session")
def served(seeded_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("foreign")
    shutil.copyfile(seeded_template, folder / "authserver.db")
    limits = dict.fromkeys(("signin_limit_account", "signin_limit_address"), "1000 per minute")
    # So that the first start makes a key for it, which then signs at once.
    declared = CLIENTS_YAML.replace(f"    audience: {USERS}\n", f"    audience: {USERS}\n    signing_alg: EdDSA\n")
    yield from serve(folder, f"sqlite:///{folder / 'authserver.db'}", workers=1, declared=declared, **limits)


@pytest.fixture
def browser(served: Served) -> Iterator[Browser]:
    """A browser of ada's, without cookies."""
    with remote_browser(served.issuer) as browser:
        yield browser
