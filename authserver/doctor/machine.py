"""This machine: whether there is room left on its disk, and whether its clock agrees with the others.

`Date`: RFC 9110 §6.6.1. https://www.rfc-editor.org/rfc/rfc9110#section-6.6.1
"""

import shutil
import time
from email.utils import parsedate_to_datetime
from pathlib import Path

from authserver.doctor.diagnosis import Diagnoses, fault, ok, warning
from authserver.doctor.outside import OPENID
from authserver.doctor.site import Site, Unreachable
from authserver.store.clock import DatabaseClock
from authserver.store.database import Database

GIB = 1024**3
LITTLE, ALMOST_NONE = GIB, 100 * 1024**2
# Seconds. A second of `Date` is lost to rounding, and one to the way.
MOST_APART = 3
_ADVICE = "let chrony or systemd-timesyncd keep the time on every machine"


def clock_of_database(database: Database) -> Diagnoses:
    """How far this machine is from the database."""
    clock = DatabaseClock(database)
    clock.measure()
    if abs(clock.skew) >= MOST_APART:
        yield warning("clock", f"this machine is {clock.skew:+.0f} s from the database", _ADVICE)
    else:
        yield ok("clock", "this machine and the database agree")


def clock_of_site(site: Site) -> Diagnoses:
    """How far this machine is from the one that answers at the issuer."""
    try:
        said = site.get(f"{site.base}{OPENID}").headers.get("Date")
        apart = 0.0 if said is None else time.time() - parsedate_to_datetime(said).timestamp()
    except (Unreachable, ValueError):
        # Told elsewhere.
        return
    if abs(apart) >= MOST_APART:
        yield warning("clock", f"this machine is {apart:+.0f} s from the one that answers at the issuer", _ADVICE)


def disk(folder: Path) -> Diagnoses:
    """The free space of the file system that holds this folder."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        yield fault("disk", f"{folder} cannot be looked at: {error.strerror}", "create it, or mend the path to it")
        return
    found = f"{free / GIB:.1f} GiB are free at {folder}"
    if free < ALMOST_NONE:
        yield fault("disk", found, "make room: a full disk ends every sign-in")
    elif free < LITTLE:
        yield warning("disk", found, "make room")
    else:
        yield ok("disk", found)
