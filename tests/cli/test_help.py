"""Help that one can go by: nothing is cut off, and examples are commands that there are."""

import re
import shlex
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from authserver.cli import COMMANDS, GROUPS, SECTIONS, ListedGroup, imported, main


def _commands() -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, (target, _) in COMMANDS.items():
        yield (name,), imported(target) if target else ListedGroup(name, *GROUPS[name])
    for group, (_, listed) in GROUPS.items():
        for name, (target, _) in listed.items():
            yield (group, name), imported(target)


def _help(*names: str) -> str:
    answer = CliRunner().invoke(main, [*names, "--help"], terminal_width=80)
    assert answer.exit_code == 0
    return answer.output


ALL = {" ".join(names): command for names, command in _commands()}
LEAVES = {name for name, command in ALL.items() if not isinstance(command, click.Group)}


@pytest.mark.parametrize("name", ["", *ALL])
def test_nothing_is_cut_off_and_every_line_fits(name: str) -> None:
    shown = _help(*name.split())
    assert "..." not in shown.replace("[ARGS]...", "").replace("]...", "")
    examples = [line for line in shown.splitlines() if line.startswith("    authserver ")]
    assert {line for line in shown.splitlines() if len(line) > 80} <= set(examples)


@pytest.mark.parametrize("name", ["", *ALL])
def test_each_example_is_a_command_with_options_that_there_are(name: str) -> None:
    for line in re.findall(r"^ +authserver (.+)$", _help(*name.split()), re.MULTILINE):
        words = shlex.split(line)
        found = " ".join(words[:2]) if " ".join(words[:2]) in ALL else words[0]
        command = ALL[found]
        # Raises where there is no such option, or it lacks its value.
        command.make_parser(click.Context(command)).parse_args(words[len(found.split()) :])


@pytest.mark.parametrize("name", sorted(LEAVES))
def test_each_command_has_an_example_of_its_own(name: str) -> None:
    shown = _help(*name.split())
    assert re.search(rf"^ +Examples:\n +authserver {name}\b", shown, re.MULTILINE), shown


@pytest.mark.parametrize(("typed", "meant"), [("clinets", "clients"), ("clients plam", "plan"), ("doctr", "doctor")])
def test_what_was_probably_meant_is_said(typed: str, meant: str) -> None:
    answer = CliRunner().invoke(main, typed.split())
    assert (answer.exit_code, f"Did you mean {meant!r}?" in answer.output) == (2, True)


def test_every_command_stands_in_a_section() -> None:
    assert sorted(name for names in SECTIONS.values() for name in names) == sorted(COMMANDS)
    assert [each for each in COMMANDS if each not in _help()] == []


@pytest.mark.parametrize(
    "name",
    [
        "clients check",
        "clients plan",
        "clients undo",
        "db check",
        "doctor",
        "explain",
        "users check",
        "users import",
        "",
    ],
)
def test_what_a_pipeline_goes_by_says_what_each_status_means(name: str) -> None:
    shown = _help(*name.split())
    assert re.search(r"Exit status:\n +0  .+\n +1  ", shown)
