"""The WSGI application: machines' endpoints at once, people's pages through Flask."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask

from authserver.server import Server
from authserver.web.context import entered
from authserver.web.machine import Endpoint, serve

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class App(Flask):
    """Flask, with a table of endpoints that are answered before it. Both hang under the path of the issuer."""

    server: Server
    machine: dict[str, Endpoint]

    def wsgi_app(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path: str = environ.get("PATH_INFO", "")
        endpoint = self.machine.get(path)
        if endpoint is not None:
            return serve(self.server, endpoint, environ, start_response)
        settings = self.server.settings
        # The issuer is the only source of every URL: Flask builds its own from these and SCRIPT_NAME.
        environ["HTTP_HOST"], environ["wsgi.url_scheme"] = settings.authority, settings.scheme
        prefix = settings.path
        if prefix and path.startswith(prefix + "/"):
            environ["SCRIPT_NAME"], environ["PATH_INFO"] = prefix, path[len(prefix) :]
        elif prefix:
            environ["PATH_INFO"] = "/-/outside"
        with entered(self.server, environ):
            return super().wsgi_app(environ, start_response)
