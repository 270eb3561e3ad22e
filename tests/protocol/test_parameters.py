"""Parameters: one value each, valid UTF-8, no NUL (RFC 6749 §3.1, §3.2, Appendix B)."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.protocol.errors import ProtocolError
from authserver.protocol.parameters import MAX_FIELDS, as_query, parse


@pytest.mark.parametrize(
    ("raw", "values"),
    [
        (b"", {}),
        (b"a=1&b=2", {"a": "1", "b": "2"}),
        (b"a=&b=2", {"b": "2"}),
        (b"a&b=2", {"b": "2"}),
        (b"=1&&b=2&", {"b": "2"}),
        (b"a=1=2", {"a": "1=2"}),
        (b"a=x+y%2B%20z", {"a": "x y+ z"}),
        (b"a=1;b=2", {"a": "1;b=2"}),
        (b"a=%zz%", {"a": "%zz%"}),
        (b"a[]=1&a=2", {"a[]": "1", "a": "2"}),
        (b"%61=1", {"a": "1"}),
        (b"a=+%25%26%2B%C2%A3%E2%82%AC", {"a": " %&+£€"}),  # RFC 6749 Appendix B
        ("a=€".encode(), {"a": "€"}),
        (b"A=1&a=2", {"A": "1", "a": "2"}),
    ],
)
def test_a_form_is_read_as_appendix_b_writes_it(raw: bytes, values: dict[str, str]) -> None:
    parameters = parse(raw)
    assert dict(parameters.values) == values
    assert parameters.faults == {}


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b"a=1&a=1", {"a": "repeated"}),
        (b"a=1&a=2", {"a": "repeated"}),
        (b"a=&a=2", {"a": "repeated"}),
        (b"a=1&%61=2", {"a": "repeated"}),
        (b"a=%00", {"a": "holds NUL"}),
        (b"a=\0", {"a": "holds NUL"}),
        (b"a%00b=1", {"a\0b": "holds NUL"}),
        (b"a=%ff", {"a": "not UTF-8"}),
        (b"a=\xff", {"a": "not UTF-8"}),
        (b"a=%c0%80", {"a": "not UTF-8"}),
        (b"a=%ed%a0%80", {"a": "not UTF-8"}),
        (b"%ff=1", {"*": "not UTF-8"}),
        (b"resource=%ff", {"resource": "not UTF-8"}),
        (b"&".join(b"a%d=1" % number for number in range(MAX_FIELDS + 1)), {"*": "too many"}),
    ],
)
def test_a_faulty_parameter_has_no_value_and_makes_the_request_invalid(raw: bytes, fault: dict[str, str]) -> None:
    parameters = parse(raw)
    assert parameters.faults == fault
    assert not parameters.values.keys() & fault.keys()
    with pytest.raises(ProtocolError) as refused:
        parameters.refuse_faults()
    assert refused.value.error == "invalid_request"


def test_only_resource_may_be_repeated() -> None:
    parameters = parse(b"resource=https://a&resource=https://b&resource=")
    assert parameters.resources == ("https://a", "https://b")
    assert parameters.faults == {}
    assert parameters.get("resource") is None


@given(st.binary(max_size=200))
def test_any_bytes_are_read_without_an_exception(raw: bytes) -> None:
    parameters = parse(raw)
    texts = [*parameters.values.keys(), *parameters.values.values(), *parameters.resources]
    assert all(texts)
    assert all("\0" not in text for text in texts)
    assert all(text.encode().decode() == text for text in texts)
    assert not parameters.values.keys() & parameters.faults.keys()


NAMES = st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1, max_size=9)


@given(st.dictionaries(NAMES.filter(lambda name: name != "resource"), NAMES, max_size=20))
def test_what_a_client_encodes_comes_out_unchanged(values: dict[str, str]) -> None:
    parameters = parse(urlencode(values).encode())
    assert dict(parameters.values) == values
    parameters.refuse_faults()


@given(st.binary(max_size=100))
def test_a_form_sent_on_as_a_query_is_plain_and_says_the_same(form: bytes) -> None:
    query = as_query(form)
    assert query.isascii()
    assert query.isprintable()
    assert not set(query) & set('"<>#\\^`{|} ')
    again = parse(query.encode())
    assert (again.values, again.resources) == (parse(form).values, parse(form).resources)
