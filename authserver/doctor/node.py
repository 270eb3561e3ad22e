"""What the server on this machine says of itself, at its own port, past every proxy."""

from authserver.doctor.diagnosis import Diagnoses, fault, ok, warning
from authserver.doctor.site import Site, Unreachable
from authserver.settings import Settings


def node(settings: Settings) -> Diagnoses:
    """Its `/readyz`, with what hinders nothing and should be mended."""
    port = settings.monitoring_port or settings.port
    url = f"http://127.0.0.1:{port}/readyz"
    try:
        with Site(url) as site:
            response = site.get(url)
            body = response.json()
    except Unreachable as error:
        yield warning(
            "node",
            f"no server answers on this machine at port {port}: {error}",
            "run this command where the server runs",
        )
        return
    except ValueError:
        yield warning("node", f"what answers at port {port} is not this server", "see which program has the port")
        return
    if not isinstance(body, dict):
        return
    checks = body.get("checks")
    failed = sorted(name for name, state in checks.items() if state != "ok") if isinstance(checks, dict) else []
    if failed:
        yield fault("node", f"it is {body.get('status')}: {', '.join(failed)} failed", "the log says why")
    else:
        yield ok("node", f"it is {body.get('status')}, with version {body.get('clients_version')} of clients.yaml")
    warnings = body.get("warnings")
    for each in warnings if isinstance(warnings, list) else ():
        yield warning("node", str(each), "change this setting and restart")
