"""What an issuer may look like, so that every client sends requests to it as it stands.

RFC 8414 §2, RFC 3986 §2 and §5.2.4. https://www.rfc-editor.org/rfc/rfc8414#section-2
"""

import re
from urllib.parse import unquote, urlsplit

# ASCII, without what separates a query or a fragment and what no URL holds.
_URL = re.compile(r"https?://[!#-~]+")
_NEVER = re.compile(r"[?#\\<>^`{|}]")


def is_issuer(url: str) -> bool:
    """Whether it is https or http, with a host, a sound port if any, and no segment of a path that clients resolve."""
    if not _URL.fullmatch(url) or _NEVER.search(url):
        return False
    try:
        parts = urlsplit(url)
        is_sound = bool(parts.hostname) and "@" not in parts.netloc and parts.netloc[-1] != ":" and parts.port != 0
    except ValueError:
        return False
    return is_sound and not {"", ".", ".."} & set(unquote(parts.path).split("/")[1:])
