"""Synapse, with the least that it needs beside what the document says."""

import os
import sys
from pathlib import Path

import yaml

port = int(sys.argv[1])
listener = {"port": port, "type": "http", "bind_addresses": ["127.0.0.1"], "resources": [{"names": ["client"]}]}
least = {
    "server_name": "matrix.test",
    "pid_file": "pid",
    "listeners": [listener],
    "database": {"name": "sqlite3", "args": {"database": "homeserver.sqlite"}},
    "media_store_path": "media",
    "signing_key_path": "signing.key",
    "macaroon_secret_key": "s" * 50,
    "form_secret": "s" * 50,
    "report_stats": False,
    "trusted_key_servers": [],
    "sso": {"client_whitelist": [f"http://127.0.0.1:{port}/_matrix/client/versions"]},
}
document = yaml.safe_load(Path("configuration").read_text(encoding="utf-8"))
Path("homeserver.yaml").write_text(yaml.safe_dump(least | document), encoding="utf-8")
command = [sys.executable, "-m", "synapse.app.homeserver", "-c", "homeserver.yaml"]
os.spawnv(os.P_WAIT, sys.executable, [*command, "--generate-keys"])
os.execv(sys.executable, command)
