"""The settings about ways to sign in beside a password: passkeys, second factors, and codes by mail."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode

from authserver.people_settings import DAY, split
from authserver.protocol.origin import origin_of
from authserver.protocol.person.email_address import a_labels


class FactorSettings(BaseSettings):
    """A part of `Settings`. Durations are seconds."""

    signin_by_mail: bool = False
    """Let people sign in by a code that is mailed to their confirmed address, instead of a password. It is a first
    factor only: whoever has a second one is asked for it. Anyone who can read the mailbox can sign in."""

    factor_device_lifetime: int = Field(default=30 * DAY, ge=0, le=180 * DAY)
    """People with a second factor can choose not to be asked for it in a browser for this long. 0 never offers it. The
    account area asks all the same where it needs a recent sign-in, and so do clients that require a second factor."""

    passkey_rp_id: str | None = None
    """The domain that passkeys are bound to (the RP ID of WebAuthn). Default: the host of the issuer. Passkeys work for
    no other domain: keep the old one when the server moves, and name its new origin in `passkey_origins` at the old."""

    passkey_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Other origins (comma-separated) whose pages may use passkeys of this server's domain, published at
    `/.well-known/webauthn`. This server accepts passkeys at its own origin only."""

    passkey_offer: bool = False
    """Offer a passkey after a sign-in with a password to people who have none. They can say "not now", which counts for
    30 days, or "never"."""

    passkey_authenticators: Annotated[tuple[str, ...], NoDecode] = ()
    """The kinds of authenticators (comma-separated AAGUIDs) whose passkeys are accepted. Browsers are then asked for
    attestation, which says what kind it is, and which synced passkeys do not have. Without `passkey_roots`, nobody
    vouches for what it says."""

    passkey_roots: Path | None = None
    """A file of root certificates (PEM). Only passkeys whose attestation leads to one of them are accepted, so that no
    authenticator can pass itself off as another kind."""

    factor_reset_delay: int = Field(default=DAY, ge=0, le=30 * DAY)
    """A link from `authserver users reset-factors` works only after this long: its owner, who is told by mail at once,
    can object until then."""

    _split_lists = field_validator("passkey_origins", "passkey_authenticators", mode="before")(split)

    @field_validator("passkey_authenticators")
    @classmethod
    def _authenticators_are_aaguids(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        try:
            return tuple(str(UUID(each)) for each in value)
        except ValueError:
            raise PydanticCustomError(
                "passkey_authenticators", "write AAGUIDs such as d548826e-79b4-db40-a3d8-11116f7e8349"
            ) from None

    @field_validator("passkey_roots")
    @classmethod
    def _roots_are_certificates(cls, value: Path | None) -> Path | None:
        if value is not None:
            # Here, for those who have none.
            from cryptography.x509 import load_pem_x509_certificates

            try:
                load_pem_x509_certificates(value.read_bytes())
            except (OSError, ValueError):
                raise PydanticCustomError("passkey_roots", "name a file of certificates in PEM") from None
        return value

    @property
    def asks_attestation(self) -> bool:
        """Whether a new passkey has to prove what kind of authenticator has made it."""
        return bool(self.passkey_authenticators) or self.passkey_roots is not None

    def faults_of_factors(self, smtp_host: str | None, *, is_loopback: bool) -> list[str]:
        """Where these settings contradict each other, or the mail server's."""
        faults = []
        if self.signin_by_mail and smtp_host is None and not is_loopback:
            faults.append("signin_by_mail needs mail: set smtp_host")
        if self.passkey_rp_id not in {None, "localhost", a_labels(self.passkey_rp_id or "")}:
            faults.append("passkey_rp_id: write a domain such as example.com, in lowercase")
        if any(origin_of(each) != each for each in self.passkey_origins):
            faults.append("passkey_origins: write origins such as https://example.com, without a path")
        return faults
