"""When a key begins to sign: never before every node publishes it."""

import json
from typing import get_args

import pytest

from authserver.keys import Keys
from authserver.keys.life import SETTLING
from authserver.keys.snapshot import NoSigningKey
from authserver.master_key import MasterKey
from authserver.people_settings import DAY
from authserver.protocol.client.client import SigningAlg
from authserver.store.database import Database
from tests.conftest import make_settings
from tests.keys.conftest import ISSUER, T0, MakeKeys
from tests.keys.moves import replace, revoke, rotate
from tests.keys.test_life_cycle import active, claims, kid, published


def test_es256_exists_once_a_client_wants_it(keys: Keys) -> None:
    assert keys.algs == {"RS256"}
    keys.maintain(T0, {"RS256", "ES256"})
    assert keys.algs == {"RS256", "ES256"}
    assert [key["alg"] for key in json.loads(keys.jwks()[0])["keys"]] == ["RS256", "ES256"]
    with pytest.raises(NoSigningKey):
        keys.sign(claims(T0), "at+jwt", T0 + SETTLING - 1, "ES256")
    token = keys.sign(claims(T0), "at+jwt", T0 + SETTLING, "ES256")
    assert keys.verify(token, "at+jwt", now=T0 + SETTLING)["sub"] == "ada"


def test_each_algorithm_has_a_key_of_its_own_which_rotates_though_nobody_names_it(keys: Keys) -> None:
    algs = get_args(SigningAlg)
    keys.maintain(T0, algs)
    first = json.loads(keys.jwks()[0])["keys"]
    assert {key["alg"] for key in first} == set(algs)
    assert len(first) == len(algs)
    assert len({key.get("n") for key in first}) == len({key["kid"] for key in first}) - 1 == 3
    # Clients that registered themselves are not in clients.yaml, which says what to maintain.
    later = T0 + 30 * DAY + SETTLING
    keys.maintain(later - 2 * DAY)
    keys.maintain(later)
    for key in first:
        assert kid(keys.sign(claims(later), "at+jwt", later, key["alg"])) != key["kid"]


def test_the_first_use_of_an_algorithm_publishes_its_key_for_all(keys: Keys, another: MakeKeys) -> None:
    worker = another()
    worker.refresh(T0)
    assert [each.wait("ES256", T0 + 5) for each in (keys, worker, keys)] == [SETTLING] * 3
    assert [each.wait("ES256", T0 + 5 + SETTLING) for each in (keys, worker)] == [0, 0]
    kids = {kid(each.sign(claims(T0), "at+jwt", T0 + 5 + SETTLING, "ES256")) for each in (keys, worker)}
    assert len(kids) == 1
    assert kids < set(published(keys))


def test_on_the_first_start_of_all_every_key_signs_at_once(another: MakeKeys) -> None:
    keys = another()
    keys.maintain(T0, {"RS256", "ES256"})
    assert [keys.wait(alg, T0) for alg in ("RS256", "ES256")] == [0, 0]


def test_no_key_signs_before_every_node_has_looked_for_keys(keys: Keys, another: MakeKeys) -> None:
    first, node = active(keys, T0), another()
    node.refresh(T0 + 5)
    soon = rotate(keys, T0 + 6, begins="soon").kid
    for now in range(T0 + 6, T0 + 6 + SETTLING):
        assert active(keys, now) == first
    node.refresh(T0 + 10)
    assert soon in published(node)
    assert [active(each, T0 + 6 + SETTLING) for each in (keys, node)] == [soon, soon]


def test_a_key_that_every_node_publishes_may_begin_as_soon_as_that_is_wanted(keys: Keys) -> None:
    waiting = rotate(keys, T0)
    assert rotate(keys, T0 + DAY, begins="soon").active_from == T0 + DAY
    assert active(keys, T0 + DAY) == waiting.kid


def test_however_short_it_is_published_ahead_every_node_knows_it(database: Database, master: MasterKey) -> None:
    keys = Keys(database, master, make_settings(issuer=ISSUER, key_publish_ahead=0, jwks_max_age=0))
    keys.maintain(T0)
    assert rotate(keys, T0 + DAY).active_from == T0 + DAY + SETTLING


def test_the_active_key_is_replaced_before_it_is_revoked(keys: Keys, another: MakeKeys) -> None:
    first = active(keys, T0)
    begins = replace(another(), first, T0 + 1)
    assert begins == T0 + 1 + SETTLING
    assert replace(another(), first, T0 + 2) == begins
    keys.refresh(T0 + 5)
    assert active(keys, begins - 1) == first
    successor = active(keys, begins)
    assert revoke(another(), first, begins)
    keys.refresh(begins)
    assert [published(keys), active(keys, begins)] == [[successor], successor]
    assert replace(another(), "unknown", begins) == replace(another(), first, begins) == begins


def test_a_node_whose_clock_is_a_little_behind_signs_when_another_one_revokes(keys: Keys, another: MakeKeys) -> None:
    node, first = another(), active(keys, T0)
    node.refresh(T0)
    begins = replace(keys, first, T0 + 1)
    assert revoke(keys, first, begins)
    node.refresh(begins - 1)
    assert node.wait("RS256", begins - 1) == 0
    assert active(node, begins - 1) == active(keys, begins) != first
    # So it is where nobody waited for the successor.
    waiting = rotate(keys, begins + 1).kid
    assert revoke(keys, active(keys, begins), begins + 9)
    node.refresh(begins + 8)
    assert (node.wait("RS256", begins + 8), active(node, begins + 8)) == (0, waiting)
