"""The settings about what stands around the server: certificates that a proxy passes on, probes, metrics, and a stop
that balancers notice.
"""

import re
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings


class EdgeSettings(BaseSettings):
    """A part of `Settings`."""

    mtls_header: str | None = None
    """The request header in which a proxy of `trusted_proxies` passes on the TLS certificate of a client (RFC 8705).
    Off by default. `Client-Cert` is read as RFC 9440, `X-Forwarded-Client-Cert` as Envoy writes it, and every other
    name as a PEM certificate, URL-encoded or not, or base64 of DER: nginx, Caddy, Traefik, HAProxy, Apache. The proxy
    must overwrite the header on every host that leads here and drop header names with underscores. Otherwise anyone
    can send the certificate of any client, and certificates are no secrets. With `ssl_verify_client optional_no_ca`,
    nginx lets certificates through that nobody has verified. So this server verifies them itself and never relies on
    the proxy to have done so."""

    mtls_client_cas: Path | None = None
    """A PEM file with the certificate authorities that may issue certificates for clients with `tls_client_auth`. Each
    certificate in it is trusted by itself, so an intermediate CA may stand there without its root. Any of them can
    issue a certificate for any of these clients: list no public CA. Read at startup."""

    mtls_url: str | None = None
    """The address of a host of its own for clients with certificates, such as `https://mtls.login.example.com`, so that
    browsers are not asked for one at the issuer. The metadata list its endpoints as `mtls_endpoint_aliases`, with the
    path of the issuer, and certificates count only in requests to this host (`Host`, as the proxy passes it on)."""

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

    time_slice: int = Field(default=0, ge=0, le=100)
    """The milliseconds for which a thread of a worker may run before others take turns, on Linux 6.12 and later. `100`
    takes a fifth less CPU time for a token and halves the longest waits where the workers have their cores to
    themselves. Where other programs compute on the same cores, requests would then wait for these, some 20 ms each.
    `0`, the default, leaves it to the kernel."""

    @field_validator("otel_endpoint")
    @classmethod
    def _endpoint_is_a_url(cls, value: str | None) -> str | None:
        if value is not None and (urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname):
            raise PydanticCustomError("otel_endpoint", "write it as http://host:4318, without /v1/traces")
        return value

    @field_validator("mtls_header")
    @classmethod
    def _header_is_a_name(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,63}", value):
            raise PydanticCustomError("mtls_header", "write the name of a header: letters, digits, and hyphens")
        return value

    @field_validator("mtls_client_cas")
    @classmethod
    def _cas_are_readable(cls, value: Path | None) -> Path | None:
        if value is not None:
            # A tenth of the start of a command, for those who have none.
            from cryptography.x509 import load_pem_x509_certificates

            try:
                load_pem_x509_certificates(value.read_bytes())
            except (OSError, ValueError):
                raise PydanticCustomError(
                    "mtls_client_cas", "is not a file with certificates that can be read: write them in PEM"
                ) from None
        return value

    @field_validator("mtls_url")
    @classmethod
    def _mtls_url_is_a_host(cls, value: str | None) -> str | None:
        if value is not None:
            parts = urlsplit(value)
            if parts.scheme != "https" or not parts.hostname or value != f"https://{parts.netloc}" or "@" in value:
                raise PydanticCustomError("mtls_url", "write it as https://host, without a path")
        return value

    def faults_of_mtls(self, *, has_proxies: bool) -> list[str]:
        """What contradicts itself in the settings about certificates of clients."""
        faults = []
        if self.mtls_header is not None and not has_proxies:
            faults.append("mtls_header is believed only from trusted_proxies: name your proxy there")
        for name in ("mtls_client_cas", "mtls_url"):
            if getattr(self, name) is not None and self.mtls_header is None:
                faults.append(f"{name} needs mtls_header, in which the proxy passes certificates on")
        return faults
