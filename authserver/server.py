"""The seam to Authlib: an AuthorizationServer that dispatches, over a request read strictly.

Authlib merges query and body, builds its request outside its own error handling and trusts the Host header; here the
request is made from the body alone, every refusal becomes JSON, and the issuer is the only source of a URL.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import orjson
from authlib.oauth2.rfc6749 import AuthorizationServer, InvalidClientError, OAuth2Error
from authlib.oauth2.rfc6749.requests import OAuth2Payload
from flask import Response
from flask_limiter import Limiter

from authserver.events import Recorder
from authserver.keys import Keys
from authserver.keys.pairwise import Pairwise
from authserver.languages import AVAILABLE
from authserver.master_key import MasterKey
from authserver.outbound.client_keys import ClientKeys
from authserver.protocol import metadata
from authserver.protocol.client.authentication import Presented, invalid_client, presented_credentials
from authserver.protocol.client.client import Client
from authserver.protocol.client.proposal import TextSource
from authserver.protocol.client.registered import RegisteredSource
from authserver.protocol.client.registry import Registry, RegistrySource
from authserver.protocol.errors import ProtocolError
from authserver.protocol.parameters import Parameters, parse
from authserver.protocol.provider import Provider, with_google
from authserver.settings import Settings
from authserver.store.database import Database
from authserver.store.sessions import Session

# RFC 6749 §5.1: no answer of these endpoints may be stored.
NO_STORE = (("Cache-Control", "no-store"), ("Pragma", "no-cache"))
JSON = ("Content-Type", "application/json")
FORM = "application/x-www-form-urlencoded"
# The headers whose variables have no prefix in CGI (RFC 3875 §4.1), and so in WSGI.
NAMED_ALONE = frozenset({"CONTENT_TYPE", "CONTENT_LENGTH"})
NEVER_IN_QUERY = frozenset({"client_id", "client_secret", "client_assertion", "code", "refresh_token", "token"})


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer. `error` and `reason` are those of a refusal, for the log; `detail` is for the log alone."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    detail: str = ""
    error: str = ""
    reason: str = ""


def json_reply(body: object, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    """An answer as JSON, which nobody stores."""
    return Reply(status, orjson.dumps(body), (JSON, *NO_STORE, *headers))


class Payload(OAuth2Payload):  # type: ignore[misc]  # Authlib is untyped
    """The parameters as Authlib's dispatch reads them."""

    def __init__(self, parameters: Parameters) -> None:
        self.parameters = parameters

    @property
    def data(self) -> Any:
        return self.parameters.values


@dataclass
class Request:
    """One request to an endpoint for machines: what an endpoint may know of it, and the WSGI environment it came in.

    `arguments` are the ids in the path. `client_id` is for the log, set once a secret or token of ours vouches for it.
    """

    environ: Mapping[str, Any] = field(repr=False)
    issuer: str
    address: str
    body: bytes = field(default=b"", repr=False)
    arguments: Mapping[str, str] = field(default_factory=dict)
    client: Client | None = None
    client_id: str | None = None
    # What the answer is to have beside its own headers, whatever it says.
    answer_headers: tuple[tuple[str, str], ...] = ()
    # As Authlib notes it down: how the client authenticated.
    auth_method: str | None = None
    # What was read already. `cached_property` of Python 3.11 has one lock for all requests of the process.
    _parameters: Parameters | None = field(default=None, init=False, repr=False, compare=False)
    _presented: Presented | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def method(self) -> str:
        """As it was sent, in capitals."""
        return str(self.environ["REQUEST_METHOD"])

    @property
    def path(self) -> str:
        """The path without its escapes, that of the issuer included."""
        return str(self.environ.get("PATH_INFO", ""))

    @property
    def url(self) -> str:
        """The address that it was sent to, as the issuer names it, without the query: no header has a say in it."""
        issuer = urlsplit(self.issuer)
        return f"{issuer.scheme}://{issuer.netloc}{self.path}"

    def header(self, name: str) -> str | None:
        """The value of a header, in whatever case `name` is; None where it was not sent.

        Where it was sent several times, the values are joined by commas (RFC 9110 §5.3).
        """
        variable = name.upper().replace("-", "_")
        found = self.environ.get(variable if variable in NAMED_ALONE else "HTTP_" + variable)
        return None if found is None else str(found)

    @property
    def query(self) -> bytes:
        """What follows the question mark, as it was sent."""
        return str(self.environ.get("QUERY_STRING", "")).encode("latin-1", "replace")

    @property
    def presented(self) -> Presented:
        """The one client authentication that it carries. Raises `invalid_client` or `invalid_request`."""
        if self._presented is None:
            self._presented = presented_credentials(self.header("Authorization"), self.parameters)
        return self._presented

    @property
    def parameters(self) -> Parameters:
        """The parameters of the body. Raises `invalid_request` where they are malformed (RFC 6749 §3.2)."""
        if self._parameters is not None:
            return self._parameters
        if not self.is_form:
            raise ProtocolError("invalid_request", "Send the parameters in the body as " + FORM + ".")
        if self.query and not parse(self.query).names.isdisjoint(NEVER_IN_QUERY):
            # RFC 6749 §2.3.1: credentials never in the request URI, where logs would keep them.
            raise ProtocolError("invalid_request", "Send the parameters in the body, not in the query.")
        parameters = self.form
        parameters.refuse_faults()
        self._parameters = parameters
        return parameters

    @property
    def is_form(self) -> bool:
        """Whether the body says that it is a form."""
        return self.media_type == FORM

    @property
    def media_type(self) -> str:
        """What the body says it is, without parameters and in small letters; empty where it says nothing."""
        return (self.header("Content-Type") or "").partition(";")[0].strip().lower()

    @property
    def form(self) -> Parameters:
        """The parameters of the body with their faults; none where it is no form."""
        return parse(self.body if self.is_form else b"")

    @property
    def payload(self) -> Payload:
        return Payload(self.parameters)


