"""Refusals as people see them: what happened, what to do, and the id under which the log has more."""

import structlog
from flask import Flask, Response, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from authserver.pages.current import current_server
from authserver.pages.fault import show
from authserver.pages.language import duration, gettext
from authserver.protocol.words import marked
from authserver.store.database import UNAVAILABLE

_log = structlog.get_logger("authserver")
START_AGAIN = marked("Go back to the application you came from and sign in there again, or go to the start page here.")
TO_START = marked("Go to the start page")
TRY_AGAIN = marked("Try again")
TEXTS = {
    400: (marked("That didn’t work"), marked("The server couldn’t understand the request."), START_AGAIN),
    403: (
        marked("This form came from another site"),
        marked("For your safety, nothing was done."),
        START_AGAIN,
    ),
    404: (
        marked("Page not found"),
        marked("There is nothing at this address."),
        marked("Check the address for typos, or go to the start page."),
    ),
    405: (marked("This page can’t be opened like that"), marked("Nothing was done."), START_AGAIN),
    413: (marked("That was too much"), marked("The request was larger than this server accepts."), START_AGAIN),
    503: (
        marked("Temporarily unavailable"),
        marked("The server can’t reach its database right now."),
        marked("Wait a minute, then try again."),
    ),
}
TOO_LARGE = (
    marked("This file is too large"),
    marked("Nothing was saved."),
    marked("Go back and choose a smaller one."),
)
FAILED = (
    marked("Something went wrong"),
    marked("This is a fault of the server, not yours. Nothing was changed."),
    marked("Try again. If it keeps happening, give your administrator the request ID below."),
)
TELL_DEVELOPERS = marked(
    "Tell the application’s developers. "
    "With the request ID below, the administrator of this server finds the details in its log."
)
MISTAKEN = marked("The application that sent you here made a mistake: %(description)s")


def error_page(
    status: int,
    title: str,
    explanation: str,
    next_step: str | None = None,
    *,
    code: str | None = None,
    button: tuple[str, str] | None = None,
) -> Response:
    """A page for a refusal, with the address and the words of a `button`. No address comes from what was received.

    Left to itself the page says to begin again, and its button leads to the start page.
    """
    if next_step is None:
        next_step, button = gettext(START_AGAIN), button or _to_start()
    return show(
        "error.html",
        title=title,
        explanation=explanation,
        next_step=next_step,
        code=code,
        button=button,
        request_id=request.environ.get("authserver.request_id"),
        status=status,
    )


def crowded_page(seconds: int) -> Response:
    """Too many sign-ins were begun at this address: come back in so many seconds."""
    response = error_page(
        429,
        gettext("Please wait a moment"),
        gettext("Too many sign-ins were started from your network within a short time."),
        gettext("Try again in %(duration)s.", duration=duration(seconds)),
    )
    response.headers["Retry-After"] = str(seconds)
    return response


def stale_page() -> Response:
    """For a handle that is unknown, expired, or of another browser."""
    return error_page(
        400,
        gettext("This sign-in has expired"),
        gettext("It was finished already, took too long, or was started in another browser."),
    )


def _texts_page(status: int, texts: tuple[str, str, str], button: tuple[str, str]) -> Response:
    title, explanation, next_step = (gettext(text) for text in texts)
    return error_page(status, title, explanation, next_step, button=button)


def _to_start() -> tuple[str, str]:
    return f"{current_server().settings.issuer}/", gettext(TO_START)


def _again() -> tuple[str, str]:
    # An empty reference is the address of the page itself (RFC 3986 §4.4), fetched by GET: nothing is sent twice.
    rule = request.url_rule
    can_be_opened = rule is not None and "GET" in (rule.methods or ())
    return ("", gettext(TRY_AGAIN)) if can_be_opened else _to_start()


def init_errors(app: Flask) -> None:
    """Turn every exception into a page; none shows a trace."""

    @app.errorhandler(CSRFError)
    def forged(error: CSRFError) -> Response:
        _log.info("form:refused", reason=str(error.description))
        return error_page(
            400,
            gettext("This page was open too long"),
            gettext("The form had expired when you sent it, so nothing was done."),
            gettext("Load the page again and fill it in once more. Your browser must allow cookies for this site."),
            button=_again(),
        )

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        status = error.code or 500
        texts = TEXTS.get(status, TEXTS[400] if status < 500 else FAILED)
        is_file = status == 413 and "authserver.upload" in request.environ
        if is_file:
            texts = TOO_LARGE
        response = _texts_page(status, texts, _again() if is_file or status >= 500 else _to_start())
        for name, value in error.get_headers():
            if name.lower() in {"allow", "retry-after"}:
                # Werkzeug adds HEAD to every GET; pages do not answer it.
                response.headers[name] = value.replace("HEAD, ", "").replace(", HEAD", "")
        return response

    def unavailable(error: Exception) -> Response:
        _log.error("database:unavailable", reason=type(error).__name__)
        response = _texts_page(503, TEXTS[503], _again())
        response.headers["Retry-After"] = "5"
        return response

    for kind in UNAVAILABLE:
        app.register_error_handler(kind, unavailable)

    @app.errorhandler(Exception)
    def failed(_error: Exception) -> Response:
        _log.exception("http:failed")
        return _texts_page(500, FAILED, _again())

    @app.after_request
    def log(response: Response) -> Response:
        # The rule, not the path: a handle in a path is nobody else's business.
        path = request.url_rule.rule if request.url_rule else request.path[:200]
        _log.info("http:request", method=request.method, path=path, status=response.status_code)
        return response
