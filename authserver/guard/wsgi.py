"""The guard for every WSGI application: a wrapper that lets a request in only with a token that may.

guard = WsgiGuard(Guard("https://login.example.com", "https://reports.example.com"))
application = guard.require_permission("read:reports")(application)

Inside, `current_token(environ)` is the token. WSGI: https://peps.python.org/pep-3333/
"""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from authserver.guard.current import KEY
from authserver.guard.current import token_of as current_token
from authserver.guard.errors import GuardError
from authserver.guard.metadata import Publication
from authserver.guard.permission import Check
from authserver.guard.protection import Protection
from authserver.guard.sent import SentRequest
from authserver.guard.verifier import Guard

__all__ = ["Guard", "WsgiGuard", "current_token"]

Wrapper = Callable[[WSGIApplication], WSGIApplication]


class WsgiGuard(Protection[Wrapper]):
    """Wrappers for the applications of one resource server; refusals are RFC 6750 §3's, with a JSON body."""

    def publish(self, application: WSGIApplication) -> WSGIApplication:
        """The application with its RFC 9728 metadata beside it: outermost, so that nothing guards them.

        Raises ValueError where the audience is no address.
        """
        publication = Publication(self.guard)

        def published(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            method = environ["REQUEST_METHOD"]
            if not publication.answers(method, environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")):
                return application(environ, start_response)
            status, headers, body = publication.answer()
            start_response(f"{status} OK", headers)
            return [] if method == "HEAD" else [body]

        return published

    def _requiring(self, check: Check) -> Wrapper:
        def wrapper(application: WSGIApplication) -> WSGIApplication:
            def guarded(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
                try:
                    environ[KEY] = self._admit(_sent(environ), check)
                except GuardError as error:
                    status, headers, body = self._refusal(error)
                    start_response(f"{status} {HTTPStatus(status).phrase}", headers)
                    return [body]
                return application(environ, start_response)

            return guarded

        return wrapper


def _sent(environ: WSGIEnvironment) -> SentRequest:
    authorization, dpop = (
        [] if (value := environ.get(name)) is None else [value] for name in ("HTTP_AUTHORIZATION", "HTTP_DPOP")
    )
    # PEP 3333: the bytes of the path, each as a character.
    path = (environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")).encode("latin-1").decode("utf-8", "replace")
    return SentRequest(authorization, dpop, environ.get("REQUEST_METHOD", ""), path, environ)
