"""Choosing a password: the rules as a page shows them, and which of them a password breaks."""

from dataclasses import dataclass

from authserver.protocol import password_rules
from authserver.protocol.password_rules import Fault
from authserver.settings import Settings
from authserver.store.users import User
from authserver.web.language import gettext

PRODUCT = "authserver"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as a page lists it, and whether the password that was sent breaks it."""

    name: Fault
    sentence: str
    is_broken: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """What the field for a new password needs: the rules, and the words that must not make it up."""

    rules: tuple[Rule, ...]
    shortest: int
    personal: tuple[str, ...]

    @property
    def are_broken(self) -> bool:
        return any(rule.is_broken for rule in self.rules)


def check(settings: Settings, password: str, *personal: str | None) -> list[Fault]:
    """Every fault of a password, for a person who is known by these words."""
    return password_rules.faults(password, settings.password_policy, known_words(settings, *personal))


def known_words(settings: Settings, *personal: str | None) -> tuple[str, ...]:
    """What may not make up a password: the person's own words, and the name of this place."""
    return (*filter(None, personal), settings.host_of_issuer, PRODUCT)


def words_of(user: User) -> tuple[str | None, ...]:
    """What is known of a person."""
    return (user.username, user.email, user.name, user.given_name, user.family_name)


def page_rules(settings: Settings, faults: list[Fault], *personal: str | None) -> Rules:
    """The rules for a page, before anything was sent (no faults) or after."""
    policy, numbers = settings.password_policy, password_rules.numbers(settings.password_policy)
    names = password_rules.rules(policy)
    shown = (*names, *(fault for fault in faults if fault not in names))
    return Rules(
        tuple(Rule(name, gettext(password_rules.SENTENCES[name], **numbers), name in faults) for name in shown),
        password_rules.SHORTEST[policy],
        known_words(settings, *personal),
    )
