"""E-mail addresses: kept as given, one person's by their key, and never folded into another mailbox."""

import idna
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from authserver.protocol.person.email_address import a_labels, email_fault, email_key, is_at

# Two mailboxes each, which NFKC, casefolding, IDNA 2003 or UTS 46 take for one.
TWO_MAILBOXES = [
    ("straße@example.com", "strasse@example.com"),
    ("ｂoss@example.com", "boss@example.com"),
    ("ceo@faß.example", "ceo@fass.example"),
    ("m\u0131ke@example.com", "mike@example.com"),
    ("\u0130an@example.com", "ian@example.com"),
    ("bo\u017fs@example.com", "boss@example.com"),
    ("\u212aelvin@example.com", "kelvin@example.com"),
    ("\u212bsa@example.com", "\u00e5sa@example.com"),
    ("ZOË@example.com", "zoë@example.com"),
    ("zoe\u0308@example.com", "zoë@example.com"),
    ("οδος@example.com", "οδοσ@example.com"),
    ("ada@οδος.example", "ada@οδοσ.example"),
    ("o\ufb03ce@example.com", "office@example.com"),
    ("a\u00b2@example.com", "a2@example.com"),
    ("ada@m\u0131ke.example", "ada@mike.example"),
    ("ada@git\u200dhub.example", "ada@github.example"),
    ("ada@ex\u00adample.com", "ada@example.com"),
    ("ada@sub.example.com", "ada@example.com"),
    ("a.da@example.com", "ada@example.com"),
    ("ada+tag@example.com", "ada@example.com"),
    ("ada%example.org@example.com", "ada@example.com"),
    ("ada@example.com.", "ada@example.com"),
    ('"ada"@example.com', "ada@example.com"),
]
ONE_MAILBOX = [
    ("Ada@Example.COM", "ada@example.com"),
    ("ZOë@example.com", "zoë@example.com"),
    ("ceo@faß.example", "CEO@XN--FA-HIA.example"),
    ("ada@bücher.example", "ada@xn--bcher-kva.Example"),
    ("ada@mail.bücher.example", "ada@MAIL.xn--bcher-kva.example"),
    ("ada@οδος.example", "ada@xn--pxavbm.example"),
]


@pytest.mark.parametrize(("one", "another"), TWO_MAILBOXES)
def test_what_folds_to_another_address_is_another_address(one: str, another: str) -> None:
    assert email_key(one) != email_key(another)


@pytest.mark.parametrize(("one", "another"), ONE_MAILBOX)
def test_the_case_of_ascii_and_the_two_spellings_of_a_domain_make_no_other_address(one: str, another: str) -> None:
    assert email_key(one) == email_key(another)
    assert email_fault(one) is None
    assert email_fault(another) is None


@pytest.mark.parametrize(
    "email",
    [
        "ada@example.com",
        "ada+tag@mail.example.co.uk",
        "Zoë@exämple.org",
        "o'b@x.io",
        "straße@example.com",
        "ｂoss@example.com",
        "a%b@example.com",
        f"ada@{'x' * 63}.com",
        "ada@\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.com",
    ],
)
def test_an_email_address_is_accepted(email: str) -> None:
    assert email_fault(email) is None


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ada",
        "ada@",
        "@example.com",
        "@",
        "ada@localhost",
        "a@b@example.com",
        "a b@example.com",
        " ada@example.com",
        "ada@example.com ",
        "ada@example.com\n",
        "ada@example..com",
        "ada@.example.com",
        "ada@-example.com",
        "ada@example-.com",
        "ada@example.com.",
        "ada@ex--ample.com",
        "ada@ex_ample.com",
        "ada@xn--zzzz99999.com",
        "ada@xn--.com",
        "ada@ｅxample.com",
        "ada@example\u3002com",
        "ada@EXÄMPLE.org",
        "ada@exa\u0308mple.org",
        "ada@\u212aelvin.com",
        "ada@bo\u017fs.com",
        "ada@☃.example",
        "ada@xn--n3h.example",
        "ada@git\u200dhub.com",
        "ada@ex\u200eample.com",
        "ada@ex\u00adample.com",
        f"ada@{'x' * 64}.com",
        f"ada@{'ü' * 63}.com",
        f"a@{'.'.join(['x' * 60] * 5)}",
        f"{'x' * 250}@example.com",
        "a\u200dda@example.com",
        "a\u202eda@example.com",
        "a\u200fda@example.com",
        "a\u00a0da@example.com",
        "a\0da@example.com",
        "\ud800@example.com",
        "ada@\ud800.com",
        "<ada@example.com>",
        '"ada"@example.com',
        "ada@[192.0.2.1]",
        "ada@example.com\r\nBcc: x@example.com",
        "a,b@example.com",
        "=?utf-8?q?eve=40evil.example=2c?=@example.com",
        "=?utf-8?b?ZXZlQGV2aWwuZXhhbXBsZSw=?=@example.com",
    ],
)
def test_what_is_no_single_email_address_is_refused_in_words(email: str) -> None:
    assert email_fault(email)


@pytest.mark.parametrize(
    ("address", "is_there"),
    [
        ("ceo@fass.example", True),
        ("ceo@FASS.example", True),
        ("ceo@faß.example", False),
        ("ceo@xn--fa-hia.example", False),
        ("ceo@mail.fass.example", False),
        ("ceo@evilfass.example", False),
        ("fass.example", True),
        ("", False),
        (None, False),
        ("ceo@", False),
        ("ceo@☃.example", False),
    ],
)
def test_an_address_is_at_a_domain_only_if_it_is_that_very_domain(address: str | None, is_there: bool) -> None:
    assert is_at(address, {"fass.example"}) is is_there


LABELS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
DOMAINS = st.lists(st.one_of(LABELS, LABELS.map(lambda text: f"xn--{text}")), max_size=4).map(".".join)


@given(st.text(), DOMAINS)
@example("ada", "xn--a-ecp.ru")
@example("ada", "\u0378.com")
def test_a_key_is_its_own_key_and_whatever_is_accepted_can_be_mailed_to(local: str, domain: str) -> None:
    address = f"{local}@{domain}"
    key = email_key(address)
    assert email_key(key) == key
    if email_fault(address) is None:
        assert key.isascii() or not local.isascii()
        assert len(key) <= 254
        assert a_labels(domain) == key.rpartition("@")[2]


@given(DOMAINS)
def test_a_domain_and_the_one_it_is_read_back_as_are_one(domain: str) -> None:
    found = a_labels(domain)
    if found is not None:
        assert a_labels(idna.decode(found)) == found
