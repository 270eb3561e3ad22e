"""The `authserver` command in a process of its own, forked from one that has imported it: importing costs a second."""

import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryDirectory

from authserver.cli import COMMANDS, GROUPS, imported
from tests.patience import PATIENCE

FILES = ("stdin", "stdout", "stderr")

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload([__name__])


def run_command(
    arguments: Sequence[str], folder: Path, environ: Mapping[str, str], given: str = "", name: str | None = None
) -> "CompletedProcess[str]":
    """Run it to its end in this folder, with these variables and no other that the server reads."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AUTHSERVER_")}
    with TemporaryDirectory() as place:
        stdin, stdout, stderr = (Path(place) / name for name in FILES)
        stdin.write_text(given)
        process = _forks.Process(target=_main, args=(arguments, folder, clean | dict(environ), place, name))
        process.start()
        process.join(PATIENCE)
        process.kill()
        process.join()
        status = process.exitcode
        process.close()
        assert status is not None
        return CompletedProcess(arguments, status, stdout.read_text(), stderr.read_text())


def _main(arguments: Sequence[str], folder: Path, environ: Mapping[str, str], place: str, name: str | None) -> None:
    """What the command sees is what it would see as a program: its folder, variables, arguments and three files."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    for number, (file, mode) in enumerate(zip(FILES, "rww", strict=True)):
        with (Path(place) / file).open(mode) as opened:
            os.dup2(opened.fileno(), number)
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, mode, closefd=False)  # noqa: SIM115 - a descriptor has no path
        for number, mode in enumerate("rww")
    )
    from authserver.cli import main

    main(list(arguments), prog_name=name)


for _target, _ in (*COMMANDS.values(), *(each for _, listed in GROUPS.values() for each in listed.values())):
    if _target:
        imported(_target)
