"""What the log says of keys: once it is kept, and nothing of what was not."""

from collections.abc import Iterable, Mapping

import pytest
from structlog.testing import capture_logs

from authserver.keys import Keys
from authserver.keys.planned import Planned
from tests.keys.conftest import T0, MakeKeys
from tests.keys.moves import rotate


class LostError(Exception):
    """The transaction ends without a commit."""


def said(lines: Iterable[Mapping[str, object]]) -> list[tuple[object, object]]:
    return [(line["event"], line["kid"]) for line in lines if str(line["event"]).startswith("key:")]


def _change_in_vain(keys: Keys, planned: Planned, kid: str) -> None:
    with keys.changing(T0) as connection:
        assert planned.make(connection)
        assert keys.revoke(connection, kid, T0)
        raise LostError


def test_a_key_is_told_of_once_it_is_kept(keys: Keys) -> None:
    planned = keys.successor(keys.refresh(T0), "RS256", T0, "soon")
    with capture_logs() as lines:
        with keys.changing(T0) as connection:
            assert planned.make(connection)
            assert said(lines) == []
        keys.refresh(T0)
    assert said(lines) == [("key:published", planned.kid)]


def test_of_a_change_that_is_not_kept_nothing_is_said(keys: Keys) -> None:
    kid = rotate(keys, T0, begins="at_once").kid
    planned = keys.successor(keys.refresh(T0), "RS256", T0, "soon")
    with capture_logs() as lines:
        with pytest.raises(LostError):
            _change_in_vain(keys, planned, kid)
        keys.refresh(T0)
        assert said(lines) == []
        with keys.changing(T0) as connection:
            assert keys.revoke(connection, kid, T0)
    assert ("key:revoked", kid) in said(lines)


def test_a_command_that_read_no_key_before_tells_of_it_too(keys: Keys, another: MakeKeys) -> None:
    (row,) = keys.refresh(T0)
    other = another()
    with capture_logs() as lines, other.changing(T0) as connection:
        assert other.revoke(connection, row.kid, T0)
    assert ("key:revoked", row.kid) in said(lines)
