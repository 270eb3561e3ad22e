"""Why a form was not taken, in words, with the status and the time to wait that go with it."""

from dataclasses import dataclass

from flask import Response, make_response


@dataclass(frozen=True, slots=True)
class Fault:
    """What a page says above its form; `retry_after` is in seconds."""

    text: str
    status: int = 400
    retry_after: int | None = None


def throttled(seconds: int) -> Fault:
    """Too many passwords were tried, be this one right or wrong."""
    text = f"There were too many attempts. Try again in {duration(seconds)}; until then not even the right password"
    return Fault(f"{text} is accepted.", 429, seconds)


def too_many(seconds: int) -> Fault:
    """Too much was asked for from this address."""
    return Fault(f"That was asked for too often from here. Try again in {duration(seconds)}.", 429, seconds)


def answered(page: str, fault: Fault | None = None) -> Response:
    """The page as a response, with the status of its fault."""
    response = make_response(page, fault.status if fault else 200)
    if fault and fault.retry_after:
        response.headers["Retry-After"] = str(fault.retry_after)
    return response


def duration(seconds: int) -> str:
    """A length of time in words, never shorter than it is."""
    if seconds <= 90:
        return "1 second" if seconds == 1 else f"{seconds} seconds"
    if seconds <= 5400:
        return f"{-(-seconds // 60)} minutes"
    return f"{-(-seconds // 3600)} hours"
