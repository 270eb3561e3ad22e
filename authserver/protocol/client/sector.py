"""The sector of a client: those of one host know a person by one `sub`, and those of another by another.

OpenID Connect Core §8.1; OpenID Connect Registration §5. https://openid.net/specs/openid-connect-core-1_0.html#PairwiseAlg
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

from authserver.protocol.client.client import ClientType


def sector_of(redirect_uris: Sequence[str], sector_identifier_uri: str | None) -> str | None:
    """The host that the URI names, or that all redirect URIs have; None where nothing tells."""
    uris = [sector_identifier_uri] if sector_identifier_uri else redirect_uris
    hosts = {urlsplit(uri).hostname for uri in uris}
    return hosts.pop() if len(hosts) == 1 else None


def sector_fault(kind: ClientType | None, redirect_uris: Sequence[str], sector_identifier_uri: object) -> str | None:
    """Why a client cannot be given pairwise subs, in words."""
    if sector_identifier_uri is not None:
        return None
    if kind == "native":
        return "a native client needs a sector_identifier_uri: its redirect URIs belong to no host of its own"
    if sector_of(redirect_uris, None) is None:
        return "redirect URIs of several hosts need a sector_identifier_uri, which lists them all"
    return None


def unlisted(redirect_uris: Sequence[str], document: object) -> str | None:
    """What is wrong with the document at a `sector_identifier_uri`, in words: it is a JSON array of redirect URIs."""
    if not isinstance(document, list) or not all(isinstance(each, str) for each in document):
        return "the document there is no JSON array of redirect URIs"
    missing = [uri for uri in redirect_uris if uri not in document]
    return f"the document there does not list {missing[0]}" if missing else None
