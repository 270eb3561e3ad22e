"""The page at /demo/mail."""

from flask import Flask, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from examples.mailbox.letters import Letters

PAGE = "default-src 'none'; style-src 'self'; frame-src 'self'; frame-ancestors 'none'"
# A mail is styled within itself and runs nothing.
MAIL = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'self'; "
    "sandbox allow-top-navigation-by-user-activation"
)


def create_app(letters: Letters) -> Flask:
    """The application that shows these mails."""
    app = Flask(__name__)

    @app.get("/demo/mail")
    def mail() -> ResponseReturnValue:
        return render_template("mail.html", letters=letters.newest())

    @app.get("/demo/mail/<key>")
    def html(key: str) -> ResponseReturnValue:
        text = letters.html(key)
        return Response(text, content_type="text/html; charset=utf-8") if text else ("There is no such mail.", 404)

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
        response.headers["Content-Security-Policy"] = MAIL if request.endpoint == "html" else PAGE
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return app
