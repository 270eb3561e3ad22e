"""The application put together: settings → store → server → rooms, one list, read top to bottom."""

import os
from collections.abc import Callable

from flask import Flask, request
from flask_limiter import Limiter
from jinja2 import ChoiceLoader, FileSystemLoader

from authserver import (
    account,
    accounts,
    admin,
    authorize,
    clients,
    discovery,
    federation,
    health,
    logout,
    management,
    master_key,
    resource,
    token,
)
from authserver.clients.live import LiveRegistry
from authserver.clients.registration.kept import RegisteredClients
from authserver.events import Recorder
from authserver.http.address import limit_key
from authserver.http.aside import aside
from authserver.keys import Keys
from authserver.keys.pairwise import Pairwise
from authserver.mail.letters import Letters
from authserver.master_key import MasterKey
from authserver.outbound.client_keys import ClientKeys
from authserver.pages import assets, branding, errors, forgery, headers, language
from authserver.pages.app import App
from authserver.pages.browser import BrowserCookie
from authserver.pages.elsewhere import Elsewhere, init_elsewhere
from authserver.server import Server
from authserver.settings import Settings
from authserver.signin import visit
from authserver.store.clock import DatabaseClock
from authserver.store.database import pooled
from authserver.store.engine.limits import Limits

# Whoever looks for who answers an address finds the room here, and the address in the room's `mount`.
ROOMS = (
    health,
    discovery,
    authorize,
    token,
    clients,
    resource,
    logout,
    accounts,
    account,
    admin,
    federation,
    management,
)
REDIS_TIMEOUT = 1


def create_app(
    settings: Settings | None = None,
    *,
    registry: LiveRegistry | None = None,
    clock: Callable[[], float] | None = None,
) -> App:
    """The WSGI application on a migrated database, with its keys made and clients.yaml read.

    Raises MasterKeyError and ClientsFileError, whose texts say what to do. A worker hands on the `registry` that
    its parent has read. `clock` gives seconds since the epoch, instead of the database's clock.
    """
    settings = settings or Settings()
    master = master_key.load(settings)
    app = _flask(settings, master)
    limits = Limits(settings.database_statement_timeout, settings.database_lock_timeout)
    database = pooled(settings.database_url.get_secret_value(), settings.database_pool, limits)
    registry = registry or LiveRegistry(settings.clients_file, os.environ, settings.clients_reload, settings.issuer)
    if clock is None:
        clock = DatabaseClock(database)
        clock.measure()
    keys = Keys(database, master, settings)
    keys.maintain(int(clock()), registry.current.signing_algs)

    server = Server(
        settings=settings,
        database=database,
        keys=keys,
        master=master,
        registry=registry,
        texts=registry.texts,
        limiter=_limiter(settings, app),
        recorder=Recorder(database, clock),
        client_keys=ClientKeys(settings.upstream_timeout, aside),
        pairwise=Pairwise(database, lambda: master),
        registered=RegisteredClients(database, settings, keys.notices.tell),
        clock=clock,
    )
    app.server = server
    app.machine, app.routes, app.at_once, app.uploads, app.kinds = {}, [], {}, {}, [Letters(server)]
    headers.init_headers(app, settings)
    errors.init_errors(app)
    app.elsewhere = Elsewhere(settings)
    init_elsewhere(app, app.elsewhere)
    forgery.init_forgery(app, app.elsewhere)
    assets.init_assets(app)
    language.init_language(app, settings)
    branding.init_branding(app, settings)
    visit.init_way_back(app)
    for room in ROOMS:
        app.mount(room.mount(server))
    return app


def _flask(settings: Settings, master: MasterKey) -> App:
    app = App("authserver")
    # A path with too many slashes is no page, rather than a redirect to another spelling of it.
    app.url_map.merge_slashes = False
    if settings.templates_dir is not None and app.jinja_loader is not None:
        app.jinja_loader = ChoiceLoader([FileSystemLoader(settings.templates_dir), app.jinja_loader])
    app.session_interface = BrowserCookie()
    secret, *earlier = (key.hex() for key in master.derive("browser cookie"))
    app.config.update(
        SECRET_KEY=secret,
        SECRET_KEY_FALLBACKS=earlier,
        # ASVS 3.3.3: the prefix binds the cookie to this host and https; plain-http localhost cannot have it.
        SESSION_COOKIE_NAME="authserver_browser" if settings.is_loopback else "__Host-authserver_browser",
        SESSION_COOKIE_SECURE=not settings.is_loopback,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        MAX_CONTENT_LENGTH=settings.max_body,
        MAX_FORM_MEMORY_SIZE=settings.max_body,
        MAX_FORM_PARTS=50,
    )
    return app


def _limiter(settings: Settings, app: Flask) -> Limiter:
    return Limiter(
        _client,
        app=app,
        storage_uri=settings.redis_url.get_secret_value() if settings.redis_url else "local://",
        storage_options={"socket_connect_timeout": REDIS_TIMEOUT, "socket_timeout": REDIS_TIMEOUT}
        if settings.redis_url
        else {},
        strategy="moving-window",
    )


def _client() -> str:
    return limit_key(request.environ["authserver.address"])
