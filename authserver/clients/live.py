"""The registry of a running server: reloaded when clients.yaml or a secret file changes, all or nothing."""

import threading
from collections.abc import Mapping
from pathlib import Path
from queue import Empty, SimpleQueue

import structlog

from authserver.clients.file.faults import ClientsFileError, FileFault
from authserver.clients.load import DEFAULT_ISSUER, load
from authserver.protocol.client.registry import Registry

# A file that changes is left alone until it has kept still for this many seconds: it may be half written.
SETTLING = 0.2
_LOGGED_FAULTS = 20
_log = structlog.get_logger("authserver")

State = tuple[int, ...] | None


class LiveRegistry:
    """`current` is always a whole, sound registry; `faults` says why a newer file is refused, empty if none is."""

    def __init__(
        self, path: Path, environ: Mapping[str, str], interval: float = 1.0, issuer: str = DEFAULT_ISSUER
    ) -> None:
        """Load the file; `interval` is the seconds between two looks at it. Raises `ClientsFileError`."""
        self._path, self._environ, self._interval, self._issuer = path, environ, interval, issuer
        self._lock = threading.Lock()
        self._calls: SimpleQueue[bool] = SimpleQueue()
        self._watcher: threading.Thread | None = None
        self._seen = self._unsettled = _states((path,))
        loaded = load(path, environ, issuer=issuer)
        self._files = loaded.files
        self.faults: tuple[FileFault, ...] = ()
        self.current: Registry = loaded.registry

    def reload(self) -> bool:
        """Take what the files say now; on any fault keep what stands. Says whether the files were sound."""
        with self._lock:
            # Looked at before they are read: what changes meanwhile, or is new among them, is met at the next look.
            self._seen = _states(self._files)
            try:
                loaded = load(self._path, self._environ, issuer=self._issuer)
            except ClientsFileError as error:
                self._refuse(error)
                return False
            self._files, self.faults = loaded.files, ()
            previous, self.current = self.current, loaded.registry
            if previous.version != self.current.version:
                _log.info("clients:reloaded", version=self.current.version, previous=previous.version)
            return True

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

    def watch(self) -> None:
        """Look at the files from a thread of this process until `stop()`."""
        self._watcher = threading.Thread(target=self._watch, name="clients", daemon=True)
        self._watcher.start()

    def wake(self) -> None:
        """Have the watcher reload now. Safe in a signal handler."""
        self._calls.put(True)

    def stop(self) -> None:
        """End the watcher."""
        self._calls.put(False)
        if self._watcher is not None:
            self._watcher.join()
            self._watcher = None

    def _watch(self) -> None:
        pause = self._interval
        while True:
            try:
                goes_on = self._calls.get(timeout=pause)
            except Empty:
                pause = self.look()
                continue
            if not goes_on:
                return
            self.reload()


def _states(files: tuple[Path, ...]) -> dict[Path, State]:
    return {file: _state(file) for file in files}


def _state(file: Path) -> State:
    try:
        found = file.stat()
    except OSError:
        return None
    # ctime moves with every change of content or rights, even where the other times are set back.
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino
