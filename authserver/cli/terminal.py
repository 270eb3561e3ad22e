"""What is printed of names and texts that others chose: nothing in them can write to the terminal."""

import json
from typing import Any

import click


def say(line: str, *, err: bool = False) -> None:
    """Print one line, with every character that cannot be seen as its escape."""
    click.echo(harmless(line), err=err)


def harmless(line: str) -> str:
    """The line, with escape sequences, marks of direction, and the like in words: `\\x1b`."""
    if line.isprintable():
        return line
    return "".join(each if each.isprintable() or each == "\t" else _escaped(each) for each in line)


def harmless_json(value: Any, *, indent: int | None = None) -> str:
    """JSON in which letters of all languages stand as they are, and what cannot be seen as its escape."""
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    return "".join(each if each.isprintable() or each == "\n" else json.dumps(each)[1:-1] for each in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()
