"""Prepared statements in one exchange, by libpq's pipeline mode.

https://www.postgresql.org/docs/current/libpq-pipeline-mode.html
"""

import select
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGconn, PGresult

DONE = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)


@dataclass(frozen=True, slots=True)
class NamedStatement:
    """A statement by its name on the connection, with its values and the format of each.

    With `text` it is prepared first, for values of these `types`; without a name it is forgotten again.
    """

    name: bytes
    values: Sequence[bytes | None] = ()
    formats: Sequence[int] = ()
    text: bytes = b""
    types: Sequence[int] = ()


def ask_together(connection: PGconn, statements: Sequence[NamedStatement]) -> PGresult:
    """Send these and wait once; the answer of the last one, or of the first that failed: after it none runs.

    They are one transaction, committed before the answer unless the first is BEGIN. Raises OperationalError where the
    connection is lost, and is cut short by nothing else without an end of the connection: nobody may find it half-way.
    """
    try:
        connection.enter_pipeline_mode()
        for each in statements:
            if each.text:
                connection.send_prepare(each.name, each.text, each.types)
            connection.send_query_prepared(each.name, each.values, each.formats)
        connection.pipeline_sync()
        answers = _answers(connection)
        connection.exit_pipeline_mode()
    except BaseException:
        connection.finish()
        raise
    return next((each for each in answers if each.status not in DONE), answers[-1])


def _answers(connection: PGconn) -> list[PGresult]:
    found: list[PGresult] = []
    _flush(connection)
    waiting = select.poll()
    waiting.register(connection.socket, select.POLLIN)
    while True:
        while connection.is_busy():
            # Not by get_result, which would keep Python's lock while it waits.
            waiting.poll()
            connection.consume_input()
        answer: Any = connection.get_result()
        if connection.status == ConnStatus.BAD:
            raise psycopg.OperationalError(connection.get_error_message())
        # Each statement's answers end with None, and all of them with the mark that was sent last.
        if answer is not None and answer.status == ExecStatus.PIPELINE_SYNC:
            return found
        if answer is not None:
            found.append(answer)


def _flush(connection: PGconn) -> None:
    while connection.flush():
        waiting = select.poll()
        waiting.register(connection.socket, select.POLLIN | select.POLLOUT)
        # The server may have to be heard before it hears more.
        if waiting.poll()[0][1] & ~select.POLLOUT:
            connection.consume_input()
