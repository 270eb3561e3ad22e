"""A running server makes a client when somebody asks for it, and it is the one that reading the whole file makes."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from authserver.clients.build import as_client
from authserver.clients.entries.client import ClientEntry
from authserver.clients.load import DEFAULT_ISSUER, load, load_to_serve
from authserver.clients.served import first_use, packed
from authserver.protocol.client.client import Client
from authserver.protocol.client.logo import Logo
from authserver.protocol.client.registry import Registry
from authserver.protocol.client.secret import Secret
from tests.clients.files import ENVIRON, SOUND, with_client
from tests.pictures import picture

EC = json.dumps({"keys": [ECKey.generate_key("P-256").as_dict(private=False)]})
WEB = "type: web, secrets: [{env: PORTAL_SECRET}], redirect_uris: [https://b.example/callback], apis: [reports]"
FAPI = f"type: service, apis: [reports], token_endpoint_auth_method: private_key_jwt, jwks: {EC}"
ISSUERS = "workload_issuers: {ci: {issuer: https://ci.example.com}}\n"
FILES = {
    "the example": (Path(__file__).parents[1] / "example.yaml").read_text(),
    "sound": SOUND,
    "an algorithm": with_client(f"{WEB}, signing_alg: EdDSA"),
    "an algorithm of ID tokens": with_client(f"{WEB}, id_token_signed_response_alg: PS256"),
    "an algorithm of userinfo": with_client(f"{WEB}, userinfo_signed_response_alg: ES256"),
    "FAPI 2.0 for a client": with_client(f"{FAPI}, profile: fapi2"),
    "a date": with_client(WEB.replace("SECRET}", "SECRET, expires: 2099-01-31}")),
    "a moment": with_client(WEB.replace("SECRET}", "SECRET, expires: 2099-01-31T12:00:00+02:00}")),
    "pairwise": with_client(f"{WEB}, subject_type: pairwise"),
    "claims": with_client(f"{WEB}, claims: {{id_token: {{roles: groups}}}}"),
    "limits": with_client(WEB.replace("[reports]", "{reports: [read:reports]}")),
    "workloads": ISSUERS + with_client("type: service, workloads: [{issuer: ci, subject: a:b}], apis: [reports]"),
}


class _Everything(dict[str, str]):
    """Every variable that a file may name."""

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> str:
        return name.ljust(40, "x")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "clients.yaml"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the clients that are made of what stands for them."""
    found: list[str] = []

    def noted(entry: ClientEntry, secrets: tuple[Secret, ...], *, is_fapi: bool, logo: Logo | None) -> Client:
        found.append(entry.client_id)
        return as_client(entry, secrets, is_fapi=is_fapi, logo=logo)

    monkeypatch.setattr(first_use, "as_client", noted)
    return found


def _served(path: Path, text: str) -> Registry:
    path.write_text(text)
    return load_to_serve(path, ENVIRON, issuer=DEFAULT_ISSUER).registry


@pytest.mark.parametrize("text", FILES.values(), ids=FILES)
def test_it_comes_to_the_same_as_making_all_at_once(path: Path, text: str) -> None:
    path.write_text(text)
    served, whole = load_to_serve(path, _Everything(), issuer=DEFAULT_ISSUER), load(path, _Everything())
    assert (served.registry, served.files, served.text) == (whole.registry, whole.files, whole.text)
    assert list(served.registry.clients) == list(whole.registry.clients)


def test_none_is_made_before_somebody_asks_for_it(path: Path, made: list[str]) -> None:
    registry = packed.unpack(packed.pack(packed.Verdict(_served(path, with_client(WEB))))).registry
    assert (len(registry.clients), "other" in registry.clients, made) == (2, True, [])
    assert (registry.client("nobody"), registry.client(None), made) == (None, None, [])
    other = registry.client("other")
    assert (other is registry.client("other"), made) == (True, ["other"])


def test_threads_that_ask_at_once_get_the_same(path: Path) -> None:
    registry = _served(path, SOUND)
    with ThreadPoolExecutor(8) as pool:
        found = set(map(id, pool.map(registry.client, ["portal"] * 64)))
    assert len(found) == 1


def _reloaded(path: Path, text: str, known: Registry, secret: str = ENVIRON["PORTAL_SECRET"]) -> Registry:
    """What a worker has after its parent has read another file."""
    path.write_text(text)
    loaded = load_to_serve(path, {"PORTAL_SECRET": secret}, issuer=DEFAULT_ISSUER)
    return packed.unpack(packed.pack(packed.Verdict(loaded.registry)), known.clients).registry


def test_after_a_change_those_that_are_the_same_stay_and_the_others_are_made_anew(path: Path) -> None:
    before = _served(path, with_client(WEB))
    portal, other = before.clients["portal"], before.clients["other"]
    changed = _reloaded(path, with_client(f"{WEB}, consent: never"), before)
    assert changed.client("portal") is portal
    assert (changed.clients["other"].consent, other.consent) == ("never", "once")
    gone = _reloaded(path, SOUND, changed)
    assert (gone.client("other"), gone.client("portal") is portal) == (None, True)


def test_another_secret_makes_another_client(path: Path) -> None:
    before = _served(path, SOUND)
    portal = before.clients["portal"]
    after = _reloaded(path, SOUND, before, "n" * 40).clients["portal"]
    assert (after.secrets != portal.secrets, after.name) == (True, portal.name)


def test_another_logo_makes_another_client(path: Path) -> None:
    logo, text = path.parent / "logo.png", f"{SOUND}    logo: logo.png\n"
    logo.write_bytes(picture("PNG", size=(8, 8)))
    before = _served(path, text)
    portal = before.clients["portal"]
    assert _reloaded(path, text, before).clients["portal"] is portal
    logo.write_bytes(picture("PNG", size=(9, 9)))
    after = _reloaded(path, text, before).clients["portal"]
    assert (after.logo is None, after.logo == portal.logo) == (False, False)
