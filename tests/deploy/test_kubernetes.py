"""`deploy/kubernetes`: held against the published schemas of Kubernetes, and against what we promise of it."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from click.testing import CliRunner

from authserver.cli import main
from authserver.health import ALIVE, READY
from tests.deploy.programs import LONGEST_STOP, ROOT, judged

FOLDER = ROOT / "deploy" / "kubernetes"
# The image of 0.2.0, to which somebody may go back, names a database in its environment.
UNSET = ["env", "--unset=AUTHSERVER_DATABASE_URL"]
OF_THE_IMAGE_BEFORE = {"AUTHSERVER_DATABASE_URL": "sqlite:////srv/authserver/data/authserver.db"}
NOT_RESOURCES = {"kustomization.yaml", "clients.yaml"}
# The oldest with all that is used, and the newest that the package knows.
VERSIONS = ("1.31", kubernetes_validate.latest_version())
KUSTOMIZATION = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
Resource = dict[str, Any]


def resources() -> Iterator[Resource]:
    for path in sorted(FOLDER.glob("*.yaml")):
        if path.name not in NOT_RESOURCES:
            yield from yaml.safe_load_all(path.read_text())


def the(kind: str, name: str = "authserver") -> Resource:
    (found,) = [each for each in resources() if each["kind"] == kind and each["metadata"]["name"] == name]
    return found


PODS = {
    kind: the(kind, name)["spec"]["template"]
    for kind, name in (("Deployment", "authserver"), ("Job", "authserver-migration"))
}
every_pod = pytest.mark.parametrize("kind", PODS)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_resource_is_one_by_the_published_schemas(version: str) -> None:
    for resource in resources():
        kubernetes_validate.validate(resource, version, strict=True)


def test_a_misspelt_field_would_be_noticed() -> None:
    resource = the("Deployment")
    resource["spec"]["template"]["spec"]["containers"][0]["readynessProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(resource, VERSIONS[0], strict=True)


def test_the_kustomization_names_every_file_and_nothing_else() -> None:
    files = {path.name for path in FOLDER.glob("*.yaml")} - NOT_RESOURCES
    assert set(KUSTOMIZATION["resources"]) == files


def test_kustomize_builds_what_the_schemas_accept() -> None:
    done = judged("kustomize", "build", FOLDER, how="go install sigs.k8s.io/kustomize/kustomize/v5@v5.7.1")
    assert done.returncode == 0, done.stderr
    built = list(yaml.safe_load_all(done.stdout))
    for resource in built:
        kubernetes_validate.validate(resource, VERSIONS[0], strict=True)
    images = {
        container["image"]
        for resource in built
        if resource["kind"] in PODS
        for container in resource["spec"]["template"]["spec"]["containers"]
    }
    assert images == {f"registry.example.com/authserver:{version('authserver')}"}


@every_pod
def test_a_pod_may_do_nothing_but_its_work(kind: str) -> None:
    pod = PODS[kind]["spec"]
    (container,) = pod["containers"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert "memory" in container["resources"]["limits"]


@every_pod
def test_what_is_secret_comes_as_a_file_and_never_by_the_environment(kind: str) -> None:
    pod = PODS[kind]["spec"]
    (container,) = pod["containers"]
    assert all("configMapRef" in each for each in container["envFrom"])
    assert "env" not in container
    (volume,) = [each for each in pod["volumes"] if "secret" in each]
    (mount,) = [each for each in container["volumeMounts"] if each["name"] == volume["name"]]
    assert volume["secret"]["items"] == [{"key": "env", "path": ".env"}]
    assert volume["secret"]["defaultMode"] & 0o007 == 0
    # `.env` is read from the working directory.
    assert mount == {"name": volume["name"], "mountPath": container["workingDir"], "readOnly": True}


@every_pod
def test_what_a_pod_mounts_and_reads_is_there(kind: str) -> None:
    pod = PODS[kind]["spec"]
    (container,) = pod["containers"]
    assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}
    made = {each["name"] for each in KUSTOMIZATION["configMapGenerator"]}
    read = {each["configMapRef"]["name"] for each in container["envFrom"]}
    read |= {volume["configMap"]["name"] for volume in pod["volumes"] if "configMap" in volume}
    assert read <= made
    assert pod["serviceAccountName"] == the("ServiceAccount")["metadata"]["name"]


@every_pod
def test_the_command_of_a_pod_is_one_of_ours(kind: str) -> None:
    *before, program = PODS[kind]["spec"]["containers"][0]["args"][:3]
    assert (before, program) == (UNSET, "authserver")
    arguments = PODS[kind]["spec"]["containers"][0]["args"][3:]
    done = CliRunner().invoke(main, [*arguments, "--help"])
    assert done.exit_code == 0, done.output


def test_what_the_secret_says_stands_before_what_the_image_says(tmp_path: Path) -> None:
    # For whatever command somebody runs in the pod, too.
    image = dict(re.findall(r"^(?:ENV|   ) (AUTHSERVER_\w+)=(\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE))
    assert "AUTHSERVER_CLIENTS_FILE" in image
    secret = "postgresql://authserver:secret@database.example.com/authserver"
    (tmp_path / ".env").write_text(f"AUTHSERVER_DATABASE_URL={secret}\n")
    show = "from authserver.settings import Settings; print(Settings().database_url.get_secret_value())"
    path = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-c", show], cwd=tmp_path, env=image | path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == secret


@every_pod
def test_with_the_image_of_the_release_before_a_pod_works_on_its_own_database(kind: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("AUTHSERVER_DATABASE_URL=postgresql://database.example.com/authserver\n")
    arguments = PODS[kind]["spec"]["containers"][0]["args"]
    before = arguments[: arguments.index("authserver")]
    show = "from authserver.settings import Settings; print(Settings().database_url.get_secret_value())"
    environ = {"PATH": os.environ["PATH"]} | OF_THE_IMAGE_BEFORE
    done = subprocess.run(
        [*before, sys.executable, "-c", show], cwd=tmp_path, env=environ, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "postgresql://database.example.com/authserver"


def test_probes_ask_for_life_and_readiness_where_they_are_answered() -> None:
    container = PODS["Deployment"]["spec"]["containers"][0]
    asked = {probe: container[f"{probe}Probe"]["httpGet"] for probe in ("startup", "readiness", "liveness")}
    # A database that is away makes a pod unready; to restart it would not help.
    assert {probe: get["path"] for probe, get in asked.items()} == {
        "startup": ALIVE,
        "readiness": READY,
        "liveness": ALIVE,
    }
    # Not the port that clients can keep busy.
    assert {get["port"] for get in asked.values()} == {"monitoring"}


def test_a_pod_has_longer_to_end_than_the_server_takes() -> None:
    assert PODS["Deployment"]["spec"]["terminationGracePeriodSeconds"] > LONGEST_STOP


def test_pods_leave_the_schema_to_the_job_and_never_all_go_at_once() -> None:
    assert "--no-migrate" in PODS["Deployment"]["spec"]["containers"][0]["args"]
    assert PODS["Job"]["spec"]["containers"][0]["args"][-3:] == ["authserver", "db", "upgrade"]
    deployment, budget = the("Deployment")["spec"], the("PodDisruptionBudget")["spec"]
    assert deployment["replicas"] >= 2
    assert deployment["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    assert budget["maxUnavailable"] < deployment["replicas"]


def test_selectors_select_the_pods() -> None:
    labels = PODS["Deployment"]["metadata"]["labels"]
    for selector in (
        the("Deployment")["spec"]["selector"]["matchLabels"],
        the("Service")["spec"]["selector"],
        the("PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        the("NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
    ):
        assert selector.items() <= labels.items()
    of_job = the("NetworkPolicy", "authserver-migration")["spec"]["podSelector"]["matchLabels"]
    assert of_job.items() <= PODS["Job"]["metadata"]["labels"].items()


@pytest.mark.parametrize(
    ("name", "called_by", "outside"),
    [
        (
            "authserver",
            [{"kubernetes.io/metadata.name": name} for name in ("ingress-nginx", "monitoring")],
            ["0.0.0.0/0"],
        ),
        ("authserver-migration", [], []),
    ],
)
def test_who_may_call_and_be_called_is_named(name: str, called_by: list[dict[str, str]], outside: list[str]) -> None:
    policy = the("NetworkPolicy", name)["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    callers = [peer for rule in policy.get("ingress", []) for peer in rule["from"]]
    assert callers == [{"namespaceSelector": {"matchLabels": labels}} for labels in called_by]
    assert all(rule["ports"] for rule in [*policy.get("ingress", []), *policy["egress"]])
    blocks = [peer["ipBlock"] for rule in policy["egress"] for peer in rule.get("to", []) if "ipBlock" in peer]
    assert [block["cidr"] for block in blocks] == outside
    # The address that clouds give credentials away at.
    assert all("169.254.0.0/16" in block["except"] for block in blocks)
