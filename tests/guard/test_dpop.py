"""Bound tokens at a guarded application, whatever framework it is written in (RFC 9449 §7)."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from authserver.guard import Guard, InvalidProofError, InvalidTokenError, MemoryReplays, SentRequest
from authserver.guard.checks.proof import check_proof, place_of
from tests.flows.dpop import ProofKey
from tests.flows.provider import Clock as FlowClock
from tests.guard.conftest import Clock, build_guard
from tests.guard.frameworks import ASGI, WSGI, Header, Served, serving
from tests.guard.issuer import AUDIENCE, NOW, Issuer

KEY = ProofKey(FlowClock(NOW))
KEYS = [
    KEY,
    ProofKey(KEY.clock, ed25519.Ed25519PrivateKey.generate(), "EdDSA"),
    ProofKey(KEY.clock, rsa.generate_private_key(65537, 2048), "PS256"),
]
URL = f"{AUDIENCE}/read"
ALGS = 'algs="ES256 Ed25519 EdDSA PS256 RS256"'


@pytest.fixture(params=[*WSGI, *ASGI])
def served(request: pytest.FixtureRequest, guard: Guard) -> Iterator[Served]:
    with serving(request.param, guard) as served:
        yield served


def bound(issuer: Issuer, key: ProofKey = KEY) -> str:
    return issuer.token(cnf={"jkt": key.jkt})


def sent(token: str, proof: str, scheme: str = "DPoP") -> list[Header]:
    return [("Authorization", f"{scheme} {token}"), ("DPoP", proof)]


def test_a_bound_token_reaches_the_route_with_its_proof_once(served: Served, issuer: Issuer) -> None:
    token = bound(issuer)
    headers = sent(token, KEY.proof("GET", URL, token))
    assert served.get("/read", *headers).text == "ada"
    again = served.get("/read", *headers)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_dpop_proof")
    assert again.headers["WWW-Authenticate"].startswith(f'DPoP realm="{AUDIENCE}", error="invalid_dpop_proof"')
    assert again.headers["WWW-Authenticate"].endswith(ALGS)


def test_access_token_type_header_case_sensitivity(served: Served, issuer: Issuer) -> None:
    token = bound(issuer)
    for scheme in ("dpop", "DPOP"):
        assert served.get("/read", *sent(token, KEY.proof("GET", URL, token), scheme)).text == "ada"


def test_a_bound_token_is_no_bearer_token_and_the_other_way_round(served: Served, issuer: Issuer) -> None:
    token, plain = bound(issuer), issuer.token()
    for headers in (
        sent(token, KEY.proof("GET", URL, token), "Bearer"),
        [("Authorization", f"Bearer {token}")],
        sent(plain, KEY.proof("GET", URL, plain)),
        sent(other := issuer.token(cnf={"x5t#S256": "x"}), KEY.proof("GET", URL, other)),
        sent(other := issuer.token(cnf="x"), KEY.proof("GET", URL, other)),
    ):
        answer = served.get("/read", *headers)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
        assert answer.headers["WWW-Authenticate"].startswith("DPoP ")


def test_dpop_negative_tests(served: Served, issuer: Issuer) -> None:
    token = bound(issuer)
    good, stranger = KEY.proof("GET", URL, token), ProofKey(KEY.clock)
    for proofs in (
        [],
        # A WSGI server joins them by a comma, as in the next line.
        *([[good, good]] if served.is_async else []),
        [f"{good},{good}"],
        [KEY.proof("POST", URL, token)],
        [KEY.proof("GET", f"{AUDIENCE}/delete", token)],
        [KEY.proof("GET", "http://reports.example.com/read", token)],
        [KEY.proof("GET", "https://evil.example/read", token)],
        [KEY.proof("GET", URL)],
        [KEY.proof("GET", URL, "another token")],
        [KEY.proof("GET", URL, token, iat=NOW - 91)],
        [KEY.proof("GET", URL, token, iat=NOW + 31)],
        [KEY.proof("GET", URL, token, jti=None)],
        [stranger.proof("GET", URL, token)],
        [KEY.signed(KEY.claims("GET", URL, token), typ="JWT")],
        [good[:-8] + "AAAAAAAA"],
    ):
        answer = served.get("/read", ("Authorization", f"DPoP {token}"), *(("DPoP", each) for each in proofs))
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_dpop_proof"), proofs
    assert served.get("/read", *sent(token, good)).text == "ada"


def test_refusals_name_the_scheme_of_the_token(served: Served, issuer: Issuer) -> None:
    token = bound(issuer)
    answer = served.get("/delete", *sent(token, KEY.proof("GET", f"{AUDIENCE}/delete", token)))
    assert answer.status_code == 403
    assert answer.headers["WWW-Authenticate"].startswith("DPoP ")
    assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]
    assert served.get("/read").headers["WWW-Authenticate"] == f'Bearer realm="{AUDIENCE}", DPoP {ALGS}'


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.alg)
def test_keys_of_every_algorithm_are_taken(guard: Guard, issuer: Issuer, key: ProofKey) -> None:
    token = bound(issuer, key)
    request = SentRequest([f"DPoP {token}"], [key.proof("GET", URL, token)], "GET", "/read")
    assert guard.admit(request).sub == "ada"


def test_an_api_below_a_path_or_without_a_url_says_where_it_is(issuer: Issuer, clock: Clock) -> None:
    guard = Guard(issuer.url, "reports", clock=clock, url="https://example.com/api/")
    nowhere = Guard(issuer.url, "reports", clock=clock)
    token = issuer.token(aud="reports", cnf={"jkt": KEY.jkt})
    proof = KEY.proof("GET", "https://example.com/api/r%C3%A9sum%C3%A9", token)
    request = SentRequest([f"DPoP {token}"], [proof], "GET", "/résumé")
    assert guard.admit(request).sub == "ada"
    with pytest.raises(InvalidTokenError, match="does not know the URL"):
        nowhere.admit(request)
    with pytest.raises(ValueError, match="url must be"):
        Guard(issuer.url, "reports", url="reports")


class Shared:
    """A store that many processes share; or one that is away."""

    def __init__(self, *, is_away: bool = False) -> None:
        self.seen: set[str] = set()
        self.is_away = is_away

    def spend(self, proof: str, seconds: float) -> bool:
        if self.is_away:
            raise ConnectionError
        assert 0 < seconds <= 200
        is_new = proof not in self.seen
        self.seen.add(proof)
        return is_new


@pytest.mark.parametrize("framework", ["flask", "asgi"])
def test_processes_that_share_a_store_take_a_proof_once(issuer: Issuer, clock: Clock, framework: str) -> None:
    shared, token = Shared(), bound(issuer)
    headers = sent(token, KEY.proof("GET", URL, token))
    statuses = []
    for _ in range(2):
        with serving(framework, build_guard(issuer, clock, replays=shared)) as served:
            statuses.append(served.get("/read", *headers).status_code)
    assert statuses == [200, 401]


@pytest.mark.parametrize("framework", ["flask", "asgi"])
def test_without_the_store_no_proof_is_taken(issuer: Issuer, clock: Clock, framework: str) -> None:
    token = bound(issuer)
    with serving(framework, build_guard(issuer, clock, replays=Shared(is_away=True))) as served:
        answer = served.get("/read", *sent(token, KEY.proof("GET", URL, token)))
        assert answer.status_code == 503
        assert "Retry-After" in answer.headers
        assert served.get("/read", ("Authorization", f"Bearer {issuer.token()}")).text == "ada"


def test_memory_forgets_what_is_too_old_and_stays_small() -> None:
    clock = Clock()
    replays = MemoryReplays(clock)
    assert [replays.spend("a", 60), replays.spend("a", 60)] == [True, False]
    clock.now += 59
    assert not replays.spend("a", 60)
    for number in range(5000):
        clock.now += 1
        assert replays.spend(str(number), 60)
    assert len(replays) < 2048


@given(
    st.text(max_size=200)
    | st.lists(st.text("AZaz09-_", max_size=40), min_size=3, max_size=3).map(".".join)
    | st.dictionaries(
        st.sampled_from(("typ", "alg", "jwk", "crit", "jku", "x5u")),
        st.none() | st.integers() | st.text(max_size=9) | st.just({}),
        min_size=1,
    ).map(lambda head: KEY.jws(json.dumps({"typ": "dpop+jwt", "alg": "ES256", "jwk": KEY.jwk} | head), "{}"))
    | st.dictionaries(
        st.sampled_from(("htm", "htu", "iat", "jti", "ath")),
        st.none() | st.booleans() | st.floats() | st.text(max_size=9),
        min_size=1,
    ).map(lambda claims: KEY.signed(KEY.claims("GET", "https://elsewhere.example", "t") | claims))
)
def test_whatever_is_sent_as_a_proof_is_refused(proof: Any) -> None:
    place = place_of(URL)
    assert place
    with pytest.raises(InvalidProofError):
        check_proof([proof], "GET", place, "t", KEY.jkt, NOW, 30)
