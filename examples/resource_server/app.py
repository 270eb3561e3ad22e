"""Reports and users over HTTP. Each API is an audience of its own, so each has a guard of its own."""

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

from authserver.guard import Guard
from authserver.guard.flask import FlaskGuard, current_token
from examples.resource_server.records import Records

MAX_TEXT = 200


def create_app(issuer: str, base_url: str, database: str) -> Flask:
    """The application: `issuer` is the authorization server, `base_url` where this one is reached."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 10_000
    records = Records(database)
    _add_collection(app, records, FlaskGuard(Guard(issuer, f"{base_url}/reports")), "reports")
    _add_collection(app, records, FlaskGuard(Guard(issuer, f"{base_url}/users")), "users", delete_at="silver")

    @app.get("/healthz")
    def health() -> ResponseReturnValue:
        return "ok"

    return app


def _add_collection(app: Flask, records: Records, guard: FlaskGuard, name: str, delete_at: str | None = None) -> None:
    """The three routes; `delete_at` is the level of authentication that deleting takes (RFC 9470)."""

    @guard.require_permission(f"read:{name}")
    def read() -> ResponseReturnValue:
        return jsonify({name: records.read(name)})

    @guard.require_permission(f"write:{name}")
    def write() -> ResponseReturnValue:
        body = request.get_json(silent=True)
        text = body.get("text") if isinstance(body, dict) else None
        if not isinstance(text, str) or not 0 < len(text) <= MAX_TEXT:
            return jsonify(error="invalid_request", error_description='Send {"text": "…"} as JSON.'), 400
        return jsonify(records.write(name, text, current_token().sub)), 201

    def delete_newest() -> ResponseReturnValue:
        deleted = records.delete_newest(name)
        if deleted is None:
            return jsonify(error="not_found", error_description=f"There are no {name} left."), 404
        return jsonify(deleted=deleted)

    # The permission first: nobody should sign in again for what they may not do anyway.
    deleting = guard.require_acr(delete_at)(delete_newest) if delete_at else delete_newest
    deleting = guard.require_permission(f"delete:{name}")(deleting)
    app.add_url_rule(f"/{name}", f"read_{name}", read, methods=["GET"])
    app.add_url_rule(f"/{name}", f"write_{name}", write, methods=["POST"])
    app.add_url_rule(f"/{name}/newest", f"delete_{name}", deleting, methods=["DELETE"])
