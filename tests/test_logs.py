"""Log lines: one JSON object each, whatever is put into them."""

import io
import json
import logging
import os
import select
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import structlog

from authserver import logs
from tests.conftest import make_settings
from tests.patience import PATIENCE

FORGED = 'a\n{"event": "user:login:succeeded"}\r\x1b[2K\u2028b\x85\ud800'
# Nothing in it for which a console's renderer would quote it.
FORGED_AS_ONE_WORD = "/a\x0buser:login:succeeded\x1b[2K\u2028b\x85\ud800"


class Output(io.TextIOWrapper):
    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", errors="backslashreplace")

    @property
    def text(self) -> str:
        self.flush()
        data: bytes = self.buffer.getvalue()  # type: ignore[attr-defined]
        return data.decode()

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


class Reluctant(io.RawIOBase):
    """Takes three bytes at a time, and a line that says "slow" not before it is allowed to."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.began, self.allowed = threading.Event(), threading.Event()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        if b"slow" in bytes(data):
            self.began.set()
            self.allowed.wait(PATIENCE)
        self.taken.append(bytes(data[:3]))
        return len(self.taken[-1])


class Unwaiting(io.FileIO):
    """A full pipe that takes nothing at once; it is read when somebody wants to wait for that."""

    reader: io.FileIO

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor, "w")
        self.refused = False

    def write(self, data: Any) -> Any:
        assert not self.refused, "asked again without waiting"
        taken = super().write(data)
        self.refused = taken is None
        return taken

    def fileno(self) -> int:
        if self.refused:
            self.refused = False
            while len(self.reader.read(4096)) == 4096 and select.select([self.reader], [], [], 0)[0]:
                pass
        return super().fileno()


@pytest.fixture
def output(monkeypatch: pytest.MonkeyPatch) -> Iterator[Output]:
    # What another thread logs meanwhile would otherwise go this way for ever.
    whole = structlog.configure
    monkeypatch.setattr(structlog, "configure", lambda **given: whole(**given | {"cache_logger_on_first_use": False}))
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    before = structlog.get_config()
    yield Output()
    structlog.configure(**before)
    logs.show_clients_version(lambda: None)
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_line_says_when_what_where_and_under_which_clients_yaml(output: Output) -> None:
    logs.configure(make_settings(), output)
    logs.show_clients_version(lambda: "0123456789ab")
    with structlog.contextvars.bound_contextvars(request_id="f" * 16):
        structlog.get_logger().info("http:request", status=200)
    (line,) = output.objects
    assert line.pop("timestamp").endswith("+00:00")
    assert line.pop("pid")
    assert line == {
        "level": "info",
        "event": "http:request",
        "status": 200,
        "request_id": "f" * 16,
        "clients_version": "0123456789ab",
    }


@pytest.mark.parametrize("log_format", ["json", "console"])
@pytest.mark.parametrize("forged", [FORGED, FORGED_AS_ONE_WORD], ids=["line", "word"])
def test_no_value_can_forge_a_line(output: Output, forged: str, log_format: str) -> None:
    logs.configure(make_settings(log_format=log_format), output)
    structlog.get_logger().info("http:request", path=forged)
    logging.getLogger("library").warning("%s", forged)
    assert len(output.text.splitlines()) == 2
    assert "\x1b[2K" not in output.text


def test_what_libraries_log_comes_out_as_json_with_its_exception(output: Output) -> None:
    logs.configure(make_settings(), output)
    try:
        raise ValueError("bad")
    except ValueError:
        logging.getLogger("library").exception("it failed", extra={"attempt": 2})
    (line,) = output.objects
    assert (line["level"], line["logger"], line["event"], line["attempt"]) == ("error", "library", "it failed", 2)
    assert line["exception"].endswith("ValueError: bad")


def test_a_traceback_on_a_console_shows_no_values(output: Output) -> None:
    logs.configure(make_settings(log_format="console"), output)
    try:
        word = "-".join(("correct", "horse"))
        raise ValueError(len(word))
    except ValueError:
        structlog.get_logger().exception("it failed")
    assert ("ValueError: 13" in output.text, "correct-horse" in output.text) == (True, False)


def test_authlib_never_logs_below_info_because_there_it_writes_tokens(output: Output) -> None:
    logs.configure(make_settings(log_level="DEBUG"), output)
    logging.getLogger("authlib.oauth2").debug("Issue token %r", "secret")
    logging.getLogger("library").debug("shown")
    assert [line["event"] for line in output.objects] == ["shown"]


def test_a_value_that_json_cannot_hold_is_written_as_text(output: Output) -> None:
    logs.configure(make_settings(), output)
    structlog.get_logger().info("odd", big=2**80, bytes=b"x", nested={1: {2}})
    (line,) = output.objects
    assert line["bytes"] == "b'x'"


def test_lines_below_the_level_are_not_written(output: Output) -> None:
    logs.configure(make_settings(log_level="WARNING"), output)
    structlog.get_logger().info("quiet")
    logging.getLogger("library").info("quiet")
    assert output.text == ""


@pytest.mark.usefixtures("output")
def test_no_line_waits_until_another_is_written() -> None:
    reluctant = Reluctant()
    logs.configure(make_settings(), io.TextIOWrapper(io.BufferedWriter(reluctant)))
    slow, quick = (threading.Thread(target=structlog.get_logger().info, args=(each,)) for each in ("slow", "quick"))
    slow.start()
    assert reluctant.began.wait(PATIENCE)
    quick.start()
    quick.join(PATIENCE)
    written = b"".join(reluctant.taken)
    reluctant.allowed.set()
    slow.join(PATIENCE)
    assert json.loads(written)["event"] == "quick"


@pytest.mark.usefixtures("output")
def test_a_line_of_which_a_part_is_taken_at_a_time_comes_out_whole() -> None:
    reluctant = Reluctant()
    reluctant.allowed.set()
    logs.configure(make_settings(), io.TextIOWrapper(io.BufferedWriter(reluctant)))
    structlog.get_logger().info("whole", words="x" * 100)
    assert json.loads(b"".join(reluctant.taken))["words"] == "x" * 100


@pytest.mark.usefixtures("output")
def test_where_a_full_pipe_lets_nobody_wait_a_line_waits_for_its_reader() -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writing, bytes(4096))
    with Unwaiting(writing) as raw, os.fdopen(reading, "rb", buffering=0) as reader:
        raw.reader = reader
        logs.configure(make_settings(), io.TextIOWrapper(io.BufferedWriter(raw)))
        structlog.get_logger().info("late")
        assert json.loads(reader.read(4096))["event"] == "late"
