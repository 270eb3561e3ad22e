"""Bodies, versions, keys and cursors that no client sends by mistake: each is refused in words, and none is a 5xx."""

import json
import re
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from authserver.management.call.operation import Operation
from authserver.management.operations import OPERATIONS
from tests.flows.databases import on_both
from tests.flows.provider import Provider
from tests.management.api import Api

TAKING = [each for each in OPERATIONS if each.body]
PAGED = [each for each in OPERATIONS if each.query and "cursor" in each.query.model_fields]
MALFORMED = (
    b"",
    b"{",
    b"[]",
    b"null",
    b"1",
    b'{"name": NaN}',
    b'{"uses": ' + b"9" * 5000 + b"}",
    b'{"uses": 1e400}',
    b"[" * 30_000,
    b'{"a":' * 5000,
    b'\xff\xfe{"name": "x"}',
    b'\xef\xbb\xbf{"name": "x"}',
    b'{"name": "\\ud800"}',
    b'{"name": "\\u0000"}',
    b'{"disabled": "true"}',
)
TAGS = ('W/"1"', '"', '"1", "2"', f'"{"9" * 30}"', "1", '"-1"', '"0"', "", "\xe9", '"1"x', "* *", '"1"\t"1"')
PLACES = (
    b"9" * 18 + b" x",
    b"9" * 19 + b" x",
    b"-5 x",
    b"x a\nb",
    b"1 zz",
    b"1 " + b"ab" * 40,
    b"\xff",
    "𝕏 𝕏".encode(),
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=40),
    st.sampled_from(
        ["", "\0", "\u202e", "A" * 5000, "10000-01-01", "0000-00-00", "javascript:x", "a@b" * 200, "+49123"]
    ),
)
VALUES = st.one_of(SCALARS, st.lists(SCALARS, max_size=3), st.dictionaries(st.text(max_size=10), SCALARS, max_size=3))


def path_of(operation: Operation, provider: Provider) -> str:
    given = {"sub": provider.people["gus"], "client_id": "portal"}
    return re.sub(r"\{(\w+)\}", lambda match: given.get(match[1], "x"), operation.path)


def sent(admin: Api, operation: Operation, body: bytes) -> int:
    """The status, in whose answer all is well."""
    path = path_of(operation, admin.provider)
    headers = {"Authorization": f"Bearer {admin.token}", "If-Match": "*", "Content-Type": "application/json"}
    answer = admin.provider.call(operation.method, f"/api/v1{path}", headers=headers, data=body)
    assert answer.status_code < 500, answer.text
    assert answer.status_code < 400 or answer.mimetype == "application/problem+json"
    return answer.status_code


@on_both
@pytest.mark.parametrize("operation", TAKING, ids=lambda operation: operation.name)
def test_a_body_that_is_no_object_of_known_fields_is_refused(
    provider: Provider, admin: Api, operation: Operation
) -> None:
    assert [each for each in MALFORMED if sent(admin, operation, each) not in {400, 404, 422}] == []


@on_both
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_stands_in_the_fields_of_a_body_is_taken_or_refused(
    provider: Provider, admin: Api, data: st.DataObject
) -> None:
    operation = data.draw(st.sampled_from(TAKING))
    assert operation.body is not None
    names = st.sampled_from(sorted(operation.body.model_fields))
    body: dict[str, Any] = data.draw(st.dictionaries(names, VALUES, min_size=1, max_size=4))
    sent(admin, operation, json.dumps(body).encode())


@pytest.mark.parametrize("tag", TAGS)
def test_a_tag_that_names_no_version_changes_nothing(provider: Provider, admin: Api, tag: str) -> None:
    for operation in OPERATIONS:
        if operation.precondition:
            answer = admin.call(
                operation.method, path_of(operation, provider), BODIES.get(operation.name), If_Match=tag
            )
            assert answer.status_code == 412, operation.name
    assert admin.person("gus")[0]["name"] == "Gus Example"


BODIES = {"changePerson": {"name": "x"}, "setRoles": {"roles": []}, "setGroups": {"groups": []}}


@on_both
@pytest.mark.parametrize("operation", PAGED, ids=lambda operation: operation.name)
def test_a_cursor_that_was_made_up_is_a_place_like_any_other(
    provider: Provider, admin: Api, operation: Operation
) -> None:
    for place in PLACES:
        cursor = urlsafe_b64encode(place).rstrip(b"=").decode()
        assert admin.call("GET", f"{path_of(operation, provider)}?cursor={cursor}").status_code == 200
    for wrong in ("limit=0", "limit=201", "limit=-1", f"limit={'9' * 30}", "limit=1e3", "limit=%00", "cursor=%FF"):
        assert admin.call("GET", f"{path_of(operation, provider)}?{wrong}").status_code == 400, wrong
