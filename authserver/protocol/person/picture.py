"""The address of a picture that a person uploaded: under the issuer, and not to be guessed.

OpenID Connect Core §5.1 (`picture`). https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims
"""

from urllib.parse import urlsplit

PATH = "/picture/"


def picture_url(issuer: str, handle: str) -> str:
    """The whole address of a picture."""
    return issuer + PATH + handle


def uploaded_path(issuer: str, url: str | None) -> str | None:
    """Where on this host a `picture` claim finds a picture that is kept here; None where it is kept elsewhere."""
    return urlsplit(url).path if url is not None and url.startswith(issuer + PATH) else None
