"""The examples of the guide to workloads are what the server takes, and what the platforms give fits them."""

import re
from pathlib import Path

import pytest
import yaml

from authserver.protocol.upstream.workload import WorkloadToken
from tests.clients.files import SOUND, load_text
from tests.examples.demonstration import ROOT

BLOCKS = [
    block
    for block in re.findall(r"^```yaml\n(.*?)^```$", (ROOT / "docs/workloads.md").read_text(), re.MULTILINE | re.DOTALL)
    if "workload_issuers" in block
]
SUBJECTS = {
    "https://token.actions.githubusercontent.com": (
        "repo:acme/shop:environment:production",
        {"repository_owner_id": "1234567"},
    ),
    "https://gitlab.com": (
        "project_path:acme/shop:ref_type:branch:ref:main",
        {"namespace_id": "42", "ref_protected": "true"},
    ),
    "https://kubernetes.default.svc.cluster.local": ("system:serviceaccount:shop:billing", {}),
}


@pytest.mark.parametrize("block", BLOCKS)
def test_each_example_lets_its_workload_in_without_a_warning(tmp_path: Path, block: str) -> None:
    text = SOUND[: SOUND.index("clients:")] + block
    loaded = load_text(tmp_path, text)
    assert loaded.warnings == ()
    ((issuer, declared),) = loaded.registry.workload_issuers.items()
    subject, claims = SUBJECTS[issuer]
    ((workload, client),) = loaded.registry.workloads[declared.name]
    assert workload.admits(WorkloadToken(subject, claims, "x", 0))
    assert not workload.admits(WorkloadToken(f"{subject}x", claims, "x", 0))
    assert client.roles == ("user",)


def test_every_block_of_yaml_is_yaml() -> None:
    text = (ROOT / "docs/workloads.md").read_text()
    for block in re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        assert yaml.safe_load(block)
    assert len(BLOCKS) == len(SUBJECTS)
