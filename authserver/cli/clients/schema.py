"""`authserver clients schema`."""

import json

import click

from authserver.cli import epilog
from authserver.clients.schema import json_schema


@click.command(epilog=epilog(("clients schema > clients.schema.json",)))
def schema() -> None:
    """Print the JSON Schema of clients.yaml, which lets an editor complete and check it."""
    click.echo(json.dumps(json_schema(), indent=2))
