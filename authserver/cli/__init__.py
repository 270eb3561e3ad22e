"""The `authserver` command.

A command's module is imported only when it is called, so that `--help`, of groups, too, and each command are quick.
Help ends with examples that can be copied, and with what each status means that is not as usual.
"""

import errno
import gc
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any

import click
from click.exceptions import NoSuchCommand

# Where each stands below this package, and what it is listed with.
COMMANDS: dict[str, tuple[str | None, str]] = {
    "serve": ("serve:serve", "Run the server."),
    "init": ("init:init", "Ask five questions and write what a first start needs."),
    "clients": (None, "Check and plan clients.yaml; look at past versions, undo one."),
    "keys": (None, "List, rotate, and revoke signing keys; replace the master key."),
    "users": (None, "Add, invite, list, disable, import, and export people."),
    "db": (None, "Create or upgrade the database."),
    "doctor": ("doctor:doctor", "Look at this installation, and say what to do."),
    "explain": ("explain:explain", "Show what a client would get for a person, and why."),
    "backup": ("backup:backup", "Write the database into an encrypted file."),
    "restore": ("backup:restore", "Put back the database of a backup."),
    "events": (None, "Read the audit events."),
}
# Of those that are groups, and so stand nowhere: what each says of itself, and its commands.
GROUPS: dict[str, tuple[str, dict[str, tuple[str, str]]]] = {
    "clients": (
        "Check and list APIs, roles, and clients; plan a change, look at past ones, undo one.",
        {
            "check": ("clients.check:check", "List every fault and warning in clients.yaml."),
            "diff": ("history.diff:diff", "Show what changed from one version of clients.yaml to another."),
            "disable": ("registration:disable", "Have a registered client refused everywhere, until `enable`."),
            "enable": ("registration:enable", "Let a disabled client work again."),
            "history": ("history.history:history", "List the versions of clients.yaml that were live, or print one."),
            "list": ("clients.list:list_clients", "List the clients."),
            "new-secret": (
                "clients.new_secret:new_secret",
                "Make a secret for a client, and the line for clients.yaml.",
            ),
            "plan": ("planning.plan:plan", "Show what a new clients.yaml would do: who loses or gains what."),
            "registered": (
                "registration:registered",
                "List the clients that registered themselves, and initial access tokens.",
            ),
            "registration-token": (
                "registration:registration_token",
                "Make an initial access token, by which clients can register.",
            ),
            "remove": ("registration:remove", "Remove a registered client or an initial access token."),
            "schema": ("clients.schema:schema", "Print the JSON Schema of clients.yaml."),
            "undo": ("history.undo:undo", "Put back the clients.yaml that was live before this one."),
        },
    ),
    "keys": (
        "Manage signing keys and the master key.",
        {
            "change-master-key": (
                "keys.change_master_key:change_master_key",
                "Re-encrypt everything under the first master key.",
            ),
            "list": ("keys.list:list_keys", "List the signing keys: which is active, waiting, or retired."),
            "new-master-key": ("keys.new_master_key:new_master_key", "Print a new master key."),
            "readers": ("keys.readers:list_readers", "List the programs that have fetched the JWKS lately."),
            "revoke": ("keys.revoke:revoke", "Revoke a signing key."),
            "rotate": ("keys.rotate:rotate", "Publish a key that replaces the active one."),
        },
    ),
    "users": (
        "Manage people. LOGIN is a username, an email address, or a sub.",
        {
            "add": ("users.add:add", "Add a person."),
            "invite": ("users.invite:invite", "Invite someone to choose a password."),
            "list": ("users.show:list_users", "List everyone, by username, or only some people."),
            "check": ("users.check:check", "Report usernames and email addresses that would not be accepted today."),
            "show": ("users.show:show", "Show one person, with their second factors."),
            "set-password": ("users.password:set_password", "Set a new password."),
            "reset-factors": (
                "users.access:reset_factors",
                "Print a link that removes all second factors of a person.",
            ),
            "roles": ("users.roles:roles", "Set a person's roles."),
            "groups": ("users.roles:groups", "Add a person to groups or remove them; list their groups."),
            "claims": ("users.claims:claims", "Change or list the claims of a person that clients.yaml declares."),
            "disable": ("users.access:disable", "Disable a person, and end their sessions."),
            "enable": ("users.access:enable", "Let a disabled person sign in again."),
            "delete": ("users.delete:delete", "Permanently delete a person and all their data."),
            "sessions": ("users.sessions:sessions", "List or end a person's sessions."),
            "linked": ("users.linked:linked", "List what a person signs in with elsewhere, or remove it."),
            "unlock": ("users.access:unlock", "Forget a person's failed sign-ins."),
            "import": ("users.import_:import_", "Add people from a file, one JSON object per line."),
            "export": ("users.export:export", "Write everyone to standard output, as `import` reads it."),
            "data": ("users.export:data", "Write everything that is stored about one person to standard output."),
        },
    ),
    "db": (
        "Manage the schema of the database.",
        {
            "upgrade": ("database:upgrade", "Upgrade the database to this release."),
            "status": ("database:status", "Show which schema the database has, and what an upgrade would run."),
            "check": ("database:check", "Check whether this release can work on the schema."),
            "downgrade": ("database:downgrade", "Take the database back to the schema of the previous release."),
        },
    ),
    "events": (
        "Show audit events: sign-ins, tokens, refusals, changes. `authserver serve` also logs each one.",
        {
            "list": ("events:list_", "List the last events, oldest first."),
            "follow": ("events:follow", "Print events as they happen, until Ctrl-C."),
        },
    ),
}

