"""Write the migration from the newest revision to the tables as they are now.

`.venv/bin/python migrations/new.py "Why"`; read the result before committing it. `--replace` writes the newest revision
anew, for one that was never released.
"""

import subprocess
import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.operations.ops import MigrationScript
from sqlalchemy import create_engine

from authserver.store.database import Database
from authserver.store.upkeep.migrations import scripts


def main(arguments: list[str]) -> None:
    versions = sorted(scripts().glob("versions/[0-9]*_*.py"))
    if "--replace" in arguments:
        versions.pop().unlink()
    message = next(argument for argument in arguments if argument != "--replace")
    database = Database(create_engine("sqlite://"))
    with database.write() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(scripts()))
        command.upgrade(config, "head")
        number = f"{len(versions) + 1:04}"
        script = command.revision(
            config, message, autogenerate=True, rev_id=number, process_revision_directives=_only_with_content
        )
    if not script:
        sys.exit("Nothing to write: the tables are as the migrations make them.")
    path = Path(script.path)  # type: ignore[union-attr]
    path.write_text("".join(line for line in path.open() if not line.lstrip().startswith("# ###")))
    for step in (["format"], ["check", "--fix"], ["format"]):
        subprocess.run([sys.executable, "-m", "ruff", *step, "-q", path], check=True)  # noqa: S603


def _only_with_content(_context: object, _revision: object, directives: list[MigrationScript]) -> None:
    upgrade = directives[0].upgrade_ops
    if upgrade is not None and upgrade.is_empty():
        directives.clear()


if __name__ == "__main__":
    main(sys.argv[1:])
