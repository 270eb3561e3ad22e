"""Everything that is looked at, in the order in which one thing rests on another."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from authserver.doctor.certificate import certificate
from authserver.doctor.database import database
from authserver.doctor.diagnosis import Check, Diagnosis, fault
from authserver.doctor.keys import keys
from authserver.doctor.machine import clock_of_database, clock_of_site, disk
from authserver.doctor.mail import mail
from authserver.doctor.node import node
from authserver.doctor.outside import issuer
from authserver.doctor.pages import pages
from authserver.doctor.providers import providers
from authserver.doctor.redis import redis
from authserver.doctor.site import Site
from authserver.master_key import MasterKey
from authserver.protocol.provider import Provider
from authserver.settings import Settings
from authserver.store import SQLAlchemyError, outbox
from authserver.store import keys as stored_keys
from authserver.store.database import Database
from authserver.store.engine import alone

LETTERS = "mail"


@dataclass(frozen=True, slots=True)
class Installation:
    """What is examined. `now` is in seconds since the epoch; `master` is None where there is no master key yet."""

    settings: Settings
    database: Database
    master: MasterKey | None
    providers: Iterable[Provider]
    sender: str
    now: int


def examine(found: Installation) -> Iterator[Diagnosis]:
    """Look at everything. What cannot be looked at is a fault of its own, and hides nothing else."""
    settings = found.settings
    with Site(settings.issuer) as site:
        checks: list[tuple[str, Check]] = [
            ("disk", lambda: disk(_folder(settings))),
            ("database", lambda: database(found.database, found.now, settings.events_retention)),
            ("clock", lambda: clock_of_database(found.database)),
            ("keys", lambda: _keys(found)),
            ("redis", lambda: redis(_redis(settings), settings.workers)),
            ("node", lambda: node(settings)),
            ("tls", lambda: certificate(settings.issuer, found.now)),
            ("issuer", lambda: issuer(site)),
            ("clock", lambda: clock_of_site(site)),
            ("pages", lambda: pages(site, is_loopback=settings.is_loopback)),
            ("mail", lambda: mail(settings, found.sender, _letters(found.database))),
            ("mail DNS", lambda: _mail_dns(found)),
            ("providers", lambda: providers(settings.issuer, found.providers)),
        ]
        for part, check in checks:
            try:
                yield from check()
            except SQLAlchemyError as error:
                yield fault(
                    part,
                    f"the database cannot be asked: {alone.reason(error)}",
                    "start it, or mend AUTHSERVER_DATABASE_URL",
                )


def _folder(settings: Settings) -> Path:
    url = settings.database_url.get_secret_value()
    if not url.startswith("sqlite:///"):
        return Path.cwd()
    return Path(url.removeprefix("sqlite:///").partition("?")[0]).absolute().parent


def _redis(settings: Settings) -> str | None:
    return settings.redis_url.get_secret_value() if settings.redis_url else None


def _keys(found: Installation) -> Iterator[Diagnosis]:
    if found.master is None:
        yield fault("keys", "there is no master key", "start the server once, or set AUTHSERVER_MASTER_KEY")
        return
    with found.database.read() as connection:
        rows = stored_keys.load(connection)
    yield from keys(found.settings, found.master, rows, found.now)


def _letters(database: Database) -> int:
    try:
        with database.read() as connection:
            return sum(count for kind, count, _ in outbox.waiting(connection) if kind == LETTERS)
    except SQLAlchemyError:
        # Told of by the database's own check, and no reason not to ask the mail server.
        return 0


def _mail_dns(found: Installation) -> Iterator[Diagnosis]:
    if found.settings.smtp_host is not None:
        # Needed by this check alone.
        from authserver.doctor.mail_dns import mail_dns

        yield from mail_dns(found.sender.rpartition("@")[2])
