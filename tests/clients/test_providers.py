"""The section `providers` of clients.yaml: what it makes, and what is said where it is wrong."""

from pathlib import Path

import pytest

from authserver.protocol.provider import GITHUB, GOOGLE, Provider
from tests.clients.files import ENVIRON, SOUND, faults_of, load_text, warnings_of

UPSTREAM = ENVIRON | {"UPSTREAM_SECRET": "short"}
SVG = '<svg xmlns="http://www.w3.org/2000/svg"/>'


def providers(entries: str) -> str:
    """The sound file with providers, each a line of flow YAML; their fields begin in column 16."""
    return f"{SOUND}providers:\n" + "".join(f"  {line}\n" for line in entries.splitlines())


def loaded(folder: Path, entry: str) -> Provider:
    (provider,) = load_text(folder, providers(entry), UPSTREAM).registry.providers.values()
    return provider


def test_google_needs_a_client_and_a_secret_alone(tmp_path: Path) -> None:
    google = loaded(tmp_path, "google: {preset: google, client_id: g, secret: {env: UPSTREAM_SECRET}}")
    assert (google.issuer, google.label, google.client_secret) == (GOOGLE, "Google", "short")
    assert google.scopes == ("openid", "email", "profile")
    assert google.trusted_domains == {"gmail.com", "googlemail.com"}


def test_github_has_no_openid_scope(tmp_path: Path) -> None:
    github = loaded(tmp_path, "github: {preset: github, client_id: g, secret: {env: UPSTREAM_SECRET}}")
    assert (github.kind, github.issuer, github.scopes) == ("github", GITHUB, ("read:user", "user:email"))


def test_a_provider_of_one_s_own_is_trusted_for_nothing_unless_it_is_said(tmp_path: Path) -> None:
    entry = "work: {issuer: https://id.example.com/t, client_id: a, secret: {env: UPSTREAM_SECRET}}"
    assert loaded(tmp_path, entry).trusted_domains == frozenset()


def test_a_secret_is_in_no_text_of_a_provider(tmp_path: Path) -> None:
    entry = "work: {issuer: https://id.example.com, client_id: a, secret: {env: UPSTREAM_SECRET}}"
    registry = load_text(tmp_path, providers(entry), UPSTREAM | {"UPSTREAM_SECRET": "s3cr3t-value"}).registry
    assert "s3cr3t-value" not in repr(registry)


def test_the_version_changes_with_the_secret(tmp_path: Path) -> None:
    text = providers("work: {issuer: https://id.example.com, client_id: a, secret: {env: UPSTREAM_SECRET}}")
    versions = {load_text(tmp_path, text, ENVIRON | {"UPSTREAM_SECRET": value}).registry.version for value in "ab"}
    assert len(versions) == 2


