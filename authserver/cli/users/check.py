"""`authserver users check`."""

import json
import sys
from collections.abc import Iterator

import click

from authserver.cli import epilog
from authserver.cli.context import load_settings, open_current_database
from authserver.cli.terminal import say
from authserver.cli.users.options import JSON
from authserver.protocol.person.login_name import findings
from authserver.store import addresses, directory
from authserver.store.users import User

CONTESTED = "address_contested"


@click.command(
    epilog=epilog(
        ("users check", "users check --json"),
        {
            0: "nothing was found, or nothing that keeps anybody from signing in",
            1: "two accounts have one address",
            2: "wrong options, or faulty settings",
        },
    )
)
@JSON
def check(as_json: bool) -> None:
    """Report usernames and email addresses that would not be accepted today, or that two accounts share.

    If two accounts have one address in two spellings, neither can be found by it: the status is 1 until one of them
    changes. Everything else keeps working.
    """
    with open_current_database(load_settings()).read() as connection:
        contested = addresses.contested(connection)
        found = [each for user in directory.everybody(connection) for each in _of(user, contested)]
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        for each in found:
            say(f"{each['username']} ({each['sub']}, {each['email'] or 'no address'}): {each['text']}.")
        click.echo(f"{len(found)} found." if found else "Every username and address would be accepted today.")
    if any(each["finding"] == CONTESTED for each in found):
        sys.exit(1)


def _of(user: User, contested: set[str]) -> Iterator[dict[str, str | None]]:
    about = {"sub": user.sub, "username": user.username, "email": user.email}
    if user.sub in contested:
        text = "another account has this address too; neither can be found by it until one of them changes"
        yield {**about, "finding": CONTESTED, "text": text}
    for each in findings(user.username, user.email):
        yield {**about, "finding": each.code, "text": each.text}
