"""What an authenticator app shows, and how recovery codes are read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.protocol.factors import recovery_code, totp

# RFC 6238 Appendix B, SHA-1: the last six of its eight digits.
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize(
    ("at", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_the_codes_are_those_of_the_specification(at: int, code: str) -> None:
    assert totp.matching_step(SECRET, code, at) == at // 30


@given(st.text(max_size=12))
def test_whatever_is_typed_is_a_code_or_not(typed: str) -> None:
    step = totp.matching_step(SECRET, typed, 59)
    assert (step is not None) == (typed in {totp.code_at(SECRET, each) for each in (0, 1, 2)})


@pytest.mark.parametrize("typed", ["２８７０８２", "28708", "2870822", "", "287082\n", "-87082"])
def test_what_is_not_six_plain_digits_is_none(typed: str) -> None:
    assert totp.matching_step(SECRET, typed, 59) is None


@given(st.binary(min_size=10, max_size=10), st.sampled_from(["", " ", "-", " - "]))
def test_a_recovery_code_is_read_as_it_was_shown_however_it_is_typed(random: bytes, between: str) -> None:
    shown = recovery_code.spelled(random)
    assert recovery_code.read(between.join(shown.split("-")).lower()) == shown.replace("-", "")


@given(st.text(max_size=100))
def test_whatever_is_typed_is_a_recovery_code_or_none(typed: str) -> None:
    read = recovery_code.read(typed)
    assert read is None or (len(read) == 16 and recovery_code.ALPHABET.issuperset(read))
