"""`deploy/helm`: the same resources as `deploy/kubernetes`, with values in the places where people differ."""

import json
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from authserver.settings import Settings
from tests.deploy.programs import ROOT, judged
from tests.deploy.test_kubernetes import FOLDER, KUSTOMIZATION, PODS, VERSIONS, Resource, resources

CHART = ROOT / "deploy" / "helm"
VALUES = yaml.safe_load((CHART / "values.yaml").read_text())
HELM = "go install helm.sh/helm/v3/cmd/helm@v3.22.0"
JOB = "authserver-migration"
# The labels that helm's own guide asks for.
OF_HELM = {
    "app.kubernetes.io/managed-by": "Helm",
    "app.kubernetes.io/part-of": "authserver",
    "app.kubernetes.io/version": version("authserver"),
    "helm.sh/chart": f"authserver-{version('authserver')}",
}


def rendered(*arguments: str | Path) -> list[Resource]:
    """What helm makes of the chart."""
    done = judged("helm", "template", "authserver", CHART, "--kube-version", "1.31.0", *arguments, how=HELM)
    assert done.returncode == 0, done.stderr
    return [each for each in yaml.safe_load_all(done.stdout) if each]


def refused(*arguments: str) -> str:
    """Why helm does not take these values."""
    done = judged("helm", "template", "authserver", CHART, "--kube-version", "1.31.0", *arguments, how=HELM)
    assert done.returncode != 0
    return done.stderr


def the(found: list[Resource], kind: str, name: str = "authserver") -> Resource:
    (one,) = [each for each in found if (each["kind"], each["metadata"]["name"]) == (kind, name)]
    return one


def plain(resource: Resource) -> Resource:
    """Without what helm adds, and with the names of `deploy/kubernetes`."""
    resource = json.loads(json.dumps(resource))
    metadata = resource["metadata"]
    metadata["name"] = re.sub(r"-\d+$", "", metadata["name"])
    labels = metadata.pop("labels", {})
    own = {name: value for name, value in labels.items() if name not in OF_HELM}
    if own:
        metadata["labels"] = own
    template = resource["spec"].get("template") if "spec" in resource else None
    if template:
        annotations = template["metadata"].pop("annotations", {})
        assert annotations.keys() <= {"checksum/settings"}
        for container in template["spec"]["containers"]:
            assert container["image"] == f"{VALUES['image']['repository']}:{version('authserver')}"
            container["image"] = "authserver"
    return resource


def test_the_chart_is_of_this_release() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert (chart["version"], chart["appVersion"]) == (version("authserver"), version("authserver"))
    assert VALUES["image"]["repository"] == KUSTOMIZATION["images"][0]["newName"]
    assert VALUES["clients"] == (FOLDER / "clients.yaml").read_text()


def test_helm_finds_nothing_to_criticize() -> None:
    done = judged("helm", "lint", "--strict", CHART, how=HELM)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_chart_gives_the_resources_of_the_kustomization() -> None:
    def key(resource: Resource) -> tuple[str, str]:
        return resource["kind"], resource["metadata"]["name"]

    found = sorted((plain(each) for each in rendered() if each["kind"] != "ConfigMap"), key=key)
    assert found == sorted(resources(), key=key)


def test_the_chart_gives_the_settings_and_clients_of_the_kustomization() -> None:
    found = rendered()
    settings, clients = KUSTOMIZATION["configMapGenerator"]
    assert the(found, "ConfigMap", settings["name"])["data"] == dict(
        each.split("=", 1) for each in settings["literals"]
    )
    assert the(found, "ConfigMap", clients["name"])["data"] == {"clients.yaml": (FOLDER / "clients.yaml").read_text()}


def test_every_resource_is_one_by_the_published_schemas_and_says_whose_it_is() -> None:
    for resource in rendered():
        kubernetes_validate.validate(resource, VERSIONS[0], strict=True)
        assert OF_HELM.items() <= resource["metadata"]["labels"].items()


def test_values_stand_where_people_differ(tmp_path: Path) -> None:
    clients = tmp_path / "clients.yaml"
    clients.write_text("clients: []\n# the end\n")
    found = rendered(
        *("--set", "replicas=5", "--set", "image.tag=1.2.3", "--set", "secretName=other"),
        *("--set", "settings.AUTHSERVER_WORKERS=2", "--set", "networkPolicy.ingressNamespace=traefik"),
        *("--set-file", f"clients={clients}"),
    )
    pods = the(found, "Deployment")["spec"]
    assert pods["replicas"] == 5
    jobs = the(found, "Job", f"{JOB}-1")["spec"]
    for template in (pods["template"], jobs["template"]):
        assert template["spec"]["containers"][0]["image"] == "registry.example.com/authserver:1.2.3"
        secrets: list[Any] = [each["secret"] for each in template["spec"]["volumes"] if "secret" in each]
        assert [each["secretName"] for each in secrets] == ["other"]
    assert the(found, "ConfigMap", "authserver-settings")["data"]["AUTHSERVER_WORKERS"] == "2"
    assert the(found, "ConfigMap", "authserver-clients")["data"]["clients.yaml"] == clients.read_text()
    caller = the(found, "NetworkPolicy")["spec"]["ingress"][0]["from"][0]["namespaceSelector"]["matchLabels"]
    assert caller == {"kubernetes.io/metadata.name": "traefik"}


def test_changed_settings_replace_pods_and_changed_clients_do_not() -> None:
    def pod(*arguments: str) -> Resource:
        template: Resource = the(rendered(*arguments), "Deployment")["spec"]["template"]
        return template

    assert pod("--set", "settings.AUTHSERVER_WORKERS=2") != pod()
    assert pod("--set", "clients=clients: []") == pod()


def test_an_upgrade_has_a_job_of_its_own() -> None:
    names = [each["metadata"]["name"] for each in rendered("--is-upgrade") if each["kind"] == "Job"]
    assert names == [f"{JOB}-1"]
    assert "{{ .Release.Revision }}" in (CHART / "templates" / "migration.yaml").read_text()
    assert set(PODS) == {"Deployment", "Job"}


SECRET_SETTINGS = [
    f"AUTHSERVER_{name.upper()}" for name, field in Settings.model_fields.items() if "Secret" in str(field.annotation)
]


@pytest.mark.parametrize(
    ("value", "word"),
    [
        *((f"settings.{name}=abc", name) for name in SECRET_SETTINGS),
        ("settings.AUTHSERVER_ISSUER=http://login.example.com", "AUTHSERVER_ISSUER"),
        ("replicas=1", "replicas"),
        ("replica=3", "replica"),
        ("image.tagg=1", "tagg"),
    ],
)
def test_a_value_that_is_misspelt_or_secret_is_refused_by_name(value: str, word: str) -> None:
    assert word in refused("--set", value)
