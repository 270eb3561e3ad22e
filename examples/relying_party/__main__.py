"""`python -m examples.relying_party`"""

import os

from examples.http_server import serve
from examples.relying_party.app import create_app
from examples.relying_party.settings import from_environment

serve(create_app(from_environment()), int(os.environ.get("PORTAL_PORT", "8081")))
