"""Which passwords may be chosen: every fault of one is named at once.

NIST SP 800-63B-4 §3.1.1.2: https://pages.nist.gov/800-63-4/sp800-63b.html ; OWASP ASVS 5 §6.2.
"""

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from typing import Literal

from zxcvbn_rs_py import zxcvbn

from authserver.protocol.words import marked

Policy = Literal["classic", "nist"]
SHORTEST: dict[Policy, int] = {"classic": 12, "nist": 15}
LONGEST = 256
# Of zxcvbn's 0 to 4: 4 is more than 10^10 guesses; 3 would let a season, a year and two signs pass.
SCORE = 4
_SHORTEST_WORD = 3
_MOST_WORDS = 30


class PasswordRule(StrEnum):
    """What is wrong with a password."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    NO_UPPER_CASE = "no_upper_case"
    NO_LOWER_CASE = "no_lower_case"
    NO_DIGIT = "no_digit"
    NO_SPECIAL = "no_special"
    PERSONAL = "personal"
    COMMON = "common"


def normalised(password: str) -> str:
    """The form that is checked and hashed: NFC, nothing trimmed, folded or cut (ASVS 6.2.8)."""
    return unicodedata.normalize("NFC", password)


def faults(password: str, policy: Policy, personal: Iterable[str] = ()) -> list[PasswordRule]:
    """Every fault of a password, none if it may be chosen.

    `personal` is what an attacker knows of the person and the place: name, email address, username, product.
    """
    text = normalised(password)
    if len(text) > LONGEST:
        return [PasswordRule.TOO_LONG]
    found = [PasswordRule.TOO_SHORT] if len(text) < SHORTEST[policy] else []
    if policy == "classic":
        found += _missing(text)
    if text:
        found += _guessable(text, personal)
    return found


def rules(policy: Policy) -> list[PasswordRule]:
    """The rules that a page lists while a password is typed, in their order."""
    classes = [PasswordRule.NO_UPPER_CASE, PasswordRule.NO_LOWER_CASE, PasswordRule.NO_DIGIT, PasswordRule.NO_SPECIAL]
    return [
        PasswordRule.TOO_SHORT,
        *(classes if policy == "classic" else ()),
        PasswordRule.PERSONAL,
        PasswordRule.COMMON,
    ]


def text(rule: PasswordRule, policy: Policy) -> str:
    """What a password lacks that has this fault, in words."""
    return TEXTS[rule] % numbers(policy)


def numbers(policy: Policy) -> dict[str, str]:
    """What stands in the texts."""
    return {"shortest": str(SHORTEST[policy]), "longest": str(LONGEST)}


TEXTS: dict[PasswordRule, str] = {
    PasswordRule.TOO_SHORT: marked("at least %(shortest)s characters"),
    PasswordRule.TOO_LONG: marked("at most %(longest)s characters"),
    PasswordRule.NO_UPPER_CASE: marked("an uppercase letter"),
    PasswordRule.NO_LOWER_CASE: marked("a lowercase letter"),
    PasswordRule.NO_DIGIT: marked("a digit"),
    PasswordRule.NO_SPECIAL: marked("a special character (such as ! or a space)"),
    PasswordRule.PERSONAL: marked("more than your name, your email address, or the name of this service"),
    PasswordRule.COMMON: marked("something that is harder to guess"),
}


def _missing(text: str) -> list[PasswordRule]:
    classes = {
        PasswordRule.NO_UPPER_CASE: any(character.isupper() for character in text),
        PasswordRule.NO_LOWER_CASE: any(character.islower() for character in text),
        PasswordRule.NO_DIGIT: any(character.isdigit() for character in text),
        PasswordRule.NO_SPECIAL: any(not character.isalnum() for character in text),
    }
    return [fault for fault, there in classes.items() if not there]


def _guessable(text: str, personal: Iterable[str]) -> list[PasswordRule]:
    words = _words(personal)
    rest = _without(text, words)
    is_common = _score(text) < SCORE
    # What it is worth to somebody who knows these words, spelled plainly or l1ke th1s.
    named = rest != text.casefold()
    is_personal = _score(rest) < SCORE if named else not is_common and _score(text, words) < SCORE
    return [*([PasswordRule.PERSONAL] if is_personal else ()), *([PasswordRule.COMMON] if is_common else ())]


def _words(personal: Iterable[str]) -> list[str]:
    known: dict[str, None] = {}
    for value in personal:
        folded = normalised(value).casefold()
        known.update(dict.fromkeys([folded, *re.split(r"[\W_]+", folded)]))
    # The longest first, so that a name is taken out whole.
    long_enough = [word for word in known if len(word) >= _SHORTEST_WORD]
    return sorted(long_enough, key=len, reverse=True)[:_MOST_WORDS]


def _without(text: str, words: Iterable[str]) -> str:
    rest = text.casefold()
    for word in words:
        rest = rest.replace(word, "")
    return rest


def _score(text: str, words: Iterable[str] = ()) -> int:
    # Lone surrogates reach us from forms, and the library takes well-formed text only.
    clean, *known = (value.encode(errors="replace").decode() for value in (text, *words))
    return int(zxcvbn(clean, user_inputs=known).score) if clean else 0
