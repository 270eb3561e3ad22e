"""Examples do not depend on what else has run in a process."""

import sys
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


def drawn() -> list[str]:
    found: list[str] = []

    @settings(max_examples=300)
    @given(st.text(max_size=60))
    def draw(text: str) -> None:
        found.append(text)

    draw()
    return found


def test_what_was_imported_changes_no_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = drawn()
    (tmp_path / "constants.py").write_text("\n".join(f'NAME_{number} = "constant {number}"' for number in range(500)))
    monkeypatch.syspath_prepend(tmp_path)
    import_module("constants")
    try:
        assert drawn() == before
    finally:
        del sys.modules["constants"]
