"""Audit events: their names, the log lines and rows in which they are kept, and what is left out of rows.

`emit` says that something happened; a `Recorder` writes the rows that follow.
"""

from authserver.events.names import EventName
from authserver.events.record import Recorder, emit, recorder

__all__ = ["EventName", "Recorder", "emit", "recorder"]
