"""Passkeys of some authenticators alone, where a setting names them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from pydantic import ValidationError

from tests.conftest import make_settings
from tests.flows.browser import Landing
from tests.flows.conftest import MakeProvider
from tests.flows.factors.authenticator import AAGUID, Authenticator
from tests.flows.factors.script import options_of, send
from tests.flows.provider import Provider

NAMED, OTHER = "d548826e-79b4-db40-a3d8-11116f7e8349", "00000000-0000-0000-0000-00000000abcd"
REFUSED = "aren’t accepted here"
OID = x509.ObjectIdentifier("1.3.6.1.4.1.45724.1.1.4")
NOW = datetime.now(UTC)


class Vendor:
    """Who makes authenticators: a root, and a certificate for one kind of them."""

    def __init__(self, aaguid: bytes | None = AAGUID) -> None:
        self.root_key, self.key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Vendor")])
        self.root = (
            self._certificate(name, self.root_key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self.root_key, SHA256())
        )
        leaf = self._certificate(
            x509.Name(
                [
                    x509.NameAttribute(NameOID.COUNTRY_NAME, "SE"),
                    x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Vendor"),
                    x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Authenticator Attestation"),
                    x509.NameAttribute(NameOID.COMMON_NAME, "Key"),
                ]
            ),
            self.key,
        ).add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        if aaguid is not None:
            leaf = leaf.add_extension(x509.UnrecognizedExtension(OID, b"\x04\x10" + aaguid), critical=False)
        self.leaf = leaf.sign(self.root_key, SHA256())

    def _certificate(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Vendor")]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - timedelta(days=1))
            .not_valid_after(NOW + timedelta(days=365))
        )

    def vouch(self, said: bytes) -> dict[str, Any]:
        signature = self.key.sign(said, ec.ECDSA(SHA256()))
        return {"alg": -7, "sig": signature, "x5c": [self.leaf.public_bytes(Encoding.DER)]}

    def write(self, path: Path) -> Path:
        path.write_bytes(self.root.public_bytes(Encoding.PEM))
        return path


def register(provider: Provider, change: Callable[[Authenticator], None]) -> Landing:
    browser = provider.browser()
    browser.sign_in(browser.open("/sign-in"), "ada")
    landing = browser.open("/account/factors/passkey")
    authenticator = Authenticator(browser.origin, conveyance="direct")
    change(authenticator)
    return send(browser, landing, authenticator.create(options_of(landing)))


def by(vendor: Vendor, aaguid: bytes = AAGUID) -> Callable[[Authenticator], None]:
    def change(authenticator: Authenticator) -> None:
        authenticator.statement, authenticator.aaguid = vendor.vouch, aaguid

    return change


def by_itself(authenticator: Authenticator) -> None:
    authenticator.statement = lambda said: {"alg": -7, "sig": authenticator.key.sign(said, ec.ECDSA(SHA256()))}


def nobody(_authenticator: Authenticator) -> None:
    """No statement, as of a synced passkey."""


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


def test_one_on_the_list_is_taken_and_signs_in(make_provider: MakeProvider, vendor: Vendor, tmp_path: Path) -> None:
    provider = make_provider(passkey_authenticators=(NAMED,), passkey_roots=vendor.write(tmp_path / "roots.pem"))
    assert register(provider, by(vendor)).heading == "Your recovery codes"


def test_roots_alone_take_every_kind_that_they_vouch_for(
    make_provider: MakeProvider, vendor: Vendor, tmp_path: Path
) -> None:
    provider = make_provider(passkey_roots=vendor.write(tmp_path / "roots.pem"))
    assert register(provider, by(vendor)).heading == "Your recovery codes"


@pytest.mark.parametrize("change", [nobody, by_itself, by(Vendor())])
def test_whoever_cannot_prove_to_be_of_the_list_is_refused_in_words(
    make_provider: MakeProvider, vendor: Vendor, tmp_path: Path, change: Callable[[Authenticator], None]
) -> None:
    provider = make_provider(passkey_authenticators=(NAMED,), passkey_roots=vendor.write(tmp_path / "roots.pem"))
    landing = register(provider, change)
    assert (landing.status, REFUSED in landing.page.words) == (400, True)
    assert provider.events("user:passkey:failed")[0]["reason"].startswith("attestation")
    assert not provider.events("user:factor:added")


@pytest.mark.parametrize("change", [nobody, by_itself])
def test_a_list_of_kinds_alone_takes_no_word_of_the_key_itself(
    make_provider: MakeProvider, change: Callable[[Authenticator], None]
) -> None:
    assert REFUSED in register(make_provider(passkey_authenticators=(NAMED,)), change).page.words


def test_another_kind_of_the_same_vendor_is_refused(
    make_provider: MakeProvider, vendor: Vendor, tmp_path: Path
) -> None:
    provider = make_provider(passkey_authenticators=(OTHER,), passkey_roots=vendor.write(tmp_path / "roots.pem"))
    assert REFUSED in register(provider, by(vendor)).page.words
    # Nor does it help to say that it is the kind of the list: its certificate says otherwise.
    assert REFUSED in register(provider, by(vendor, bytes.fromhex(OTHER.replace("-", "")))).page.words


def test_a_forged_statement_is_no_passkey(make_provider: MakeProvider, vendor: Vendor, tmp_path: Path) -> None:
    provider = make_provider(passkey_roots=vendor.write(tmp_path / "roots.pem"))

    def change(authenticator: Authenticator) -> None:
        authenticator.statement = lambda _said: vendor.vouch(b"something else")

    assert "couldn’t be added" in register(provider, change).page.words


@pytest.mark.parametrize(
    ("name", "value"),
    [("passkey_authenticators", ("yubikey",)), ("passkey_roots", "/nowhere.pem"), ("passkey_roots", __file__)],
)
def test_what_is_no_list_refuses_to_start(name: str, value: Any) -> None:
    with pytest.raises(ValidationError, match=r"AAGUIDs such as|certificates in PEM"):
        make_settings(**{name: value})
