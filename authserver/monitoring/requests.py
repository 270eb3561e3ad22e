"""Counts every request at the gate, by what its endpoint has noted in the environment of the request."""

from typing import TYPE_CHECKING

from authserver.monitoring import names
from authserver.monitoring.labels import Clients, Endpoints

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


class Requests:
    """Called with each request that was answered: its environment, its status line and the seconds it took."""

    def __init__(self, client: Clients, endpoint: Endpoints) -> None:
        self._client = client
        self._endpoint = endpoint

    def __call__(self, environ: "WSGIEnvironment", status: str, seconds: float) -> None:
        # Without a status it failed past the last line of defense.
        status = status or "500"
        endpoint = self._endpoint(environ.get("authserver.endpoint"), environ.get("PATH_INFO", ""))
        names.REQUESTS.add(endpoint, self._client(environ.get("authserver.client_id")), status[:3])
        names.REQUEST_SECONDS.observe(seconds, endpoint, f"{status[:1]}xx")
