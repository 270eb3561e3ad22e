"""The workflows of CI and releases: sound, pinned, and with no more rights than they need."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.programs import ROOT, judged

# What each workflow, and each of its jobs, may do beyond reading what is public.
RIGHTS: dict[str, dict[str | None, dict[str, str]]] = {
    "ci.yml": {None: {"contents": "read"}},
    "release.yml": {
        None: {},
        "wheel": {"contents": "read", "id-token": "write", "attestations": "write"},
        "publish": {"id-token": "write"},
        "image": {"contents": "read", "packages": "write", "id-token": "write", "attestations": "write"},
    },
}
FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
every_file = pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)


def jobs(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(file.read_text())["jobs"]
    return found


@every_file
def test_actionlint_has_nothing_to_say(file: Path) -> None:
    how = "go install github.com/rhysd/actionlint/cmd/actionlint@latest"
    done = judged("actionlint", "-shellcheck=", "-pyflakes=", file, how=how)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


@every_file
def test_every_action_is_pinned_to_a_commit(file: Path) -> None:
    used = re.findall(r"uses: (.+)", file.read_text())
    assert used
    assert [each for each in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each)] == []


@every_file
def test_a_job_has_the_rights_it_needs_an_end_and_leaves_no_credentials_in_the_checkout(file: Path) -> None:
    given = {name: job["permissions"] for name, job in jobs(file).items() if "permissions" in job}
    assert {None: yaml.safe_load(file.read_text())["permissions"]} | given == RIGHTS[file.name]
    for name, job in jobs(file).items():
        assert job["timeout-minutes"] <= 120, name
        checkouts = [step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]
        assert all(step["with"]["persist-credentials"] is False for step in checkouts), name
        # What a stranger can name in a pull request must not become a command.
        assert not [step for step in job["steps"] if "${{ github.event" in step.get("run", "")], name


def test_ci_tries_every_supported_python_and_all_tests() -> None:
    found = jobs(ROOT / ".github" / "workflows" / "ci.yml")
    assert found["test"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]
    runs = [step.get("run", "") for job in found.values() for step in job["steps"]]
    assert {word for run in runs for word in re.findall(r"^make ([a-z-]+)", run)} == {"lint", "test", "test-all"}


def test_ci_judges_what_is_deployed_where_the_programs_for_it_are() -> None:
    runs = [step.get("run", "") for step in jobs(ROOT / ".github" / "workflows" / "ci.yml")["test-all"]["steps"]]
    judging = next(number for number, run in enumerate(runs) if run.startswith("make test T=tests/deploy "))
    before = " ".join(runs[:judging])
    programs = ("actionlint", "kustomize", "helm", "nginx", "pgbouncer", "caddy", "prometheus")
    assert [name for name in programs if name not in before] == []


def test_a_release_proves_where_wheel_and_image_come_from() -> None:
    found = jobs(ROOT / ".github" / "workflows" / "release.yml")
    for name in ("wheel", "image"):
        used = [step.get("uses", "").partition("@")[0] for step in found[name]["steps"]]
        assert "actions/attest-build-provenance" in used, name