def test_a_secret_and_a_logo_can_stand_in_files_that_are_watched(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from a file\n")
    (tmp_path / "secret").chmod(0o600)
    (tmp_path / "logo.svg").write_text(SVG)
    entry = "work: {issuer: https://id.example.com, client_id: a, secret: {file: secret}, logo: logo.svg}"
    provider = loaded(tmp_path, entry)
    assert provider.client_secret == "from a file"
    assert provider.logo is not None
    assert (provider.logo.content, provider.logo.content_type) == (SVG.encode(), "image/svg+xml")
    files = load_text(tmp_path, providers(entry), UPSTREAM).files
    assert {file.name for file in files} == {"clients.yaml", "secret", "logo.svg"}


def test_a_secret_that_everybody_can_read_is_warned_of(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from a file\n")
    (tmp_path / "secret").chmod(0o644)
    text = providers("work: {issuer: https://id.example.com, client_id: a, secret: {file: secret}}")
    assert "chmod o-r" in " ".join(warnings_of(tmp_path, text, UPSTREAM))


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ("w: {client_id: a, secret: {env: UPSTREAM_SECRET}}", "issuer: is missing: the issuer of the provider"),
        (
            "w: {issuer: http://id.example.com, client_id: a, secret: {env: UPSTREAM_SECRET}}",
            "issuer: must begin with https://; http is for this machine only",
        ),
        (
            "w: {issuer: 'https://id.example.com/?x', client_id: a, secret: {env: UPSTREAM_SECRET}}",
            "issuer: must be a URL without user, query, or fragment",
        ),
        (
            "w: {preset: google, issuer: https://x.example.com, client_id: a, secret: {env: UPSTREAM_SECRET}}",
            "issuer: the preset google already sets the issuer",
        ),
        ("w: {preset: gogle, client_id: a, secret: {env: UPSTREAM_SECRET}}", "preset: must be google or github"),
        (
            "w: {preset: google, client_id: a, secret: {env: NOWHERE}}",
            "secret: the environment variable NOWHERE is not",
        ),
        ("w: {preset: google, client_id: a}", "secret: is missing"),
        ("w: {preset: google, client_id: a, client_secret: x}", "client_secret: unknown field; did you mean secret?"),
        (
            "w: {preset: google, client_id: a, secret: {env: UPSTREAM_SECRET}, roles: {groups: {x: usr}}}",
            "roles.groups.x: no role is named usr; did you mean user?",
        ),
        (
            "w: {preset: github, client_id: a, secret: {env: UPSTREAM_SECRET}, hd: example.com}",
            "hd: is only for the preset google",
        ),
        (
            "w: {preset: google, client_id: a, secret: {env: UPSTREAM_SECRET}, scopes: [email]}",
            "scopes: openid is missing",
        ),
        (
            "w: {preset: google, client_id: a, secret: {env: UPSTREAM_SECRET}, allowed_domains: [Example.com]}",
            "allowed_domains[0]: must be a domain such as example.com, in lowercase",
        ),
        *[
            (
                f"w: {{preset: google, client_id: a, secret: {{env: UPSTREAM_SECRET}}, {field}}}",
                "is not a domain under IDNA 2008",
            )
            for field in (
                "allowed_domains: [☃.example]",
                "trusted_domains: [xn--zzzz99999.example]",
                "hd: ｅxample.com",
                "allowed_domains: [ex_ample.com]",
            )
        ],
        (
            "w: {preset: google, client_id: a, secret: {env: UPSTREAM_SECRET}, logo: none.svg}",
            "logo: the file cannot be read",
        ),
        ("W: {preset: google, client_id: a, secret: {env: UPSTREAM_SECRET}}", "must be a lowercase letter"),
    ],
)
def test_what_is_wrong_with_a_provider_is_said_at_its_place(tmp_path: Path, entry: str, fault: str) -> None:
    (found, *_) = [each for each in faults_of(tmp_path, providers(entry), UPSTREAM) if fault in each]
    assert found.startswith("clients.yaml:19:")


@pytest.mark.parametrize("secret", ["hunter2-in-clear", "{hunter2-in-clear: 1}", "[hunter2-in-clear]"])
def test_a_secret_in_clear_is_refused_and_not_repeated(tmp_path: Path, secret: str) -> None:
    faults = faults_of(tmp_path, providers(f"w: {{preset: google, client_id: a, secret: {secret}}}"), UPSTREAM)
    assert faults
    assert "hunter2" not in " ".join(faults)


def test_a_logo_is_svg_or_png_and_small(tmp_path: Path) -> None:
    text = providers("w: {preset: google, client_id: a, secret: {env: UPSTREAM_SECRET}, logo: logo}")
    (tmp_path / "logo").write_text("<html>")
    assert "neither SVG nor PNG" in faults_of(tmp_path, text, UPSTREAM)[0]
    (tmp_path / "logo").write_text(SVG + " " * 65_536)
    assert "larger than 64 KiB" in faults_of(tmp_path, text, UPSTREAM)[0]


def test_two_providers_are_two_issuers(tmp_path: Path) -> None:
    entry = "{issuer: https://id.example.com, client_id: a, secret: {env: UPSTREAM_SECRET}}"
    assert "is already on line 19" in faults_of(tmp_path, providers(f"v: {entry}\nw: {entry}"), UPSTREAM)[0]


def test_a_client_can_fix_a_provider_that_is_declared_or_google(tmp_path: Path) -> None:
    text = providers("work: {issuer: https://id.example.com, client_id: a, secret: {env: UPSTREAM_SECRET}}")
    for name in ("work", "google"):
        fixed = text.replace("    apis: [reports]\n", f"    apis: [reports]\n    provider: {name}\n")
        assert load_text(tmp_path, fixed, UPSTREAM).registry.clients["portal"].provider == name
    misspelt = text.replace("    apis: [reports]\n", "    apis: [reports]\n    provider: wrok\n")
    (fault,) = faults_of(tmp_path, misspelt, UPSTREAM)
    assert fault.endswith("no provider is named wrok; did you mean work?")
