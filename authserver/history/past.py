"""The files that were live, opened: each with what it changed, and the text of one of them."""

from dataclasses import dataclass

from authserver.history.difference import Difference, differences
from authserver.history.text import Said, said
from authserver.master_key import MasterKey
from authserver.store import Connection
from authserver.store.live_files import files
from authserver.store.live_files.files import LiveFile


@dataclass(frozen=True, slots=True)
class PastFile:
    """One file that was live. `changed` is what it says differently from the one before.

    None where that is not kept, or one of the two lies under a master key that is lost.
    """

    file: LiveFile
    changed: tuple[Difference, ...] | None


def history(connection: Connection, master: MasterKey) -> list[PastFile]:
    """All that are kept, the newest first. The newest is the one that is live."""
    kept = files.everything(connection)
    data = [None if (packed := master.try_unseal(each.sealed)) is None else said(packed).data for each in kept]
    return [
        PastFile(each, None if before is None or after is None else tuple(differences(before, after)))
        for each, after, before in zip(kept, data, [*data[1:], None], strict=False)
    ]


def opened(file: LiveFile, master: MasterKey) -> Said:
    """What a file says. Raises MasterKeyError where it cannot be opened."""
    return said(master.unseal(file.sealed))
