"""The registry of a running server: reloaded when clients.yaml or a secret file changes, all or nothing."""

import pwd
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog

from authserver.clients.file.faults import ClientsFileError, FileFault
from authserver.clients.file.on_disk import State, state_of
from authserver.clients.load import DEFAULT_ISSUER, LoadedFile, load_to_serve
from authserver.clients.texts import Texts
from authserver.history.arrival import Arrival, Way
from authserver.protocol.client.registry import Registry

# A file that changes is left alone until it has kept still for this many seconds: it may be half written.
SETTLING = 0.2
_LOGGED_FAULTS = 20
_log = structlog.get_logger("authserver")


class Load(Protocol):
    """How the file is read: as `load_to_serve` does."""

    def __call__(self, path: Path, environ: Mapping[str, str], *, issuer: str) -> LoadedFile: ...


@dataclass(frozen=True, slots=True)
class FirstReading:
    """A first reading that may go on meanwhile: what the file looked like before it, and what gives its end.

    What changes meanwhile, the registry meets at its first look.
    """

    seen: State
    finish: Callable[[], LoadedFile]


class LiveRegistry:
    """`current` is always a whole, sound registry; `faults` says why a newer file is refused, empty if none is.

    `arrival` is the text of the file that counts, and how it came: the same as long as the text is. `texts`
    answers what is asked about it.
    """

    def __init__(
        self,
        path: Path,
        environ: Mapping[str, str],
        interval: float = 1.0,
        issuer: str = DEFAULT_ISSUER,
        load: Load = load_to_serve,
        first: FirstReading | None = None,
    ) -> None:
        """Load the file, or take what a `first` reading gives; `interval` is the seconds between two looks at it.

        Raises `ClientsFileError`.
        """
        self._path, self._environ, self._interval, self._issuer = path, environ, interval, issuer
        self._load = load
        self._lock = threading.Lock()
        self._seen = self._unsettled = {path: first.seen} if first else _states((path,))
        loaded = first.finish() if first else load(path, environ, issuer=issuer)
        self._files = loaded.files
        self.faults: tuple[FileFault, ...] = ()
        self.current: Registry = loaded.registry
        self.arrival = _arrival(path, loaded, "start")
        self.texts = Texts(lambda: self.arrival, issuer)

    def reload(self) -> bool:
        """Take what the files say now; on any fault keep what stands. Says whether the files were sound."""
        with self._lock:
            # Looked at before they are read: what changes meanwhile, or is new among them, is met at the next look.
            self._seen = _states(self._files)
            try:
                loaded = self._load(self._path, self._environ, issuer=self._issuer)
            except ClientsFileError as error:
                self._refuse(error)
                return False
            self._files = loaded.files
            is_news = loaded.text.digest != self.arrival.text.digest
            self.take(loaded.registry, arrival=_arrival(self._path, loaded, "reload") if is_news else None)
            return True

    def take(self, registry: Registry, faults: tuple[FileFault, ...] = (), arrival: Arrival | None = None) -> None:
        """Let this registry count from now on; `faults` is why a newer file is refused, `arrival` a new text."""
        previous, self.current, self.faults = self.current, registry, faults
        self.arrival = arrival or self.arrival
        if previous.version != registry.version:
            _log.info("clients:reloaded", version=registry.version, previous=previous.version)

    def _refuse(self, error: ClientsFileError) -> None:
        self._files = tuple(dict.fromkeys((*self._files, *error.files)))
        if error.faults != self.faults:
            _log.error(
                "clients:refused",
                faults=[str(fault) for fault in error.faults[:_LOGGED_FAULTS]],
                fault_count=len(error.faults),
                kept_version=self.current.version,
            )
        self.faults = error.faults

    def look(self) -> float:
        """Reload if a file has changed and kept still since the last look; the seconds until the next look."""
        states = _states(self._files)
        if states == self._seen:
            return self._interval
        if states != self._unsettled:
            self._unsettled = states
            return min(self._interval, SETTLING)
        self.reload()
        return self._interval


def _arrival(path: Path, loaded: LoadedFile, way: Way) -> Arrival:
    return Arrival(loaded.text, loaded.registry.version, way, _owner(path), time.monotonic())


def _owner(path: Path) -> str:
    """Whose the file is: of who brought it nothing else is left on the machine."""
    try:
        uid = path.stat().st_uid
    except OSError:
        return "somebody"
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _states(files: tuple[Path, ...]) -> dict[Path, State]:
    return {file: state_of(file) for file in files}
