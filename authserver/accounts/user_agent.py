"""A User-Agent header in the words of the person whose browser sent it (RFC 9110 §10.1.5)."""

from functools import lru_cache

from ua_parser import parse

UNKNOWN = "Unknown browser"


@lru_cache(maxsize=1024)
def described(user_agent: str) -> str:
    """Browser and system, such as "Firefox on Linux". What a browser says of itself proves nothing."""
    found = parse(user_agent)
    browser = found.user_agent.family if found.user_agent else UNKNOWN
    return f"{browser} on {found.os.family}" if found.os else browser
