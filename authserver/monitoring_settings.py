"""The settings about being seen from outside: probes, metrics, and a stop that balancers notice."""

from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings


class MonitoringSettings(BaseSettings):
    """A part of `Settings`."""

    monitoring_port: int = Field(default=0, ge=0, le=65535)
    """Plain HTTP for `/healthz`, `/readyz`, and `/metrics`, answered by the parent process even when clients keep every
    connection of the main port busy. `0`, the default, turns it off: two servers on one machine would want the same
    port, and it tells whoever reaches it about your clients."""

    monitoring_host: str = "127.0.0.1"
    """The address for `monitoring_port`. In a container: `0.0.0.0`, with a network policy that lets only the monitoring
    system in."""

    otel_endpoint: str | None = None
    """An OpenTelemetry collector that takes OTLP over HTTP, such as `http://localhost:4318`: every request, group of
    statements, and call to a provider becomes a span. Requires `pip install authserver[otel]`. What is sampled and
    under which name is up to OpenTelemetry's own variables, such as `OTEL_TRACES_SAMPLER`. By default there are no
    traces, and nothing of OpenTelemetry is loaded."""

    server_timing: bool = False
    """Every response tells in `Server-Timing` how long it took, which browsers show to developers. Off by default: what
    takes how long is for attackers, too."""

    drain: int = Field(default=5, ge=0, le=300)
    """After SIGTERM, `/readyz` answers 503 for this long while requests are still served, so that a balancer notices
    before the port closes: make it longer than the balancer takes. A second signal ends it, and Ctrl-C stops without
    it. `0` is for servers without a balancer."""

    stop_timeout: int = Field(default=8, ge=1, le=300)
    """After `AUTHSERVER_DRAIN`, running requests have this long to finish. Whatever supervises the server must wait
    longer than both together; container engines kill after ten seconds unless told otherwise."""

    @field_validator("otel_endpoint")
    @classmethod
    def _endpoint_is_a_url(cls, value: str | None) -> str | None:
        if value is not None and (urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname):
            raise PydanticCustomError("otel_endpoint", "write it as http://host:4318, without /v1/traces")
        return value
