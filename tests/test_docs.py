"""The documentation says what the code says."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import get_args

import click
import pytest

from authserver.cli import main
from authserver.events.names import WARNINGS, WHEN, EventName
from authserver.settings import Settings
from docs.events import events_reference
from docs.generate import FOLDER, PAGES

ROOT = Path(__file__).parents[1]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text()
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "keys" / "README.md"])
# These say how the code is built.
BUILT = [ROOT / "docs" / "architecture.md", *sorted(ROOT.glob("docs/decisions/*.md"))]
# Here the names of settings stand as well.
DEPLOYED = sorted(path for path in ROOT.glob("deploy/**/*") if path.is_file())
CONFIGURATION = [ROOT / "Dockerfile", ROOT / "compose.yaml", *DEPLOYED]
SOURCES = sorted((ROOT / "authserver").rglob("*.py"))
# Errors that RFC 6749 §5.2 and its kin name, and their words, in calls such as `ProtocolError("invalid_grant", …)`.
REFUSALS = {"ProtocolError", "ShownError", "RedirectedError", "BearerError", "invalid_client"}
ERROR_CODE = re.compile(r"[a-z]+(_[a-z]+)+")
EVENT = re.compile(r"[a-z_]+(?::[a-z_]+){1,2}")

every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def prose(document: Path) -> str:
    """The text without what stands in code blocks."""
    return re.sub(r"^(```|~~~).*?^\1$", "", document.read_text(), flags=re.MULTILINE | re.DOTALL)


def code(document: Path) -> Iterator[str]:
    """Every line of a code block, fenced or indented, and every code span."""
    text = document.read_text()
    for block in re.findall(r"^```\w*\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL):
        yield from re.sub(r"\\\n\s*", "", block).splitlines()
    yield from re.findall(r"^ {4}(\S.*)$", text, flags=re.MULTILINE)
    yield from re.findall(r"`([^`\n]+)`", prose(document))


def anchors(document: Path) -> set[str]:
    """The anchors of the headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(document), flags=re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.strip().replace(" ", "-") for heading in plain}


@cache
def nodes() -> list[ast.AST]:
    """All that the code of the package consists of."""
    return [node for path in SOURCES for node in ast.walk(ast.parse(path.read_text()))]


@cache
def string_constants() -> frozenset[str]:
    """Every string that the code of the package holds."""
    return frozenset(n.value for n in nodes() if isinstance(n, ast.Constant) and isinstance(n.value, str))


def refusals() -> set[str]:
    """Every error code that is the first argument of a refusal, and those in the mapping of unsupported parameters."""
    found = {"invalid_client", "request_not_supported", "request_uri_not_supported", "registration_not_supported"}
    for node in nodes():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in REFUSALS:
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and ERROR_CODE.fullmatch(str(first.value)):
                found.add(str(first.value))
    return found


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_what_the_code_makes_of_it_now(name: str) -> None:
    assert (FOLDER / name).read_text() == PAGES[name](), "run `make docs`"


def test_every_audit_event_has_a_text_and_a_row_in_the_reference() -> None:
    names = set(get_args(EventName))
    assert WHEN.keys() == names
    assert names >= WARNINGS
    rows = re.findall(r"^\| `([a-z_:]+)` \| \S.* \| (?:info|warning) \| ", events_reference(), flags=re.MULTILINE)
    assert rows == sorted(names)


@every_document
def test_a_relative_link_leads_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(document)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (document.parent / name).resolve() if name else document
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), target


@pytest.mark.parametrize("document", BUILT, ids=lambda path: path.name)
def test_every_file_and_folder_of_the_code_that_is_named_exists(document: Path) -> None:
    named = {span for span in code(document) if re.fullmatch(r"[\w.]+(/[\w.]+)*(\.py|/)", span)}
    assert {name for name in named if not any((base / name).exists() for base in (ROOT, ROOT / "authserver"))} == set()


def test_each_walk_through_the_code_names_its_files() -> None:
    walks = re.split(r"^## ", (ROOT / "docs" / "architecture.md").read_text(), flags=re.MULTILINE)
    named = {
        walk.partition("\n")[0]: {path.partition("/")[0] for path in re.findall(r"`(\w+/[\w/]+\.py)`", walk)}
        for walk in walks
        if walk.startswith("The life of ")
    }
    needed = {
        "The life of `POST /token`": {"serve", "http", "token", "store", "access", "protocol", "keys", "events"},
        "The life of `GET /authorize`": {"authorize", "protocol", "signin", "store", "accounts"},
        "The life of a provider's callback": {"federation", "store", "signin", "outbound", "protocol"},
        "The life of an administrator's change": {"http", "management", "access", "people", "store", "events", "mail"},
    }
    assert named.keys() == needed.keys()
    assert {name: parts - named[name] for name, parts in needed.items() if not parts <= named[name]} == {}


@pytest.mark.parametrize("file", [*DOCUMENTS, *CONFIGURATION], ids=lambda path: str(path.relative_to(ROOT)))
def test_every_setting_that_is_named_exists(file: Path) -> None:
    named = set(re.findall(r"(?<!_)AUTHSERVER_[A-Z_]*[A-Z]", file.read_text()))
    assert named - {f"AUTHSERVER_{name.upper()}" for name in Settings.model_fields} == set()


@every_document
def test_every_command_that_is_shown_exists(document: Path) -> None:
    for line in code(document):
        for shown in re.findall(r"(?:^|[\s/(;|])authserver((?: [a-z][\w-]*)+(?: [^#;|)]*)?)", line):
            # `docker compose exec authserver authserver users` names a service first.
            assert_command(shown.rpartition(" authserver ")[2].split(), line)


def assert_command(words: list[str], line: str) -> None:
    """Follow the words through the groups of commands, then look for each option."""
    command: click.Command = main
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(click.Context(command), words[0])
        assert found is not None, f"{line!r}: no command {words[0]!r}"
        command, words = found, words[1:]
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    unknown = [word for word in words if word.startswith("--") and word.partition("=")[0] not in known]
    assert unknown == [], line


@every_document
def test_every_target_of_make_that_is_shown_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    shown = {name for line in code(document) for name in re.findall(r"^make ([a-z-]+)", line)}
    assert shown <= targets


@every_document
def test_every_event_and_log_line_that_is_named_is_written_somewhere(document: Path) -> None:
    written = {text for text in string_constants() if EVENT.fullmatch(text)}
    first_words = {text.partition(":")[0] for text in written}
    named = {span for span in code(document) if EVENT.fullmatch(span) and span.partition(":")[0] in first_words}
    assert named <= written


def test_every_error_that_a_client_can_meet_is_explained_to_it() -> None:
    guide = set(code(ROOT / "docs" / "relying-party.md"))
    assert refusals() >= {"invalid_grant", "invalid_target", "login_required", "temporarily_unavailable"}
    assert refusals() - guide == set()


@every_document
def test_a_python_snippet_is_python(document: Path) -> None:
    for block in re.findall(r"^```python\n(.*?)^```$", document.read_text(), flags=re.MULTILINE | re.DOTALL):
        ast.parse(block)


def test_no_change_is_listed_twice() -> None:
    entries = [" ".join(each.split()) for each in re.split(r"^(?:- |#.*$)", CHANGELOG, flags=re.MULTILINE)]
    assert [each for each in dict.fromkeys(entries) if each and entries.count(each) > 1] == []


def test_the_pictures_load_nothing_from_elsewhere() -> None:
    for picture in ROOT.glob("docs/**/*.svg"):
        text = picture.read_text().replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert not re.search(r"https?:|@import|<script|href=", text), picture
