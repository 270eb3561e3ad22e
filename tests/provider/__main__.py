"""Run it by itself: `EXAMPLE_PORT` and `EXAMPLE_PROVIDER_SECRET` say where, and with which client secret."""

import os

from examples.http_server import serve
from tests.provider.app import create_app
from tests.provider.state import State

if __name__ == "__main__":
    port = int(os.environ["EXAMPLE_PORT"])
    state = State("authserver", os.environ["EXAMPLE_PROVIDER_SECRET"], issuer=f"http://localhost:{port}")
    serve(create_app(state), port)
