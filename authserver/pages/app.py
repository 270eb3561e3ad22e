"""The WSGI application: machines' endpoints at once, people's pages through Flask."""

from collections.abc import Iterable
from io import BytesIO
from typing import IO, TYPE_CHECKING

from flask import Blueprint, Flask, Request

from authserver.http.context import entered
from authserver.http.machine import Endpoint, Found, serve
from authserver.http.mount import AtOnce, Later, Mount, Upload, View
from authserver.http.routes import Routes
from authserver.outbox.kind import Kind
from authserver.pages.at_once import serve as serve_at_once
from authserver.pages.elsewhere import Elsewhere
from authserver.protocol.parameters import as_query
from authserver.server import Server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

NO_ARGUMENTS: dict[str, str] = {}


class PageRequest(Request):
    """A request of a page. What it uploads stays in memory, where its whole body is already, and on no disk."""

    def _get_file_stream(
        self,
        total_content_length: int | None,  # noqa: ARG002 - as the library calls it
        content_type: str | None,  # noqa: ARG002
        filename: str | None = None,  # noqa: ARG002
        content_length: int | None = None,  # noqa: ARG002
    ) -> IO[bytes]:
        return BytesIO()


class App(Flask):
    """Flask, with a table of endpoints that are answered before it. Both hang under the path of the issuer.

    `machine` are those with one path each, which are the busiest; `routes` have ids in their paths; `at_once` are
    pages that need none where nothing is to be asked. `kinds` are those of the jobs in the outbox; `uploads` are
    the pages that take files.
    """

    request_class = PageRequest

    server: Server
    elsewhere: Elsewhere
    machine: dict[str, Endpoint]
    routes: list[Routes]
    at_once: dict[str, AtOnce]
    uploads: dict[str, Upload]
    kinds: list[Kind]

    @property
    def endpoints(self) -> dict[str, Endpoint]:
        """Every endpoint for machines by its path, with ids in braces."""
        of_routes = (item for routes in self.routes for item in routes.endpoints.items())
        return self.machine | dict(of_routes)

    def mount(self, room: Mount) -> None:
        """Take in what a room gives."""
        path = self.server.settings.path
        self.machine |= {path + below: endpoint for below, endpoint in room.endpoints.items()}
        self.machine |= room.at_root
        self.at_once |= {path + below: answer for below, answer in room.at_once.items()}
        self.uploads |= {path + below: upload for below, upload in room.uploads.items()}
        self.routes += room.routes
        self.kinds += room.jobs
        self.extensions |= room.kept
        for grant in room.grants:
            self.server.register_grant(grant)
        if room.pages:
            blueprint = Blueprint(room.name, f"authserver.{room.name}")
            for rule, view, methods in room.pages:
                name, function = _named(view, room.later)
                blueprint.add_url_rule(rule, name, function, methods=list(methods), provide_automatic_options=False)
            self.register_blueprint(blueprint)

    def is_machine(self, path: str) -> bool:
        """Whether an endpoint for machines answers at this path."""
        return path in self.machine or any(routes.covers(path) for routes in self.routes)

    def most_of_body(self, environ: "WSGIEnvironment") -> int:
        """The most bytes that are taken of the body of this request: of a file only from who seems to be signed in."""
        upload = self.uploads.get(environ.get("PATH_INFO", ""))
        may_be_large = upload is not None and f"{upload.cookie}=" in environ.get("HTTP_COOKIE", "")
        return upload.size if upload is not None and may_be_large else self.server.settings.max_body

    def wsgi_app(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path: str = environ.get("PATH_INFO", "")
        endpoint = self.machine.get(path)
        if endpoint is not None:
            return serve(self.server, Found(endpoint, path, NO_ARGUMENTS), environ, start_response)
        for routes in self.routes:
            if (found := routes.find(path)) is not None:
                return serve(self.server, found, environ, start_response)
        if path in self.uploads:
            environ["authserver.upload"] = self.most_of_body(environ)
        with entered(self.server, environ):
            is_elsewhere = self.elsewhere.note(environ)
            if not is_elsewhere and (answer := self.at_once.get(path)) is not None:
                chunks = serve_at_once(self.server, answer, path, environ, start_response)
                if chunks is not None:
                    return chunks
            self._make_flask_see(environ, path)
            return super().wsgi_app(environ, start_response)

    def _make_flask_see(self, environ: "WSGIEnvironment", path: str) -> None:
        settings = self.server.settings
        # The issuer is the only source of every URL: Flask builds its own from these and SCRIPT_NAME.
        environ["HTTP_HOST"], environ["wsgi.url_scheme"] = settings.authority, settings.scheme
        query: str = environ.get("QUERY_STRING", "")
        if not query.isascii():
            # A URI has no such bytes; Werkzeug raises where they are not UTF-8, which it takes escaped.
            environ["QUERY_STRING"] = as_query(query.encode("latin-1"))
        prefix = settings.path
        # Werkzeug takes `//authorize` for `/authorize`; a proxy that guards paths would not.
        if path.startswith(prefix + "//") or not path.startswith(prefix + "/"):
            environ["PATH_INFO"] = "/-/outside"
        elif prefix:
            environ["SCRIPT_NAME"], environ["PATH_INFO"] = prefix, path[len(prefix) :]


def _named(view: View | str, later: Later | None) -> tuple[str, View]:
    """A view with its name. Raises LookupError for a name in a room where none comes later."""
    if not isinstance(view, str):
        return view.__name__, view
    if later is None:
        raise LookupError(view)
    return view, later.view(view)
