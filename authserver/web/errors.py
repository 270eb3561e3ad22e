"""Refusals as people see them: what happened, what to do, and the id under which the log has more."""

import structlog
from flask import Flask, Response, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from authserver.protocol.words import marked
from authserver.store.database import UNAVAILABLE
from authserver.web.language import duration, gettext

_log = structlog.get_logger("authserver")
START_AGAIN = marked("Go back to the application you came from and sign in from there again.")
TEXTS = {
    400: (marked("That did not work"), marked("The request could not be understood."), START_AGAIN),
    403: (marked("Not from here"), marked("This form was sent from another site, so nothing was done."), START_AGAIN),
    404: (
        marked("Page not found"),
        marked("There is nothing at this address."),
        marked("Check the address, or go back."),
    ),
    405: (marked("Not possible this way"), marked("This address does not answer that kind of request."), START_AGAIN),
    413: (marked("Too much"), marked("The request was too large."), START_AGAIN),
    503: (
        marked("Out of service for a moment"),
        marked("The server cannot reach its storage."),
        marked("Try again in a minute."),
    ),
}
FAILED = (
    marked("Something went wrong"),
    marked("The server failed; nothing was changed."),
    marked("Try again; if it happens again, tell your administrator the request below."),
)
TELL_DEVELOPERS = marked(
    "Go back to the application and tell its developers; the request below finds the details in this server's log."
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
    """A page for a refusal, with the address and the words of a `button`. No address comes from what was received."""
    page = render_template(
        "error.html",
        title=title,
        explanation=explanation,
        next_step=gettext(START_AGAIN) if next_step is None else next_step,
        code=code,
        button=button,
        request_id=request.environ.get("authserver.request_id"),
    )
    return make_response(page, status)


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
        gettext("The page belongs to a sign-in that is finished, too old, or was begun in another browser."),
    )


def _texts_page(status: int, texts: tuple[str, str, str]) -> Response:
    title, explanation, next_step = (gettext(text) for text in texts)
    return error_page(status, title, explanation, next_step)


def init_errors(app: Flask) -> None:
    """Turn every exception into a page; none shows a trace."""

    @app.errorhandler(CSRFError)
    def forged(error: CSRFError) -> Response:
        _log.info("form:refused", reason=str(error.description))
        return error_page(
            400,
            gettext("This page was open too long"),
            gettext("The form no longer belongs to this browser's session, so nothing was done."),
            gettext("Go back, reload the page and try again. Cookies must be allowed for this site."),
        )

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        status = error.code or 500
        response = _texts_page(status, TEXTS.get(status, TEXTS[400] if status < 500 else FAILED))
        for name, value in error.get_headers():
            if name.lower() in {"allow", "retry-after"}:
                # Werkzeug adds HEAD to every GET; pages do not answer it.
                response.headers[name] = value.replace("HEAD, ", "").replace(", HEAD", "")
        return response

    def unavailable(error: Exception) -> Response:
        _log.error("database:unavailable", reason=type(error).__name__)
        response = _texts_page(503, TEXTS[503])
        response.headers["Retry-After"] = "5"
        return response

    for kind in UNAVAILABLE:
        app.register_error_handler(kind, unavailable)

    @app.errorhandler(Exception)
    def failed(_error: Exception) -> Response:
        _log.exception("http:failed")
        return _texts_page(500, FAILED)

    @app.after_request
    def log(response: Response) -> Response:
        # The rule, not the path: a handle in a path is nobody else's business.
        path = request.url_rule.rule if request.url_rule else request.path[:200]
        _log.info("http:request", method=request.method, path=path, status=response.status_code)
        return response
