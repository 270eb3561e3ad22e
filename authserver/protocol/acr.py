"""Levels of authentication: what reaches each, which of them brings others along, and what a sign-in still lacks.

OpenID Connect Core §2 (acr); RFC 8176 §2 (amr); RFC 9470 §5. https://www.rfc-editor.org/rfc/rfc9470#section-5
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, get_args

Method = Literal["pwd", "otp", "passkey", "recovery_code", "provider"]
METHODS: tuple[str, ...] = get_args(Method)
# Each a set of methods that must all have been done.
Ways = tuple[frozenset[str], ...]
# What a page in between cannot be made to say by somebody who sits between it and the person.
PHISHING_RESISTANT: Ways = (frozenset({"passkey"}),)
# What begins a session; the others are added to one that lives.
FIRST = frozenset({"pwd", "provider"})
# How a level that a provider vouched for stands among what was done: no method looks like it.
_VOUCHED = "="
_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Levels:
    """The levels by name, in the order of the file, each with the ways that reach it.

    `included[level]` are those that whoever reaches it has reached, itself too: each of its ways is one of theirs.
    """

    ways: Mapping[str, Ways] = field(default_factory=dict)
    included: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def reached(self, done: Iterable[str]) -> frozenset[str]:
        """The levels that these methods reach together, and those that a provider vouched for."""
        methods = frozenset(done)
        vouched = (self.included.get(each.removeprefix(_VOUCHED), _NONE) for each in methods if each[:1] == _VOUCHED)
        by_ways = frozenset(name for name, ways in self.ways.items() if any(way <= methods for way in ways))
        return by_ways.union(*vouched)

    def reached_by(self, acr: object) -> frozenset[str]:
        """The levels that a token with this `acr` has reached."""
        return self.included.get(acr, _NONE) if isinstance(acr, str) else _NONE

    def highest(self, reached: Collection[str]) -> str | None:
        """Of these the one that brings most others along; of equals the one that is declared last."""
        order = [name for name in self.ways if name in reached]
        return max(reversed(order), key=lambda name: len(self.included[name])) if order else None


NO_LEVELS = Levels()


def levels_of(ways: Mapping[str, Ways]) -> Levels:
    """The levels with these ways. Which includes which is worked out, once."""
    included = {
        name: frozenset(
            other for other, theirs in ways.items() if own and all(any(their <= way for their in theirs) for way in own)
        )
        for name, own in ways.items()
    }
    return Levels(MappingProxyType(dict(ways)), MappingProxyType(included))


def methods_of(amr: Collection[str]) -> tuple[str, ...]:
    """What was done here to be told in these words (RFC 8176 §2)."""
    found = [name for name in ("pwd", "otp") if name in amr]
    if not {"hwk", "swk"}.isdisjoint(amr):
        found.append("passkey")
    if "mfa" in amr and {"otp", "hwk", "swk"}.isdisjoint(amr):
        # A recovery code has no word of its own.
        found.append("recovery_code")
    return tuple(found)


def methods_kept(kept: str | None, amr: Collection[str], provider: str | None) -> tuple[str, ...]:
    """What was done, as it is kept; in a session of an earlier release, what its `amr` says, if no provider said it."""
    if kept is not None:
        return tuple(kept.split())
    return ("provider",) if provider else methods_of(amr)


def methods_by_provider(
    acr: str | None, amr: Iterable[str], levels_by_acr: Mapping[str, str], levels_by_amr: Mapping[str, str]
) -> tuple[str, ...]:
    """What was done where a provider vouched: its own words count only for the levels that its entry gives them."""
    levels = [levels_by_amr[each] for each in amr if each in levels_by_amr]
    if acr is not None and acr in levels_by_acr:
        levels.append(levels_by_acr[acr])
    return ("provider", *(_VOUCHED + name for name in dict.fromkeys(levels)))


def still_vouched(done: Iterable[str], levels_by_acr: Mapping[str, str], levels_by_amr: Mapping[str, str]) -> list[str]:
    """What was done, without the levels that the provider's entry gives for nothing any more."""
    now = {_VOUCHED + name for name in (*levels_by_acr.values(), *levels_by_amr.values())}
    return [each for each in done if each[:1] != _VOUCHED or each in now]


@dataclass(frozen=True, slots=True)
class Demand:
    """What a sign-in must reach: each level of `required`, one of `essential`, and if that can be one of `wished`.

    `essential` and `wished` are in order of preference, and may name what no file declares.
    """

    required: frozenset[str] = _NONE
    essential: tuple[str, ...] = ()
    wished: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.required or self.essential or self.wished)


def ways_left(levels: Levels, wanted: Iterable[Collection[str]], done: Collection[str]) -> frozenset[frozenset[str]]:
    """What is still to be done, as alternatives, none of which holds another: `{frozenset()}` where nothing is.

    Of each collection of levels one must be reached. Empty where nothing leads there.
    """
    left = {_NONE}
    reached = levels.reached(done)
    for alternatives in wanted:
        if reached.isdisjoint(alternatives):
            ways = [way.difference(done) for name in alternatives for way in levels.ways.get(name, ())]
            left = {one | way for one in left for way in ways}
    return frozenset(one for one in left if not any(other < one for other in left))


def own_acr(levels: Levels, acr: str | None) -> str | None:
    """The `acr` of a sign-in that reaches no level: as it is without any, unless it is the name of one."""
    return None if acr in levels.ways else acr


def said_acr(levels: Levels, demand: Demand, done: Collection[str], acr: str | None) -> str | None:
    """The `acr` of the tokens: of what was asked for the first that is met, else the highest level, else `acr`.

    What was asked for by wish does not hide what is required (OpenID Connect Core §3.1.2.1, §5.5.1.1).
    """
    reached, own = levels.reached(done), own_acr(levels, acr)
    must = demand.required & reached
    for asked in (demand.essential, demand.wished):
        met = [each for each in asked if each in reached or each == own]
        fitting = next((each for each in met if must <= levels.reached_by(each)), None)
        if fitting is not None:
            return fitting
        if met and asked is demand.essential:
            return met[0]
    return levels.highest(reached) or own
