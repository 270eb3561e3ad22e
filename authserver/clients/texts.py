"""What is asked about the text of clients.yaml: what another would come to, and where something stands in it."""

from collections.abc import Callable
from threading import Lock

from authserver.clients.file.faults import ClientsFileError, FileFault
from authserver.clients.file.lines import CLIENTS, Lines
from authserver.clients.file.reader import read
from authserver.clients.load import load_text
from authserver.history.arrival import Arrival
from authserver.history.text import said
from authserver.protocol.client.proposal import Proposal, Remark

NAME = "clients.yaml"


class Texts:
    """The text that counts, which `arrival` gives, and others that somebody proposes."""

    def __init__(self, arrival: Callable[[], Arrival], issuer: str) -> None:
        self._arrival, self._issuer = arrival, issuer
        # Read when somebody asks, and once for each text: it can take seconds.
        self._lock = Lock()
        self._lines: tuple[bytes, Lines] | None = None
        self._in_force: tuple[bytes, Proposal] | None = None

    def proposed(self, content: bytes, token_size: int) -> Proposal:
        """What would come of this text. Nothing that it names, a file or a variable, is looked at.

        Access tokens that can grow past `token_size` bytes are a warning.
        """
        try:
            loaded = load_text(content, NAME, issuer=self._issuer, token_size=token_size)
        except ClientsFileError as error:
            return Proposal(None, tuple(map(_remark, error.faults)))
        expected = tuple((each.line, each.text) for each in loaded.expected)
        return Proposal(loaded.registry, (), tuple(map(_remark, loaded.warnings)), expected)

    def in_force(self, token_size: int) -> Proposal:
        """The same of the text that counts, to compare others with."""
        text = self._arrival().text
        with self._lock:
            if self._in_force is None or self._in_force[0] != text.digest:
                self._in_force = text.digest, self.proposed(said(text.packed).text, token_size)
            return self._in_force[1]

    def line(self, way: tuple[str | int, ...]) -> int:
        """The line, from 1, of a value in the text that counts; of what is around it where it is missing."""
        return self._read().line(way)

    def way_to(self, client_id: str) -> tuple[str | int, ...] | None:
        """The way to the entry of a client; None where it is in no file."""
        index = self._read().index(client_id)
        return None if index is None else (CLIENTS, index)

    def _read(self) -> Lines:
        text = self._arrival().text
        with self._lock:
            if self._lines is None or self._lines[0] != text.digest:
                self._lines = text.digest, Lines(read(said(text.packed).text, NAME))
                _give_memory_back()
            return self._lines[1]


def _give_memory_back() -> None:
    """What reading thousands of clients took goes back to the machine: glibc would keep 50 MB in each worker."""
    # Needed here only.
    from ctypes import CDLL

    trim = getattr(CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _remark(fault: FileFault) -> Remark:
    return Remark(fault.line, fault.column, fault.where, fault.what)