class Server(AuthorizationServer):  # type: ignore[misc]  # Authlib is untyped
    """What every room works with: settings, database, keys, the registry of this moment, and Authlib's registries."""

    def __init__(
        self,
        *,
        settings: Settings,
        database: Database,
        keys: Keys,
        master: MasterKey,
        registry: RegistrySource,
        texts: TextSource,
        limiter: Limiter,
        recorder: Recorder,
        client_keys: ClientKeys,
        pairwise: Pairwise,
        registered: RegisteredSource,
        clock: Callable[[], float],
    ) -> None:
        super().__init__()
        self.settings = settings
        self.database = database
        self.keys = keys
        self.master = master
        self.limiter = limiter
        self.recorder = recorder
        self.client_keys = client_keys
        self.pairwise = pairwise
        self.registered = registered
        self._registry = registry
        self.texts = texts
        self._whole: tuple[Registry | None, Registry] = None, registry.current
        self.clock = clock
        # What hinders nothing and should be mended, by setting: `/readyz` tells. Noticed by each process for itself.
        self.warnings: dict[str, str] = {}
        self.forwarded_by: dict[str, set[str]] = {}
        # Set by the room of tokens: the refusal of a client that no method of the registry authenticated.
        self.refuse_client: Callable[[Request], ProtocolError] = lambda _request: invalid_client("", by_header=False)
        # Set by a worker: whether the server is about to stop, and should get no new requests.
        self.is_draining: Callable[[], bool] = lambda: False
        # Set by the room of providers: the page that leads to the sign-out of the one that began a session, if any.
        self.leave_upstream: Callable[[Session, str | None], Response | None] = lambda _session, _target: None

    @property
    def registry(self) -> Registry:
        """What clients.yaml declares at this moment, and who registered beside it; read it once in a request."""
        declared, whole = self._whole
        if declared is not self._registry.current:
            declared = self._registry.current
            whole = replace(declared, registered=self.registered.client)
            self._whole = declared, whole
        return whole

    @property
    def providers(self) -> Mapping[str, Provider]:
        """The providers upstream: those of clients.yaml, and Google where two settings name its client."""
        secret = self.settings.google_client_secret
        return with_google(
            self.registry.providers, self.settings.google_client_id, secret.get_secret_value() if secret else None
        )

    def now(self) -> int:
        """Seconds since the epoch, by the clock that all nodes share."""
        return int(self.clock())

    def grant_types(self) -> set[str]:
        """The grants that are registered at the token endpoint, which is what the metadata may advertise."""
        return {grant.GRANT_TYPE for grant, _extensions in self._token_grants}

    def metadata(self) -> dict[str, object]:
        """The metadata document of this moment (RFC 8414 §2)."""
        return metadata.metadata(
            self.settings.issuer,
            self.grant_types(),
            self.registry.id_token_algs,
            AVAILABLE,
            may_sign_up=self.settings.may_sign_up,
            must_push=self.settings.require_pushed_authorization_requests,
            is_fapi=self.registry.is_fapi,
            may_register=self.settings.registration != "off",
            takes_certificates=self.settings.mtls_header is not None,
            mtls_url=self.settings.mtls_url and self.settings.mtls_url + self.settings.path,
            known=self.registry.known,
            levels=self.registry.levels.ways,
        )

    def client(self, client_id: str | None) -> Client | None:
        """The client with this id, as clients.yaml has it at this moment."""
        return self.registry.client(client_id)

    def authenticate_client(self, request: Request, methods: Collection[str], endpoint: str = "token") -> Client:
        """The client that a request comes from, by a method that it may use there. Raises `invalid_client`."""
        try:
            client: Client = super().authenticate_client(request, methods, endpoint)
        except InvalidClientError:
            raise self.refuse_client(request) from None
        request.client_id = client.client_id
        return client

    def create_oauth2_request(self, request: Request) -> Request:
        return request

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens: events are emitted where they happen, typed."""

    def handle_response(self, status: int, body: Any, headers: Any) -> Reply:  # noqa: ARG002 - Authlib's signature
        return json_reply(body, status)

    def handle_error_response(self, request: Request, error: OAuth2Error) -> Reply:  # noqa: ARG002 - Authlib's signature
        return error_reply(ProtocolError(error.error, FIXED.get(error.error, "The request was refused.")))

    def create_token_response(self, request: Request | None = None) -> Reply:
        # Authlib parses outside its own try: a malformed body would escape it.
        try:
            reply: Reply = super().create_token_response(request)
        except ProtocolError as error:
            return error_reply(error)
        return reply


# Authlib puts received text into some descriptions; a fixed one by error code never does.
FIXED = {
    "unsupported_grant_type": "grant_type is missing or not supported by this server.",
    "invalid_request": "The request is malformed.",
}


def error_reply(error: ProtocolError) -> Reply:
    """A refusal as JSON (RFC 6749 §5.2)."""
    body = orjson.dumps({"error": error.error, "error_description": error.description, **error.members})
    headers = (JSON, *NO_STORE, *error.headers)
    return Reply(error.status, body, headers, error.detail, error.error, error.description)
