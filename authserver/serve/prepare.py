"""What must hold before a worker starts; every fault in words, with what to do about it."""

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TypeVar

import structlog

from authserver import master_key
from authserver.access.undeclared import undeclared_names
from authserver.clients.file.faults import ClientsFileError
from authserver.clients.live import FirstReading, LiveRegistry
from authserver.clients.served.apart import load_apart
from authserver.keys import Keys
from authserver.master_key import MasterKey, MasterKeyError
from authserver.protocol.client.registry import Registry
from authserver.settings import Settings
from authserver.store import SQLAlchemyError, clock, directory
from authserver.store.database import UNAVAILABLE, Database
from authserver.store.engine import alone
from authserver.store.upkeep import migrations

T = TypeVar("T")
TRACING = ("opentelemetry.sdk.trace", "opentelemetry.exporter.otlp.proto.http")
_log = structlog.get_logger("authserver")


class PrepareError(Exception):
    """The server cannot start; each of the `reasons` says why and what to do."""

    def __init__(self, *reasons: str) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Prepared:
    """What stands before the database is touched."""

    address: str
    monitoring: str | None
    registry: LiveRegistry
    master: MasterKey


def prepared(settings: Settings, first: FirstReading | None = None) -> Prepared:
    """The address to listen on, clients.yaml and the master key; `first` reads clients.yaml already.

    Raises PrepareError with the faults of all three.
    """
    reasons: list[str] = []

    def attempt(step: Callable[[], T]) -> T | None:
        try:
            return step()
        except ClientsFileError as error:
            reasons.extend(str(fault) for fault in error.faults)
        except PrepareError as error:
            reasons.extend(error.reasons)
        except MasterKeyError as error:
            reasons.append(str(error))
        return None

    address = attempt(lambda: listening_address(settings.host, settings.port))
    monitoring = None
    if settings.monitoring_port:
        monitoring = attempt(
            lambda: listening_address(settings.monitoring_host, settings.monitoring_port, "MONITORING_")
        )
    master = attempt(lambda: master_key.load(settings))
    registry = attempt(
        lambda: LiveRegistry(
            *(settings.clients_file, os.environ, settings.clients_reload, settings.issuer), load=load_apart, first=first
        )
    )
    if settings.otel_endpoint and not all(map(_is_installed, TRACING)):
        reasons.append("AUTHSERVER_OTEL_ENDPOINT requires OpenTelemetry: pip install authserver[otel]")
    if reasons or address is None or registry is None or master is None:
        raise PrepareError(*reasons)
    _report_redis(settings)
    return Prepared(address, monitoring, registry, master)


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def listening_address(host: str, port: int, which: str = "") -> str:
    """The IP address of `host`, on which `port` is free. Raises PrepareError; `which` begins the settings' names."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise PrepareError(f"the host {host!r} is not an address on this machine: {error.strerror}") from error
    # IPv4 first: `localhost` is both, and clients try both.
    family, _, _, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # The workers share the port (SO_REUSEPORT), and would silently share it with another server, too.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except PermissionError as error:
            raise PrepareError(
                f"port {port} requires root: use one above 1023, such as AUTHSERVER_{which}PORT=8080"
            ) from error
        except OSError as error:
            raise PrepareError(
                f"port {port} on {host} is in use or not on this machine ({error.strerror}): stop what listens there, "
                f"or set AUTHSERVER_{which}PORT or AUTHSERVER_{which}HOST"
            ) from error
    return str(address[0])


def database_and_keys(settings: Settings, registry: LiveRegistry, master: MasterKey, migrate: bool = True) -> None:
    """Migrate the database and make the first keys, once however many replicas start together.

    Without `migrate` the schema must be there already. Raises PrepareError. No connection is left open: forked workers
    must not share one.
    """
    try:
        database = alone.open_database(settings.database_url.get_secret_value(), settings.database_lock_timeout)
    except SQLAlchemyError as error:
        raise PrepareError(f"the database cannot be used: {alone.reason(error)}") from error
    try:
        if migrate:
            migrations.upgrade(database)
        else:
            migrations.require(database)
        Keys(database, master, settings).maintain(clock.now(database), registry.current.signing_algs)
        _report_undeclared(database, registry.current)
    except (MasterKeyError, migrations.SchemaError) as error:
        raise PrepareError(str(error)) from error
    except SQLAlchemyError as error:
        raise PrepareError(f"the database cannot be used: {alone.reason(error)}") from error
    finally:
        database.engine.dispose()


def _report_redis(settings: Settings) -> None:
    """Say so where Redis does not answer. The server starts all the same: limits fail open without it."""
    fault = alone.redis_fault(settings.redis_url.get_secret_value()) if settings.redis_url else None
    if fault is not None:
        advice = "sign-ins are not limited until it answers: check AUTHSERVER_REDIS_URL"
        _log.warning("redis:unavailable", reason=fault, advice=advice)


def _report_undeclared(database: Database, registry: Registry) -> None:
    try:
        with database.read() as connection:
            roles, groups = directory.roles_in_use(connection), directory.groups_in_use(connection)
    except UNAVAILABLE as error:
        # A table is locked: this is good to know, and no reason not to start.
        _log.warning("undeclared:not_looked_for", reason=type(error).__name__)
        return
    for each in undeclared_names(registry, roles, groups):
        _log.warning(
            f"{each.kind}:undeclared",
            name=each.name,
            people=each.people,
            advice="it gives nothing: declare it or take it away",
        )
