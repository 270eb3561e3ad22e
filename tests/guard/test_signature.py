"""What is remembered of signatures, and for how long."""

from unittest.mock import patch

import pytest
from joserfc.jwk import ECKey, RSAKey

from authserver.guard import Guard, InvalidTokenError
from authserver.guard.checks import signature
from authserver.guard.checks.signature import Signatures, signatures
from tests.guard.conftest import Clock
from tests.guard.issuer import Issuer


def counting(answers: list[bytes]) -> Signatures:
    """Believes the signature b"good" alone, and keeps what it was asked."""

    def check(message: bytes, digest: bytes, signature: bytes) -> bool:
        answers.append(message)
        return signature == b"good"

    return Signatures(check)


def test_a_good_signature_is_checked_once_and_a_bad_one_each_time() -> None:
    asked: list[bytes] = []
    checked = counting(asked)
    assert [checked.is_good(b"m", b"good") for _ in range(5)] == [True] * 5
    assert asked == [b"m"]
    assert [checked.is_good(b"m", b"bad") for _ in range(5)] == [False] * 5
    assert len(asked) == 6


@pytest.mark.parametrize(("message", "sign"), [(b"n", b"good"), (b"mg", b"ood"), (b"", b"mgood"), (b"m", b"Good")])
def test_another_message_or_signature_is_checked_itself(message: bytes, sign: bytes) -> None:
    asked: list[bytes] = []
    checked = counting(asked)
    checked.is_good(b"m", b"good")
    checked.is_good(message, sign)
    assert len(asked) == 2


def test_memory_is_bounded() -> None:
    asked: list[bytes] = []
    checked = counting(asked)
    with patch.object(signature, "MOST_REMEMBERED", 3):
        for message in (b"1", b"2", b"3", b"4"):
            checked.is_good(message, b"good")
        assert len(checked._good) <= 3
        checked.is_good(b"4", b"good")
    assert asked == [b"1", b"2", b"3", b"4"]


def test_what_is_remembered_holds_no_token() -> None:
    checked = counting([])
    checked.is_good(b"the claims", b"good")
    assert b"the claims" not in b"".join([*checked._good, *checked._good.values()])


def test_a_key_under_an_algorithm_that_does_not_fit_has_no_signatures(rsa_key: RSAKey, ec_key: ECKey) -> None:
    assert signatures("ES256", rsa_key) is None
    assert signatures("RS256", ec_key) is None
    assert signatures("ES384", ec_key) is None


def test_a_token_whose_signature_was_good_still_expires(issuer: Issuer, guard: Guard, clock: Clock) -> None:
    token = issuer.token()
    guard.verify(token)
    guard.verify(token)
    clock.now += 1831
    with pytest.raises(InvalidTokenError, match="expired"):
        guard.verify(token)


def test_two_callers_of_one_token_do_not_share_its_claims(issuer: Issuer, guard: Guard) -> None:
    token = issuer.token()
    guard.verify(token).claims["roles"].append("admin")
    assert guard.verify(token).claims["roles"] == ["user"]
