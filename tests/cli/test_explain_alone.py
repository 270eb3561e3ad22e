"""`authserver explain --client`: what a client would get for itself by client credentials; no database is needed."""

import json
import re
from pathlib import Path

import pytest

from tests.cli.test_explain import FILE, WORKLOADS, explain

SERVICES = (
    FILE
    + """\
  - client_id: nightly-job
    name: Nightly job
    type: service
    secrets: [{sha256: "%s"}]
    dpop_bound_access_tokens: true
    access_token_lifetime: 120
    signing_alg: ES256
    apis: {reports: [read:reports]}
    roles: [editor]
"""
    % ("0" * 64)
)


def test_a_client_by_itself_is_told_each_claim_with_what_made_it(tmp_path: Path) -> None:
    (tmp_path / "clients.yaml").write_text(SERVICES)
    done = explain(tmp_path, "--client", "nightly-job")
    assert done.returncode == 0, done.stderr
    alone = (Path(__file__).parent / "explained_alone.txt").read_text()
    assert re.sub(r"\b1[89]\d{8}\b|\b17\d{8}\b", "N", done.stdout) == alone
    found = json.loads(explain(tmp_path, "--client", "nightly-job", "--scope", "read:reports", "--json").stdout)
    assert {each["name"]: each["value"] for each in found["header"]} == {"alg": "ES256", "typ": "at+jwt"}
    assert (found["id_token"], found["userinfo"]) == ([], [])


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (("grafana",), "grafana gets no tokens for itself: it may not use client_credentials (clients.yaml:12)"),
        (("deploy",), "deploy gets no tokens for itself: it may not use client_credentials, but its workloads may act"),
        (("nightly-job", "--scope", "write:reports"), "write:reports: the client may not have it of reports ("),
        (("nightly-job", "--resource", "https://x.example"), "refused with invalid_target: "),
    ],
)
def test_a_client_that_is_refused_by_itself_is_told_why(tmp_path: Path, options: tuple[str, ...], what: str) -> None:
    text = WORKLOADS.replace("workload_issuers:", SERVICES.removeprefix(FILE) + "workload_issuers:")
    (tmp_path / "clients.yaml").write_text(text)
    done = explain(tmp_path, "--client", *options)
    assert (done.returncode, what in done.stdout) == (3, True), done.stdout + done.stderr
