"""A provider upstream: an OpenID provider, or GitHub, that vouches for people, as an administrator registers it.

OpenID Connect Core §3.1 (this server is the client there). https://openid.net/specs/openid-connect-core-1_0.html
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from authserver.protocol.client.logo import Logo
from authserver.protocol.person.email_address import a_labels

ProviderKind = Literal["openid", "github"]
UpstreamAuthMethod = Literal["client_secret_basic", "client_secret_post"]
UpstreamPrompt = Literal["login", "consent", "select_account"]
SecondFactor = Literal["ask", "amr", "trust"]
Refreshed = Literal["name", "picture"]

GOOGLE = "https://accounts.google.com"
GITHUB = "https://github.com"
# Whoever has such an address has it from Google; others may have lost it to somebody else since Google verified it.
GOOGLE_DOMAINS = frozenset({"gmail.com", "googlemail.com"})
EVERY_DOMAIN = "*"
# Where http is good enough: nothing leaves the machine.
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider. `sign_up` None leaves new people to the settings; `roles` maps claim and value to a role.

    `roles_lifetime` is how long such a role counts after a sign-in, in seconds; None as the settings say.
    `acr` and `amr` map what it says there to the level that it reaches here; nothing else of it counts.
    Domains are in A-labels and lower case. `trusted_domains` are those whose addresses it may vouch for: nobody else
    could have such an address there.
    """

    name: str
    kind: ProviderKind
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    label: str
    scopes: tuple[str, ...]
    token_endpoint_auth_method: UpstreamAuthMethod = "client_secret_basic"  # noqa: S105 - a method
    logo: Logo | None = None
    preset: Literal["google", "github"] | None = None
    prompt: UpstreamPrompt | None = None
    hd: str | None = None
    allowed_domains: frozenset[str] = frozenset()
    trusted_domains: frozenset[str] = frozenset()
    sign_up: bool | None = None
    roles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    roles_lifetime: int | None = None
    refresh: frozenset[Refreshed] = frozenset()
    skip_consent: bool = False
    second_factor: SecondFactor = "ask"
    sign_out: bool = False
    keep_tokens: bool = False
    acr: Mapping[str, str] = field(default_factory=dict)
    amr: Mapping[str, str] = field(default_factory=dict)

    def proves_second_factor(self, amr: Collection[str]) -> bool:
        """Whether a sign-in there, by this `amr` (RFC 8176), counts as one with a second factor."""
        return self.second_factor == "trust" or (self.second_factor == "amr" and "mfa" in amr)


def google(client_id: str, client_secret: str) -> Provider:
    """Google with nothing but a client's name and secret."""
    return Provider(
        name="google",
        kind="openid",
        issuer=GOOGLE,
        client_id=client_id,
        client_secret=client_secret,
        label="Google",
        scopes=("openid", "email", "profile"),
        preset="google",
        trusted_domains=GOOGLE_DOMAINS,
    )


def with_google(
    declared: Mapping[str, Provider], client_id: str | None, client_secret: str | None
) -> Mapping[str, Provider]:
    """The providers of clients.yaml, and Google where two settings name its client and no entry does."""
    if client_id is None or client_secret is None or "google" in declared:
        return declared
    return {"google": google(client_id, client_secret), **declared}


def chosen(
    providers: Mapping[str, Provider], fixed: str | None, login_hint: str | None, domain_hint: str | None
) -> Provider | None:
    """The one provider that a client fixes, or that the hints of its request mean; None where none or several are."""
    if fixed is not None:
        return providers.get(fixed)
    if domain_hint is not None and domain_hint in providers:
        return providers[domain_hint]
    domain = a_labels((domain_hint or (login_hint or "").rpartition("@")[2]).strip())
    found = [each for each in providers.values() if domain is not None and domain in _home_domains(each)]
    return found[0] if len(found) == 1 else None


def offered(providers: Mapping[str, Provider], fixed: str | None) -> Collection[Provider]:
    """The providers that a sign-in page offers for a client."""
    if fixed is not None:
        return [providers[fixed]] if fixed in providers else []
    return list(providers.values())


def _home_domains(provider: Provider) -> frozenset[str]:
    return provider.allowed_domains | ({provider.hd} if provider.hd else frozenset())
