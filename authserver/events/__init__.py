"""Audit events: their names, the log lines and rows in which they are kept, and what is left out of rows.

`emit` says that something happened; a `Recorder` writes the rows that follow; `listen` hears of each, for metrics.
"""

from authserver.events.names import EventName
from authserver.events.record import Recorder, emit, listen, recorder

__all__ = ["EventName", "Recorder", "emit", "listen", "recorder"]
