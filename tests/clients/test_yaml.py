"""The YAML of clients.yaml: what is read, what is refused, and where."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from authserver.clients.file.faults import ClientsFileError, FileFault
from authserver.clients.file.reader import MAX_BYTES, MAX_DEPTH, read
from authserver.clients.load import load
from tests.clients.files import ENVIRON, NOW, SOUND, faults_of, load_text

NEXT = "while scanning for the next token"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "1:1: the file is empty"),
        ("# nothing\n", "1:1: the file is empty"),
        ("---\n", "1:1: the file is empty"),
        ("null\n", "1:1: the file is empty"),
        ("roles: {a: &x [], b: []}\n", "1:12: roles.a: anchors (&) are not supported: remove it"),
        ("roles: {a: *x}\n", "1:12: roles.a: aliases (*) are not supported: write the value out"),
        ("roles: {a: !!seq []}\n", "1:12: roles.a: tags (!) are not supported: remove it"),
        ("roles: {a: !!python/object:os.system []}\n", "1:12: roles.a: tags (!) are not supported: remove it"),
        ("roles:\n  <<: {a: []}\n", "2:3: roles: merge keys (<<) are not supported: write the fields out"),
        ("roles:\n  a: []\n  a: []\n", "3:3: roles.a: this key is already on line 2"),
        ("roles:\n  1: []\n", "2:3: roles: a key must be text, but YAML reads a number here: put it in quotes"),
        (
            "roles:\n  no: []\n",
            "2:3: roles: a key must be text, but YAML reads true or false here: put it in quotes",
        ),
        ("roles:\n  ? [a]\n  : []\n", "2:5: roles: a key must be text, but YAML reads a list here: put it in quotes"),
        ("roles: {}\n---\nroles: {}\n", "2:1: a second document (---): a file holds only one"),
        ("roles: {\n", "2:1: not YAML: did not find expected node content, while parsing a flow node"),
        ("clients: []\nroles: a: b\n", "2:9: not YAML: mapping values are not allowed in this context"),
        ("\tclients: []\n", "1:1: not YAML: found character that cannot start any token, " + NEXT),
        ("[" * 50, f"1:{MAX_DEPTH + 1}: nested more than {MAX_DEPTH} deep"),
        ("default_role: " + "x" * 9000, "1:15: default_role: longer than 8192 characters"),
    ],
)  # fmt: skip
def test_yaml_that_readers_see_differently_is_refused(tmp_path: Path, text: str, fault: str) -> None:
    assert faults_of(tmp_path, text) == [f"clients.yaml:{fault}"]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"clients: []\n# \xff", "2:3: not UTF-8"),
        (b"clients: []\n# \xc3\xa4 \x00", "2:5: the character U+0000 is not allowed in a text file"),
        (b"clients: []\n# \x1b[31m", "2:3: the character U+001B is not allowed in a text file"),
        ("clients: []\n".encode("utf-16"), "1:1: not UTF-8"),
        (b"#" * (MAX_BYTES + 1), "1:1: the file is larger than 16 MiB"),
    ],
)
def test_bytes_that_are_no_text_are_refused(tmp_path: Path, content: bytes, fault: str) -> None:
    path = tmp_path / "clients.yaml"
    path.write_bytes(content)
    with pytest.raises(ClientsFileError) as refused:
        load(path, {})
    assert str(refused.value) == f"{path}:{fault}"


def test_an_alias_bomb_costs_nothing(tmp_path: Path) -> None:
    levels = [f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 10)}]" for i in range(1, 10)]
    found = faults_of(tmp_path, "\n".join(["l0: &l0 [x]", *levels]))
    assert sum("aliases" in fault for fault in found) == 90


def test_every_fault_of_the_yaml_is_named_beside_those_of_its_content(tmp_path: Path) -> None:
    text = SOUND.replace("type: web", "type: wep").replace("name: Team", "name: &a Team")
    assert [fault.split(": ")[-1] for fault in faults_of(tmp_path, text)] == [
        "remove it",
        "must be web, spa, native or service; did you mean web?",
    ]


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("no", "true or false"),
        ("on", "true or false"),
        ("true", "true or false"),
        ("12345", "a number"),
        ("0x1f", "a number"),
        ("1_000", "a number"),
        ("010", "a number"),
        ("1:30", "a number"),
        ("1.5", "a number"),
        ("9" * 5000, "a number"),
        ("2027-01-01", "a date"),
        ("2027-13-45", "a date"),
    ],
)
def test_a_word_that_yaml_does_not_read_as_text_must_be_quoted(tmp_path: Path, word: str, kind: str) -> None:
    unquoted = SOUND.replace("client_id: portal", f"client_id: {word}")
    assert faults_of(tmp_path, unquoted) == [
        f"clients.yaml:12:16: clients[0].client_id: must be text, but YAML reads {kind} here: put it in quotes"
    ]
    if len(word) < 100 and ":" not in word:
        quoted = SOUND.replace("client_id: portal", f'client_id: "{word}"')
        assert list(load_text(tmp_path, quoted).registry.clients) == [word]


@pytest.mark.parametrize("number", ["0600", "10:00", "0x258", "600.0", "six", "true", "1_000"])
def test_a_number_is_written_plainly(tmp_path: Path, number: str) -> None:
    (fault,) = faults_of(tmp_path, f"{SOUND}    access_token_lifetime: {number}\n")
    assert "clients[0].access_token_lifetime: must be a whole number" in fault


def test_line_breaks_of_other_systems_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    path = tmp_path / "clients.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + SOUND.replace("\n", "\r\n").encode())
    assert list(load(path, ENVIRON).registry.clients) == ["portal"]


FIELDS = [
    "client_id",
    "name",
    "type",
    "secrets",
    "redirect_uris",
    "apis",
    "allow",
    "roles",
    "scopes",
    "origins",
    "pkce",
]
NAMES = [*FIELDS, "clients", "env", "file", "web", "spa", "null", "no", "1", "2027-01-01", "roles_claim", "https://a/"]
MARKS = [
    ": ",
    "- ",
    "\n",
    "\n  ",
    "\n    ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "&a ",
    "*a",
    "!!str ",
    "<<",
    "?",
    "|",
    ">",
    "'",
    '"',
]
WORDS = st.sampled_from([*NAMES, *MARKS, "#", "---\n", "9999-12-31T23:59:59-23:59"])
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.dates(), WORDS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.one_of(st.text(max_size=5), WORDS), inner)),
    max_leaves=12,
)


def _survives(folder: Path, content: bytes) -> None:
    path = folder / "clients.yaml"
    path.write_bytes(content)
    faults: tuple[FileFault, ...] | None = None
    try:
        load(path, {}, NOW)
    except ClientsFileError as error:
        faults = error.faults
    assert faults != ()
    assert all(str(fault).isprintable() for fault in faults or ())


@settings(deadline=None)
@given(content=st.one_of(st.binary(), st.text().map(str.encode), st.lists(WORDS).map("".join).map(str.encode)))
def test_any_bytes_are_loaded_or_refused_in_words(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    _survives(tmp_path_factory.getbasetemp(), content)


@settings(deadline=None)
@given(
    shape=st.fixed_dictionaries(
        {},
        optional={
            "apis": st.one_of(VALUES, st.dictionaries(st.text(max_size=3), VALUES)),
            "roles": VALUES,
            "default_role": VALUES,
            "clients": st.lists(st.dictionaries(st.sampled_from(FIELDS), VALUES)),
        },
    )
)
def test_any_shape_is_loaded_or_refused_in_words(tmp_path_factory: pytest.TempPathFactory, shape: object) -> None:
    _survives(tmp_path_factory.getbasetemp(), yaml.safe_dump(shape, allow_unicode=True).encode("utf-8", "replace"))


def test_places_are_known_for_keys_and_values() -> None:
    source = read(SOUND.encode(), "f")
    assert source.place(("clients", 0, "redirect_uris", 0)) == (16, 21)
    assert source.place(("clients", 0, "redirect_uris"), of_key=True) == (16, 5)
    assert source.place(("clients", 0, "missing", 0)) == (12, 5)
    assert source.place(()) == (1, 1)
