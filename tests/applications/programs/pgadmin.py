"""What pgAdmin does with its configuration, in its order: it is too large to be installed for a test."""

import sys
from pathlib import Path

from authlib.integrations.flask_client import OAuth
from flask import Flask, jsonify, redirect, session

document: dict[str, object] = {}
exec(Path("configuration").read_text(encoding="utf-8"), document)
(given,) = document["OAUTH2_CONFIG"]
app = Flask(__name__)
app.secret_key = "s" * 50
client = OAuth(app).register(
    name=given["OAUTH2_NAME"],
    client_id=given["OAUTH2_CLIENT_ID"],
    client_secret=given["OAUTH2_CLIENT_SECRET"],
    access_token_url=given["OAUTH2_TOKEN_URL"],
    authorize_url=given["OAUTH2_AUTHORIZATION_URL"],
    api_base_url=given["OAUTH2_API_BASE_URL"],
    server_metadata_url=given["OAUTH2_SERVER_METADATA_URL"],
    client_kwargs={
        "scope": given["OAUTH2_SCOPE"],
        "code_challenge_method": given["OAUTH2_CHALLENGE_METHOD"],
        "response_type": given["OAUTH2_RESPONSE_TYPE"],
    },
)


@app.get("/login")
def login():
    return client.authorize_redirect(f"http://127.0.0.1:{sys.argv[1]}/oauth2/authorize")


@app.get("/oauth2/authorize")
def authorize():
    session["token"] = {"claims": client.authorize_access_token()["userinfo"]}
    return redirect("/whoami")


@app.get("/whoami")
def whoami():
    # pgAdmin reads the ID token before it asks at userinfo.
    return jsonify(session["token"]["claims"])


app.run("127.0.0.1", int(sys.argv[1]))
