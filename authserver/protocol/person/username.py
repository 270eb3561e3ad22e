"""A username: kept and compared as the profile UsernameCaseMapped of PRECIS has it.

RFC 8265 §3.3, https://www.rfc-editor.org/rfc/rfc8265#section-3.3; which scripts a new one may mix: the level "highly
restrictive" of UTS 39 §5.2, https://www.unicode.org/reports/tr39/#Restriction_Level_Detection
"""

import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex
    from precis_i18n.profile import Profile

MAX_USERNAME = 64
_PUNCTUATION = frozenset("._-")
# UAX 31 table 5: the scripts in everyday use.
_SCRIPTS = (
    "Arab Armn Beng Cyrl Deva Ethi Geor Grek Gujr Guru Hebr Khmr "
    "Knda Laoo Latn Mlym Mymr Orya Sinh Taml Telu Thaa Thai Tibt"
)
_MIXTURES = ("Latn Hani Hira Kana", "Latn Hani Bopo", "Latn Hani Hang")


def username_key(username: str) -> str:
    """The form of a username that is kept, found and held unique.

    A name that the profile has not, which an earlier release took, is its own form.
    """
    try:
        return _enforced(username)
    except UnicodeEncodeError:
        return username


def username_fault(username: str) -> str | None:
    """Why this cannot be a username, or None. Without `@` it is never taken for an email address."""
    if not 0 < len(username) <= MAX_USERNAME:
        return f"a username has 1 to {MAX_USERNAME} characters"
    if not _is_plain(username):
        return "a username may contain letters, digits, '.', '_', and '-', each in its ordinary form"
    if not is_of_one_script(username_key(username)):
        return "a username uses the letters of one script in everyday use, since others can look alike"
    return None


def is_of_one_script(username: str) -> bool:
    """Whether letters are of one script in everyday use, or of several that are written together, as in Japanese."""
    if username.isascii():
        return True
    zeros = {ord(each) - value for each in username if (value := unicodedata.decimal(each, None)) is not None}
    return len(zeros) <= 1 and _one_script().fullmatch(username) is not None


def username_from_email(email: str) -> str:
    """A username made out of an address; whether it is free only the store knows."""
    local = username_key(email.rpartition("@")[0])
    kept = "".join(each if each.isalnum() or each in _PUNCTUATION else "-" for each in local)[: MAX_USERNAME - 8]
    return kept if username_fault(kept) is None else "person"


def _is_plain(username: str) -> bool:
    try:
        name = _enforced(username)
    except UnicodeEncodeError:
        return False
    return len(name) <= MAX_USERNAME and all(each.isalnum() or each in _PUNCTUATION for each in name)


def _enforced(username: str) -> str:
    # Most names are ASCII and need neither of these two, which take a fiftieth of a start to make.
    return username.lower() if username.isascii() else _profile().enforce(username)


@cache
def _profile() -> "Profile":
    from precis_i18n import get_profile

    return get_profile("UsernameCaseMapped")


@cache
def _one_script() -> "regex.Pattern[str]":
    import regex

    return regex.compile(
        "|".join(
            "[" + "".join(rf"\p{{scx={script}}}" for script in ("Zyyy", "Zinh", *scripts.split())) + "]*"
            for scripts in (*_SCRIPTS.split(), *_MIXTURES)
        )
    )
