"""The settings about being seen from outside: probes and metrics."""

from pydantic import Field
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

    server_timing: bool = False
    """Every response tells in `Server-Timing` how long it took, which browsers show to developers. Off by default: what
    takes how long is for attackers, too."""
