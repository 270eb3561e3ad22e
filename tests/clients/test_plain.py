"""The data that a server reads without places are those of the reader, and there are none where it reports anything."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.clients import load as loading
from authserver.clients.file.faults import ClientsFileError
from authserver.clients.file.plain import plain_data
from authserver.clients.file.reader import MAX_DEPTH, MAX_SCALAR, read
from authserver.clients.load import DEFAULT_ISSUER, load, load_to_serve
from tests.clients.files import ENVIRON, SOUND

EXAMPLE = (Path(__file__).parents[1] / "example.yaml").read_text()
# What YAML is made of, and words that its readers see differently.
TOKENS = (
    *("a", "b", "a: ", "b: ", "? ", "- ", ": ", "\n", "\n  ", "\n    ", " ", ", ", "[", "]", "{", "}", "# c"),
    *(
        "'",
        '"',
        "''",
        '""',
        "|",
        ">",
        "&a ",
        "*a",
        "!t ",
        "!!str ",
        "<<",
        "<<: ",
        "'<<'",
        "---\n",
        "\n...\n",
        "%YAML 1.1\n",
    ),
    *(
        "no",
        "true",
        "~",
        "null",
        "010",
        "1",
        "1.5",
        "1:30",
        "2027-01-31",
        "2027-01-31T12:00:00Z",
        "\t",
        "\r\n",
        "\u00e9",
    ),
    *("\ufeff", "\u0000", "\ud7ff", "\x85"),
)


def _as_reported(content: bytes) -> Any:
    """What the reader makes of it; None where it reports anything."""
    try:
        source = read(content, "clients.yaml")
    except ClientsFileError:
        return None
    return None if source.faults else source.data


@given(st.lists(st.sampled_from(TOKENS), max_size=24).map("".join))
def test_they_are_the_same_or_none(text: str) -> None:
    found, expected = plain_data(text.encode()), _as_reported(text.encode())
    if "<<" in text and found is None:
        return
    assert repr(found) == repr(expected)


@given(st.binary(max_size=40))
def test_bytes_that_are_no_text_are_left_to_the_reader(content: bytes) -> None:
    assert repr(plain_data(content)) == repr(_as_reported(content))


@pytest.mark.parametrize("text", [SOUND, EXAMPLE, f"\ufeff{SOUND}", f"---\n{SOUND}", "a: '1'\nb: [x, {y: z}]\n"])
def test_of_a_sound_file_there_are_data(text: str) -> None:
    found = plain_data(text.encode())
    assert found
    assert repr(found) == repr(read(text.encode(), "clients.yaml").data)


@pytest.mark.parametrize(
    "text",
    [
        *("a: &x 1\n", "a: &x [1]\n", "a: !!str 1\n", "a: !t {b: c}\n", "a: &x 1\nb: *x\n", "a: 1\na: 2\n", "1: a\n"),
        *(
            "a: {<<: {b: c}}\n",
            "{[a]: b}\n",
            "{{a: b}: c}\n",
            "a: 1\n---\nb: 1\n",
            "a: [\n",
            "",
            "# nothing\n",
            "a: \0\n",
        ),
        *(f"a: {'x' * (MAX_SCALAR + 1)}\n", "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)),
    ],
)
def test_of_what_the_reader_reports_there_are_none(text: str) -> None:
    assert plain_data(text.encode()) is None
    assert _as_reported(text.encode()) is None


def test_a_sound_file_is_read_once_and_a_faulty_one_again_for_the_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, again = tmp_path / "clients.yaml", list[str]()

    def noted(content: bytes, file: str) -> Any:
        again.append(file)
        return read(content, file)

    monkeypatch.setattr(loading, "read", noted)
    path.write_text(SOUND)
    load_to_serve(path, ENVIRON, issuer=DEFAULT_ISSUER)
    assert again == []
    for faulty in (SOUND.replace("type: web", "type: wep"), SOUND.replace("name:", "name: &x"), "a: [\n"):
        path.write_text(faulty)
        refused = []
        for reading in (load_to_serve, load):
            with pytest.raises(ClientsFileError) as error:
                reading(path, ENVIRON, issuer=DEFAULT_ISSUER)
            refused.append((error.value.faults, error.value.files))
        assert refused[0] == refused[1]
    assert len(again) == 6
