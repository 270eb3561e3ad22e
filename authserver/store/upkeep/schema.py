"""Which schema a database has, and whether this release can work on it.

A release only adds to the schema that the one before works on (expand), and takes away what no release still uses a
release later (contract). So a release works on schemas newer than its own, up to the first that says it does not.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, text

from authserver.store.engine.statement import Statement

# No row where there is no such table. SQLAlchemy's inspector would ask more, by statements that take long to compile.
_COLUMNS_IN = {
    "postgresql": "SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = to_regclass('alembic_version')",
    "sqlite": "SELECT name FROM pragma_table_info('alembic_version')",
}
_COLUMNS = Statement(lambda dialect: text(_COLUMNS_IN[dialect]))
_READ = Statement(text("SELECT version_num, release, works_from FROM alembic_version"))
_READ_OLD = Statement(text("SELECT version_num FROM alembic_version"))


@dataclass(frozen=True, slots=True)
class Schema:
    """What a database says of its tables, beside what this release knows.

    `revision`: the migration that ran last; None in a database without tables of ours. `release`: who ran it.
    `works_from`: releases that know this revision can work on it. `known`: the newest revision of this release.
    """

    known: str
    revision: str | None = None
    release: str | None = None
    works_from: str | None = None

    @property
    def is_current(self) -> bool:
        """Whether it is exactly what this release makes."""
        return self.revision == self.known

    @property
    def is_newer(self) -> bool:
        """Whether a newer release made it."""
        return self.revision is not None and _number(self.revision) > _number(self.known)

    @property
    def is_workable(self) -> bool:
        """Whether this release can work on it: its own, or a newer one that only adds to it."""
        if not self.is_newer:
            return self.is_current
        return self.works_from is not None and _number(self.works_from) <= _number(self.known)

    def fault(self, version: str) -> str | None:
        """Why this release, which is `version`, cannot work on it and what to do; None where it can."""
        if self.is_workable:
            return None
        if self.revision is not None and not _is_ours(self.revision):
            return (
                f"the database is at revision {self.revision!r}, which no release of authserver makes: "
                "does AUTHSERVER_DATABASE_URL name the right one?"
            )
        if self.is_newer:
            needed = f"release {self.release} or a newer one" if self.release else "the release that made it"
            return (
                f"the database is at revision {self.revision}, and this release ({version}) works up to {self.known}: "
                f"install {needed}"
            )
        return f"the database is not at revision {self.known}, as this release wants it: run `authserver db upgrade`"


def read(connection: Connection, known: str) -> Schema:
    """The schema of this database. Two short reads."""
    columns = _COLUMNS.column(connection)
    if not columns:
        return Schema(known)
    # Before 0012 the table had the first of these columns alone.
    return Schema(known, *((_READ if "works_from" in columns else _READ_OLD).row(connection) or ()))


def _is_ours(revision: str) -> bool:
    return revision.isascii() and revision.isdigit()


def _number(revision: str) -> int:
    # What is none of ours is never older: nothing may be migrated on it.
    return int(revision) if _is_ours(revision) else 10**9
