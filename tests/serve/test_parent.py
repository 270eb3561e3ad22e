"""The parent process and the ends of its workers."""

import os
from pathlib import Path
from unittest.mock import ANY

from authserver.clients.live import LiveRegistry
from authserver.serve.parent import Parent
from tests.conftest import make_settings
from tests.serve.conftest import CLIENTS_YAML


def nothing_to_do(*_arguments: object) -> None:
    """What a worker of this test runs: it ends at once."""


def test_a_worker_that_has_ended_is_not_alive_even_while_another_thread_has_its_exit_status(tmp_path: Path) -> None:
    file = tmp_path / "clients.yaml"
    file.write_text(CLIENTS_YAML)
    parent = Parent(make_settings(clients_file=file), "127.0.0.1", LiveRegistry(file, {}))
    parent._sso = None
    worker = parent._spawn_worker(0, nothing_to_do, ANY)
    worker.inner.start()
    # As granian's own thread does, which has not noted it down yet.
    assert os.waitpid(worker.inner.pid or 0, 0)[1] == 0
    assert worker.inner.is_alive()
    assert not worker.is_alive()  # type: ignore[no-untyped-call]
