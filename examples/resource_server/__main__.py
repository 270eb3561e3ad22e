"""`python -m examples.resource_server`: listens on RESOURCE_PORT for tokens of ISSUER."""

import os

from examples.http_server import serve
from examples.resource_server.app import create_app

port = int(os.environ.get("RESOURCE_PORT", "8082"))
issuer = os.environ.get("ISSUER", "http://localhost:8080")
app = create_app(issuer, f"http://localhost:{port}", os.environ.get("RESOURCE_DATABASE", "resource_server.db"))
serve(app, port)
