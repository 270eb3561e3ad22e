"""Read a large clients.yaml in a process of its own: what reading takes, time and memory, is gone when it ends."""

import gc
import os
import pickle
import signal
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn

import structlog

from authserver.clients.file.faults import ClientsFileError, FileFault
from authserver.clients.file.on_disk import is_large
from authserver.clients.load import LoadedFile, load_to_serve
from authserver.clients.served.ahead import Ahead
from authserver.clients.served.packed import Verdict, pack, unpack

_log = structlog.get_logger("authserver")


def load_apart(path: Path, environ: Mapping[str, str], *, issuer: str) -> LoadedFile:
    """What `load_to_serve` gives. Raises `ClientsFileError`.

    No other thread may hold a lock meanwhile that reading needs: it would stay held in the other process.
    """
    return begin_apart(path, environ, issuer=issuer)()


def begin_apart(
    path: Path, environ: Mapping[str, str], *, issuer: str, ahead: Ahead | None = None
) -> Callable[[], LoadedFile]:
    """Begin to read, for who has something else to do meanwhile: what is returned gives what `load_apart` does, once.

    A small file is read only then; of what has begun to be read `ahead`, the rest is done.
    """
    if ahead is None and not is_large(path):
        return partial(load_to_serve, path, environ, issuer=issuer)
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _read(writing, path, environ, issuer, ahead)
    os.close(writing)
    pids = [pid]
    if ahead is not None:
        ahead.handed_on()
        pids.append(ahead.pid)
    return partial(_taken, pids, reading, path)


def _taken(pids: Sequence[int], reading: int, path: Path) -> LoadedFile:
    try:
        with os.fdopen(reading, "rb") as pipe:
            faults, files, text = pickle.load(pipe)  # noqa: S301 - our own process wrote it
            packed = pipe.read()
    except EOFError:
        fault = FileFault(str(path), 1, 1, "", "cannot be read: the process that reads it was killed")
        raise ClientsFileError([fault], (path,)) from None
    finally:
        for pid in pids:
            os.waitpid(pid, 0)
    if faults:
        raise ClientsFileError(faults, files)
    return LoadedFile(unpack(packed).registry, (), files, text)


def _read(writing: int, path: Path, environ: Mapping[str, str], issuer: str, ahead: Ahead | None) -> NoReturn:
    """The other process, which leaves nothing of its parent's to do at its end."""
    try:
        # Next to nothing becomes garbage, and looking for it among so many objects takes a fifth of the time.
        gc.disable()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        try:
            plain = ahead.taken() if ahead is not None else None
            loaded = load_to_serve(path, environ, issuer=issuer, plain=plain)
        except ClientsFileError as error:
            said = pickle.dumps((error.faults, error.files, None))
        else:
            said = pickle.dumps(((), loaded.files, loaded.text)) + pack(Verdict(loaded.registry))
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(said)
    except BaseException:
        _log.exception("clients:unreadable")
    finally:
        os._exit(0)
