"""A User-Agent header in the words of the person whose browser sent it (RFC 9110 §10.1.5)."""

from functools import lru_cache

from authserver.pages.language import gettext
from authserver.protocol.words import marked

UNKNOWN = marked("Unknown browser")


def described(user_agent: str) -> str:
    """Browser and system, such as "Firefox on Linux". What a browser says of itself proves nothing."""
    browser, system = _families(user_agent)
    browser = browser or gettext(UNKNOWN)
    return gettext("%(browser)s on %(system)s", browser=browser, system=system) if system else browser


@lru_cache(maxsize=1024)
def _families(user_agent: str) -> tuple[str | None, str | None]:
    # Its expressions are many, and one page in the account area alone asks for them.
    from ua_parser import parse

    found = parse(user_agent)
    return found.user_agent.family if found.user_agent else None, found.os.family if found.os else None
