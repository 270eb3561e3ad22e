"""`authserver serve`: the server itself."""

import gc
import os
import signal
import sys

import click
import structlog

from authserver.cli import SERVED_BY, epilog, import_in_turn
from authserver.cli.context import load_settings
from authserver.serve import signals

OPEN = (
    "authserver: AUTHSERVER_REGISTRATION=open lets anybody on the Internet register clients, which can send your "
    "people to the consent page under any name and lead them to any https address. It is for tests: use `token`."
)


@click.command(
    epilog=epilog(
        ("serve", "serve --workers 4", "serve --host 0.0.0.0 --port 9000 --no-migrate"),
        {
            0: "a signal stopped it",
            1: "it could not start; every reason is printed",
            2: "wrong options, or faulty settings",
        },
    )
)
@click.option("--workers", type=click.IntRange(1, 64), help="Worker processes, instead of AUTHSERVER_WORKERS.")
@click.option("--host", help="The address to listen on, instead of AUTHSERVER_HOST.")
@click.option("--port", type=click.IntRange(1, 65535), help="The port to listen on, instead of AUTHSERVER_PORT.")
@click.option("--no-migrate", is_flag=True, help="Leave the schema to `authserver db upgrade`.")
def serve(workers: int | None, host: str | None, port: int | None, no_migrate: bool) -> None:
    """Run the server.

    It checks its settings and clients.yaml, migrates the database, makes the first keys, and then accepts requests.
    SIGTERM lets running requests finish; SIGHUP reloads clients.yaml. With --no-migrate, it exits if the schema is too
    old.
    """
    # Migrations may take minutes, and whoever changes clients.yaml meanwhile must not end them.
    signals.hold(signal.SIGHUP)
    # As in `main`, for what is imported here; the parent enables it again.
    gc.disable()
    given = {"workers": workers, "host": host, "port": port}
    unknown: list[str] = []
    settings = load_settings(unknown.append, **{name: value for name, value in given.items() if value is not None})

    from authserver.clients.file.on_disk import state_of
    from authserver.clients.served.ahead import read_ahead

    # A large file is read while its rules are imported, and checked while the rest is.
    file = settings.clients_file
    seen, ahead = state_of(file), read_ahead(file)

    from authserver import logs
    from authserver.clients.live import FirstReading
    from authserver.clients.served.apart import begin_apart

    logs.configure(settings)
    first = FirstReading(seen, begin_apart(file, os.environ, issuer=settings.issuer, ahead=ahead))

    import_in_turn(*SERVED_BY)
    from authserver.serve.parent import run
    from authserver.serve.prepare import PrepareError

    if settings.registration == "open":
        click.secho(OPEN, fg="red", bold=True, err=True)
    logs.report_uncaught()
    for sentence in unknown:
        structlog.get_logger("authserver").warning("settings:unknown", reason=sentence)
    try:
        run(settings, first, migrate=not no_migrate)
    except PrepareError as error:
        click.echo("authserver: the server cannot start:", err=True)
        for reason in error.reasons:
            click.echo(f"  {reason}", err=True)
        sys.exit(1)