SECTIONS = {
    "Set up and run": ("init", "serve", "doctor"),
    "Clients and people": ("clients", "users", "explain", "events"),
    "Keys and data": ("keys", "db", "backup", "restore"),
}
# What the settings are built on, and what else the server is built on once it has begun to read clients.yaml.
BUILT_ON = ("limits",)
SERVED_BY = ("sqlalchemy", "flask", "joserfc.jws", "babel.dates", "flask_wtf.csrf")
# What a library makes use of where it is installed, for nothing that we show, and how that would slow down each start:
# structlog imports rich for tracebacks, and Babel has pytz look through 600 files for the zone of this machine.
UNNEEDED = {"structlog": "rich", "babel.dates": "pytz"}
# Why nothing more could be written: a disk that is full or broken.
UNWRITTEN = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
_EXAMPLES = """\b
Examples:
  authserver init
  authserver serve
  authserver users add ada --email ada@example.com
  authserver clients plan new.yaml
  authserver explain --user ada --client portal
  authserver doctor

\b
Exit status:
  0  done
  1  not done, for a reason that is printed
  2  wrong options, or faulty settings

`authserver COMMAND --help` shows the options of a command, with examples and any other exit status."""


def epilog(examples: Sequence[str], statuses: Mapping[int, str] | None = None) -> str:
    """What stands below the options: command lines without `authserver`, and what each exit status means."""
    parts = ["\b\nExamples:", *(f"  authserver {line}" for line in examples)]
    if statuses:
        parts += ["", "\b\nExit status:", *(f"  {status}  {means}" for status, means in statuses.items())]
    return "\n".join(parts)


class _NearestGroup(click.Group):
    """A group that names the commands which one that it does not have may have meant."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except NoSuchCommand:
            raise NoSuchCommand(args[0], possibilities=self.list_commands(ctx), ctx=ctx) from None


class LazyGroup(_NearestGroup):
    """A group whose commands are known by name and imported when needed."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """As click has it; and where what it says cannot be written, that is said, and the status is 1."""
        try:
            return super().main(*args, **extra)
        except OSError as error:
            if error.errno not in UNWRITTEN or error.filename is not None:
                raise
            _let_go_of_output()
            click.echo(f"authserver: the output cannot be written: {error.strerror}", err=True)
            sys.exit(1)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # Half of a pair of surrogates stands for a byte that is no UTF-8: no database and no file of ours holds it.
        if any("\udc80" <= character <= "\udcff" for each in args for character in each):
            raise click.UsageError("an argument is not UTF-8", ctx)
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name in GROUPS:
            return ListedGroup(cmd_name, *GROUPS[cmd_name])
        target = COMMANDS.get(cmd_name, (None,))[0]
        return imported(target) if target else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        for title, names in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, COMMANDS[name][1]) for name in names])


def _let_go_of_output() -> None:
    """Nothing more is written, so that Python does not try it once more as it ends, and fail."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class ListedGroup(_NearestGroup):
    """A group that lists its commands without importing them, and imports only the one that is called."""

    def __init__(self, name: str, about: str, listed: Mapping[str, tuple[str, str]]) -> None:
        super().__init__(name, help=about)
        self._listed = listed

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(self._listed)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        return imported(self._listed[cmd_name][0]) if cmd_name in self._listed else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in self._listed.items()])


def imported(target: str) -> click.Command:
    """The command at a place that `COMMANDS` or `GROUPS` names."""
    place, _, attribute = target.partition(":")
    module = f"{__name__}.{place}"
    if module not in sys.modules:
        _import_lean(*(BUILT_ON if place == "serve" else ()), module)
    command: click.Command = getattr(sys.modules[module], attribute)
    return command


def _import_lean(*modules: str) -> None:
    """Import what a command needs, without what only costs time."""
    # Pydantic would look through every installed package for plugins, which could read what settings hold.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # Looking for garbage among a thousand modules finds none, and is a twentieth of a start. What is there then, stays.
    gc.disable()
    try:
        import_in_turn("structlog", *modules)
    finally:
        gc.freeze()
        gc.enable()


def import_in_turn(*names: str) -> None:
    """Import one module after the other, each without what it does not need.

    Within each other they would come so deep that Python takes 16 KiB from the system for a call and gives them back
    2,500 times: a thirtieth of a cold start.
    """
    for name in names:
        _import_without(UNNEEDED.get(name), name)


def _import_without(other: str | None, name: str) -> None:
    if other is None or other in sys.modules:
        import_module(name)
        return
    # None says that a module is not to be had; whoever asks for it later gets it.
    sys.modules[other] = None  # type: ignore[assignment]  # typeshed knows of modules alone
    import_module(name)
    del sys.modules[other]


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]}, epilog=_EXAMPLES)
@click.version_option(package_name="authserver")
def main() -> None:
    """An OAuth 2.0 and OpenID Connect authorization server.

    Settings come from environment variables named AUTHSERVER_… and from `.env`.
    """
    # `serve` writes lines for machines; whoever runs another command reads what it says.
    _import_lean("authserver.logs")
    sys.modules["authserver.logs"].speak_to_a_person()
