"""The page at /demo/mail."""

from flask import Flask, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from examples.mailbox.letters import Letters


def create_app(letters: Letters) -> Flask:
    """The application that shows these mails."""
    app = Flask(__name__)

    @app.get("/demo/mail")
    def mail() -> ResponseReturnValue:
        return render_template("mail.html", letters=letters.newest())

    @app.get("/")
    def home() -> ResponseReturnValue:
        return redirect(url_for("mail"))

    @app.get("/healthz")
    def health() -> ResponseReturnValue:
        return "ok"

    @app.after_request
    def guard(response: Response) -> Response:
        # Links in a mail are secrets: no other site learns of them, and no copy is kept.
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'self'; frame-ancestors 'none'"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return app
