"""Write a file down that has gone live, once, however many nodes and workers take it."""

import time

from authserver.history.arrival import Arrival
from authserver.master_key import MasterKey
from authserver.store.database import Database
from authserver.store.live_files import files
from authserver.store.live_files.files import LiveFile

_LONGEST_NAME, _LONGEST_NODE = 128, 255


def record(database: Database, master: MasterKey, arrival: Arrival, node: str, now: int) -> bool:
    """Write it down, unless another worker or node has; `now` is in seconds since the epoch.

    A worker that begins later with what its node has had for long writes nothing. False where somebody else wrote a
    file at this moment, this one or another: ask again.
    """
    # By the clock that all nodes share, for theirs may differ.
    at = now - int(time.monotonic() - arrival.at)
    with database.read() as connection:
        newest = files.newest(connection)
    if newest is not None and (newest.digest == arrival.text.digest or newest.live_at > at):
        return True
    row = LiveFile(
        number=newest.number + 1 if newest else 1,
        digest=arrival.text.digest,
        version=arrival.version,
        live_at=at,
        who=arrival.who[:_LONGEST_NAME],
        node=node[:_LONGEST_NODE],
        way=arrival.way,
        sealed=master.seal(arrival.text.packed),
    )
    with database.write() as connection:
        return files.add(connection, row)
