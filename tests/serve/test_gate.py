"""What reaches the application, and how much of it at a time."""

import threading
from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from authserver.http.aside import aside
from authserver.serve.gate import MOST_LARGE, Gate
from tests.patience import PATIENCE, eventually

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def read(stream: Any, size: int) -> bytes:
    body: bytes = stream.read(size)
    return body


def echo(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    start_response("200 OK", [])
    return [environ["wsgi.input"].read()]


def call(application: "WSGIApplication", body: bytes, **environ: str) -> tuple[str, bytes]:
    said: list[str] = []

    def start_response(status: str, *_rest: Any) -> Any:
        said.append(status)

    gate = Gate(application, threads=2, max_body=100, read=read)
    chunks = gate(
        {"REQUEST_METHOD": "POST", "PATH_INFO": "/token", "wsgi.input": BytesIO(body), **environ}, start_response
    )
    return said[0], b"".join(chunks)


def test_a_body_arrives_whole() -> None:
    assert call(echo, b"a=b", CONTENT_LENGTH="3") == ("200 OK", b"a=b")


@pytest.mark.parametrize(
    ("environ", "status"),
    [
        ({"CONTENT_LENGTH": "4"}, "400 Bad Request"),
        ({"CONTENT_LENGTH": "-1"}, "400 Bad Request"),
        ({"CONTENT_LENGTH": "²"}, "400 Bad Request"),
        ({"HTTP_TRANSFER_ENCODING": "chunked"}, "411 Length Required"),
        ({"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": "3"}, "411 Length Required"),
    ],
)
def test_a_body_that_is_not_whole_never_reaches_the_application(environ: dict[str, str], status: str) -> None:
    assert call(echo, b"a=b", **environ) == (status, b"")


def test_a_body_past_the_limit_is_not_read() -> None:
    assert call(echo, b"x" * 101, CONTENT_LENGTH="101") == ("200 OK", b"")


def test_a_file_is_read_from_whom_it_is_taken_and_only_a_few_at_a_time() -> None:
    entered, leave, said = threading.Semaphore(0), threading.Event(), []

    def hanging(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        entered.release()
        leave.wait(PATIENCE)
        start_response("200 OK", [])
        return [environ["wsgi.input"].read()]

    def start_response(status: str, *_rest: Any) -> Any:
        said.append(status)

    gate = Gate(hanging, threads=20, max_body=100, read=read, most=lambda environ: 500 if environ["X"] else 100)

    def send(size: int, *, known: bool = True) -> list[bytes]:
        environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/f", "CONTENT_LENGTH": str(size), "X": known}
        return list(gate(environ | {"wsgi.input": BytesIO(b"x" * size)}, start_response))

    callers = [threading.Thread(target=send, args=(500,)) for _ in range(MOST_LARGE)]
    for caller in callers:
        caller.start()
    for _ in callers:
        assert entered.acquire(timeout=PATIENCE)
    assert (send(101), said) == ([], ["503 Service Unavailable"])
    leave.set()
    for caller in callers:
        caller.join(PATIENCE)
    assert (send(500), send(501), send(500, known=False), send(100, known=False)) == (
        [b"x" * 500],
        [b""],
        [b""],
        [b"x" * 100],
    )


def test_an_answer_says_how_long_it_took_only_where_that_is_wanted() -> None:
    def names(tells_time: bool) -> list[str]:
        said: list[str] = []

        def start_response(_status: str, headers: list[tuple[str, str]], *_rest: Any) -> Any:
            said.extend(name for name, _value in headers)

        Gate(echo, threads=2, max_body=100, read=read, tells_time=tells_time)({"wsgi.input": BytesIO()}, start_response)
        return said

    assert names(tells_time=False) == []
    assert names(tells_time=True) == ["Server-Timing"]


def test_no_more_requests_than_threads_are_worked_on_at_a_time() -> None:
    inside, most, entered = 0, 0, threading.Semaphore(0)
    leave = threading.Event()

    def counting(_environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        entered.release()
        leave.wait(PATIENCE)
        inside -= 1
        start_response("200 OK", [])
        return []

    gate = Gate(counting, threads=2, max_body=100, read=read)
    callers = [
        threading.Thread(target=gate, args=({"wsgi.input": BytesIO()}, lambda *_: bytes.__len__)) for _ in range(8)
    ]
    for caller in callers:
        caller.start()
    for _ in range(2):
        assert entered.acquire(timeout=PATIENCE)
    leave.set()
    for caller in callers:
        caller.join(PATIENCE)
    assert most == 2


def test_while_all_who_work_hang_others_are_told_to_come_back_and_free_paths_are_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("authserver.serve.gate.PATIENCE", 0.1)
    entered, leave = threading.Event(), threading.Event()

    def hanging(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/token":
            entered.set()
            leave.wait(PATIENCE)
        start_response("200 OK", [])
        return []

    gate = Gate(hanging, threads=1, max_body=100, read=read, free={"/jwks.json"})

    def ask(path: str) -> tuple[str, dict[str, str]]:
        said: list[tuple[str, dict[str, str]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], *_rest: Any) -> Any:
            said.append((status, dict(headers)))

        gate({"REQUEST_METHOD": "GET", "PATH_INFO": path, "wsgi.input": BytesIO()}, start_response)
        return said[0]

    hung = threading.Thread(target=ask, args=("/token",))
    hung.start()
    assert entered.wait(PATIENCE)
    assert ask("/jwks.json") == ("200 OK", {})
    status, headers = ask("/userinfo")
    assert (status, headers["Retry-After"]) == ("503 Service Unavailable", "5")
    leave.set()
    hung.join(PATIENCE)
    assert ask("/userinfo") == ("200 OK", {})


def test_pages_that_hang_leave_machines_their_lane(monkeypatch: pytest.MonkeyPatch) -> None:
    leave, inside = threading.Event(), threading.Semaphore(0)
    monkeypatch.setattr("authserver.serve.gate.MOST_WAITING", 3)

    def working(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/sign-in":
            inside.release()
            leave.wait(PATIENCE)
        start_response("200 OK", [])
        return []

    gate = Gate(working, threads=4, max_body=100, read=read, is_machine=lambda path: path == "/token")
    hung = [arriving(gate, "/sign-in", waiting=number) for number in (0, 0, 1, 2, 3)]
    for _ in range(2):
        assert inside.acquire(timeout=PATIENCE)
    assert not inside.acquire(blocking=False)

    def ask(path: str) -> str:
        said: list[str] = []
        gate(
            {"REQUEST_METHOD": "GET", "PATH_INFO": path, "wsgi.input": BytesIO()},
            lambda status, *_: said.append(status) or bytes.__len__,  # type: ignore[func-returns-value]
        )
        return said[0]

    assert ask("/token") == "200 OK"
    # Those who wait hold threads that read requests: past some, nobody else waits.
    assert ask("/sign-in") == "503 Service Unavailable"
    leave.set()
    for caller in hung:
        caller.join(PATIENCE)


def test_a_failing_application_gives_its_place_back() -> None:
    def failing(_environ: "WSGIEnvironment", _start: "StartResponse") -> Iterable[bytes]:
        raise RuntimeError

    gate = Gate(failing, threads=1, max_body=100, read=read)
    for _ in range(3):
        with pytest.raises(RuntimeError):
            gate({"wsgi.input": BytesIO()}, lambda *_: bytes.__len__)


def test_an_answer_is_closed_after_its_last_piece() -> None:
    class Answer:
        closed = False

        def __iter__(self) -> Any:
            yield b"a"
            yield b"b"

        def close(self) -> None:
            self.closed = True

    answer = Answer()

    def streaming(_environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        start_response("200 OK", [])
        return answer

    assert call(streaming, b"") == ("200 OK", b"ab")
    assert answer.closed


def test_who_steps_aside_comes_back_behind_those_who_wait() -> None:
    order: list[str] = []
    inside, may_step_aside = threading.Event(), threading.Event()

    def working(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        order.append(environ["PATH_INFO"])
        if environ["PATH_INFO"] == "/slow":
            inside.set()
            may_step_aside.wait(PATIENCE)
            with aside():
                pass
            order.append("/slow again")
        start_response("200 OK", [])
        return []

    gate = Gate(working, threads=1, max_body=100, read=read)
    slow = arriving(gate, "/slow")
    assert inside.wait(PATIENCE)
    others = [arriving(gate, path, waiting=number) for number, path in enumerate(("/first", "/second"), 1)]
    may_step_aside.set()
    for caller in (slow, *others):
        caller.join(PATIENCE)
    assert order == ["/slow", "/first", "/second", "/slow again"]


def test_who_comes_later_does_not_pass_those_who_wait() -> None:
    order: list[str] = []
    inside, leave = threading.Event(), threading.Event()

    def working(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        order.append(environ["PATH_INFO"])
        inside.set()
        leave.wait(PATIENCE)
        start_response("200 OK", [])
        return []

    gate = Gate(working, threads=1, max_body=100, read=read)
    callers = [arriving(gate, "/0")]
    assert inside.wait(PATIENCE)
    callers += [arriving(gate, f"/{number}", waiting=number) for number in range(1, 9)]
    leave.set()
    for caller in callers:
        caller.join(PATIENCE)
    assert order == [f"/{number}" for number in range(9)]


def arriving(gate: Gate, path: str, waiting: int = 0) -> threading.Thread:
    """A request in a thread of its own, which waits at the gate with so many in all."""
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "wsgi.input": BytesIO()}
    caller = threading.Thread(target=gate, args=(environ, lambda *_: bytes.__len__))
    caller.start()
    eventually(lambda: sum(turns.waiting for turns in gate.queues.values()) >= waiting)
    return caller
