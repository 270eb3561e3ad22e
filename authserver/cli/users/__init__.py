"""`authserver users`: the people who may sign in. One command a file."""

import click

from authserver.cli.users.access import disable, enable, reset_factors, unlock
from authserver.cli.users.add import add
from authserver.cli.users.check import check
from authserver.cli.users.claims import claims
from authserver.cli.users.delete import delete
from authserver.cli.users.export import data, export
from authserver.cli.users.import_ import import_
from authserver.cli.users.invite import invite
from authserver.cli.users.linked import linked
from authserver.cli.users.password import set_password
from authserver.cli.users.roles import groups, roles
from authserver.cli.users.sessions import sessions
from authserver.cli.users.show import list_users, show


@click.group()
def users() -> None:
    """Manage people. LOGIN is a username, an email address, or a sub."""


for command in (
    add,
    invite,
    list_users,
    check,
    show,
    set_password,
    reset_factors,
    roles,
    groups,
    claims,
    disable,
    enable,
    delete,
    sessions,
    linked,
    unlock,
    import_,
    export,
    data,
):
    users.add_command(command)
