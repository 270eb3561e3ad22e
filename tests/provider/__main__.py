"""Run it by itself: `EXAMPLE_PORT` and `EXAMPLE_PROVIDER_SECRET` say where, and with which client secret."""

from examples.environment import required
from examples.http_server import serve
from tests.provider.app import create_app
from tests.provider.state import State

if __name__ == "__main__":
    port, secret = required("EXAMPLE_PORT", "EXAMPLE_PROVIDER_SECRET")
    state = State("authserver", secret, issuer=f"http://localhost:{port}")
    serve(create_app(state), int(port))
