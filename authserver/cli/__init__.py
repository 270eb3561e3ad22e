"""The `authserver` command.

A subcommand's module is imported only when it is called, so that `authserver --help` and `serve` are quick.
"""

import gc
import os
import sys
from importlib import import_module

import click

COMMANDS = {
    "serve": ("authserver.cli.serve:serve", "Run the server."),
    "init": ("authserver.cli.init:init", "Ask five questions and write what a first start needs."),
    "clients": ("authserver.cli.clients:clients", "Check and list clients.yaml; make client secrets."),
    "keys": ("authserver.cli.keys:keys", "List, rotate, and revoke signing keys; replace the master key."),
    "users": ("authserver.cli.users:users", "Add, invite, list, disable, import, and export people."),
    "db": ("authserver.cli.database:db", "Create or upgrade the database."),
    "doctor": ("authserver.cli.doctor:doctor", "Look at this installation, and say what to do."),
    "explain": ("authserver.cli.explain:explain", "Show what a client would get for a person, and why."),
    "backup": ("authserver.cli.backup:backup", "Write the database into an encrypted file."),
    "restore": ("authserver.cli.backup:restore", "Put back the database of a backup."),
    "events": ("authserver.cli.events:events", "Read the audit events."),
}


class LazyGroup(click.Group):
    """A group whose commands are known by name and imported when needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        if module not in sys.modules:
            _import_lean(module)
        command: click.Command = getattr(sys.modules[module], attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])


def _import_lean(module: str) -> None:
    """Import what a command needs, without what only costs time."""
    # Pydantic would look through every installed package for plugins, which could read what settings hold.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # Looking for garbage among a thousand modules finds none, and is a twentieth of a start. What is there then, stays.
    gc.disable()
    try:
        _import_structlog_without_rich()
        import_module(module)
    finally:
        gc.freeze()
        gc.enable()


def _import_structlog_without_rich() -> None:
    # Where rich is installed, structlog imports it for tracebacks that `logs` never shows: a twentieth of a cold start.
    # None says that a module is not to be had; whoever asks for it later gets it.
    if "rich" not in sys.modules:
        sys.modules["rich"] = None  # type: ignore[assignment]  # typeshed knows of modules alone
        import_module("structlog")
        del sys.modules["rich"]


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="authserver")
def main() -> None:
    """An OAuth 2.0 and OpenID Connect authorization server.

    Settings come from environment variables named AUTHSERVER_… and from `.env`.
    """
    # `serve` writes lines for machines; whoever runs another command reads what it says.
    import_module("authserver.logs").speak_to_a_person()
