"""The signing keys: whether the master key opens them, which one signs, and when the next one does."""

from collections.abc import Sequence
from datetime import UTC, datetime

from authserver.doctor.diagnosis import Diagnoses, fault, ok, warning
from authserver.keys import life
from authserver.master_key import MasterKey
from authserver.settings import Settings
from authserver.store.keys import SigningKey


def keys(settings: Settings, master: MasterKey, rows: Sequence[SigningKey], now: int) -> Diagnoses:
    """`rows` are the keys of the database; `now` is in seconds since the epoch."""
    kept = [row for row in rows if row.revoked_at is None]
    sealed = [row.kid for row in kept if master.try_unseal(row.private_key) is None]
    if sealed:
        yield fault(
            "keys",
            f"the master key does not open {', '.join(sealed)}",
            "set the master key that was in use, beside a newer one",
        )
        return
    found = life.stages(rows, now, life.Schedule.of(settings))
    active = [each for each in found if each.state == "active"]
    if not active:
        yield fault("keys", "no key signs", "start the server: it makes one")
        return
    for each in active:
        if each.until < now:
            overdue = "rotation is overdue, since no server has been running or all of them fail at it"
            yield warning("keys", f"{each.alg}: {overdue}", "start a server, and look for keys: in its log")
        else:
            yield ok(
                "keys", f"{each.alg}: {each.kid[:8]}… signs until {datetime.fromtimestamp(each.until, UTC):%Y-%m-%d}"
            )
    if len(master) > 1 and not all(master.is_first(row.private_key) for row in kept):
        yield warning(
            "keys",
            "some are encrypted with an earlier master key",
            "run `authserver keys change-master-key`, then remove the earlier one",
        )
