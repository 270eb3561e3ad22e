"""Choosing a password: the rules as a page shows them, and which of them a password breaks."""

from dataclasses import dataclass

from authserver.pages.language import gettext, listed
from authserver.protocol.person import password_rules
from authserver.protocol.person.password_rules import PasswordRule
from authserver.settings import Settings
from authserver.store.users import User

PRODUCT = "authserver"
# Of a profile, what a person is called.
NAMES = ("name", "given_name", "family_name")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, and what it asks for in words."""

    name: PasswordRule
    text: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What the field for a new password needs: the rules, and the words that must not make it up.

    `needs` is one line: what a password must have, or what the one that was sent lacks.
    """

    rules: tuple[Rule, ...]
    needs: str
    are_broken: bool
    shortest: int
    personal: tuple[str, ...]


def check(settings: Settings, password: str, *personal: str | None) -> list[PasswordRule]:
    """Every fault of a password, for a person who is known by these words."""
    return password_rules.faults(password, settings.password_policy, known_words(settings, *personal))


def known_words(settings: Settings, *personal: str | None) -> tuple[str, ...]:
    """What may not make up a password: the person's own words, and the name of this place."""
    return (*filter(None, personal), settings.host_of_issuer, PRODUCT)


def words_of(user: User) -> tuple[str | None, ...]:
    """What is known of a person."""
    return (user.username, user.email, *(user.profile[name] for name in NAMES))


def page_rules(settings: Settings, faults: list[PasswordRule], *personal: str | None) -> Rules:
    """The rules for a page, before anything was sent (no faults) or after."""
    policy, numbers = settings.password_policy, password_rules.numbers(settings.password_policy)

    def text(rule: PasswordRule) -> str:
        return gettext(password_rules.TEXTS[rule], **numbers)

    # What a password is held against beyond its characters is said when one fails it.
    first = [rule for rule in password_rules.rules(policy) if rule not in {PasswordRule.PERSONAL, PasswordRule.COMMON}]
    return Rules(
        rules=tuple(Rule(rule, text(rule)) for rule in password_rules.rules(policy)),
        needs=listed([text(rule) for rule in faults or first]),
        are_broken=bool(faults),
        shortest=password_rules.SHORTEST[policy],
        personal=known_words(settings, *personal),
    )
