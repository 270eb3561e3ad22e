"""The commands of each group, which its help lists without importing them."""

import click
import pytest

from authserver.cli import COMMANDS, GROUPS, imported


@pytest.mark.parametrize("name", COMMANDS)
def test_a_group_lists_the_commands_that_it_has_and_says_of_itself_what_it_says(name: str) -> None:
    command = imported(name)
    if isinstance(command, click.Group):
        about, listed = GROUPS[name]
        assert (set(listed), about) == (set(command.commands), command.help)
    else:
        assert name not in GROUPS
