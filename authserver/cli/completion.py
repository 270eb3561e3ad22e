"""What the tab key offers; `docs/people.md` says how a shell is told to ask."""

import click
from click.shell_completion import CompletionItem

from authserver.cli.context import open_database
from authserver.settings import Settings


def complete_login(_ctx: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """The usernames that begin as typed; none where the database cannot be asked."""
    from authserver.store.search import walks

    try:
        with open_database(Settings()).read() as connection:
            found = walks.usernames_beginning_with(connection, typed, 50)
    except Exception:  # a shell that completes has no use for an error
        return []
    return [CompletionItem(username) for username in found]
