"""`python -m examples.backend_for_frontend`: takes the environment variables of examples/relying_party."""

import os

from examples.backend_for_frontend.app import create_app
from examples.http_server import serve
from examples.relying_party.settings import from_environment

serve(create_app(from_environment()), int(os.environ.get("PORTAL_PORT", "8081")))
