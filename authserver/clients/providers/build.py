"""Build providers from a sound document, their secrets and logos; what a preset knows fills what is left out."""

from collections.abc import Mapping
from types import MappingProxyType

from authserver.clients.entries.document import ClientsDocument
from authserver.clients.providers.entry import ProviderEntry
from authserver.clients.providers.files import ProviderFiles
from authserver.protocol.provider import GITHUB, GOOGLE, GOOGLE_DOMAINS, Provider

_SCOPES = {"github": ("read:user", "user:email")}
_ISSUERS = {"google": GOOGLE, "github": GITHUB}
_LABELS = {"google": "Google", "github": "GitHub"}
_TRUSTED = {"google": GOOGLE_DOMAINS}


def providers(document: ClientsDocument, upstream: ProviderFiles) -> dict[str, Provider]:
    """The providers of a document by name."""
    return {name: _provider(name, entry, upstream) for name, entry in document.providers.items()}


def _provider(name: str, entry: ProviderEntry, upstream: ProviderFiles) -> Provider:
    preset = entry.preset or ""
    scopes = tuple(entry.scopes) if entry.scopes is not None else _SCOPES.get(preset, ("openid", "email", "profile"))
    trusted = _TRUSTED.get(preset, frozenset()) if entry.trusted_domains is None else frozenset(entry.trusted_domains)
    return Provider(
        name=name,
        kind="github" if preset == "github" else "openid",
        issuer=entry.issuer or _ISSUERS[preset],
        client_id=entry.client_id,
        client_secret=upstream.secrets[name],
        label=entry.label or _LABELS.get(preset) or name.replace("-", " ").capitalize(),
        scopes=scopes,
        token_endpoint_auth_method=entry.token_endpoint_auth_method,
        logo=upstream.logos.get(name),
        preset=entry.preset,
        prompt=entry.prompt,
        hd=entry.hd,
        allowed_domains=frozenset(entry.allowed_domains),
        trusted_domains=trusted,
        sign_up=entry.sign_up,
        roles=_frozen(entry.roles),
        roles_lifetime=entry.roles_lifetime,
        refresh=frozenset(entry.refresh),
        skip_consent=entry.skip_consent,
        second_factor=entry.second_factor,
        sign_out=entry.sign_out,
        keep_tokens=entry.keep_tokens,
        acr=MappingProxyType(dict(entry.acr)),
        amr=MappingProxyType(dict(entry.amr)),
    )


def _frozen(roles: Mapping[str, Mapping[str, str]]) -> Mapping[str, Mapping[str, str]]:
    return MappingProxyType({claim: MappingProxyType(dict(given)) for claim, given in roles.items()})
