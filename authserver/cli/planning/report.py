"""A plan as the command line tells it: in lines or as JSON, and as a status."""

import json
from dataclasses import asdict, dataclass

import click

from authserver.cli.terminal import say
from authserver.clients.load import LoadedFile
from authserver.plan.consequence import Consequence, counted
from authserver.plan.plan import Plan

# The statuses of the command, beside those of every command.
LOST, DISAPPOINTED = 3, 4
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class PlanReport:
    """What `file` would do instead of `against`, as both are called; `expected` is how much the file expects."""

    against: str
    file: str
    plan: Plan
    warnings: list[str]
    expected: int

    @property
    def status(self) -> int:
        """The status of the command."""
        if self.plan.disappointed:
            return DISAPPOINTED
        return LOST if self.plan.count("lost") else 0

    def as_json(self) -> dict[str, object]:
        """Everything, for programs."""
        return {
            "against": self.against,
            "file": self.file,
            **asdict(self.plan),
            "warnings": self.warnings,
            "expected": self.expected,
        }

    def show(self, *, as_json: bool) -> None:
        """Print it."""
        if as_json:
            click.echo(json.dumps(self.as_json(), indent=2))
            return
        for consequence in self.plan.consequences:
            say(f"{consequence.effect:<7} {_sentence(consequence)}")
        for warning in self.warnings:
            say(f"warning {warning}")
        for each in self.plan.disappointed:
            place = self.file if each.line is None else f"{self.file}:{each.line}"
            say(f"expect  {place}: {each.text}: {each.why}")
        say(self._summary())

    def _summary(self) -> str:
        found, expected = self.plan, ""
        if self.expected:
            met = self.expected - len(found.disappointed)
            expected = f"; {met} of {counted(self.expected, 'expectation', 'expectations')} met"
        if not found.consequences:
            return f"{self.file}: nobody would notice a difference from {self.against}{expected}"
        lost, gained, told = (found.count(effect) for effect in ("lost", "gained", "told"))
        return f"{self.file} instead of {self.against}: {lost} lost, {gained} gained, {told} to know{expected}"


def new_warnings(before: LoadedFile, after: LoadedFile) -> list[str]:
    """The warnings that the file in force does not give, wherever in the file they stand there."""
    known = {warning.what for warning in before.warnings}
    return [str(warning) for warning in after.warnings if warning.what not in known]


def _sentence(consequence: Consequence) -> str:
    if not consequence.people:
        return f"{consequence.subject} {consequence.what}"
    people = counted(consequence.people, "person", "people")
    named = ", ".join(consequence.who[:_SHOWN])
    rest = len(consequence.who) - _SHOWN
    names = (f": {named}" if named else "") + (f" and {rest} more, whom --json lists" if rest > 0 else "")
    return f"{consequence.subject} {consequence.what} ({people}{names})"
