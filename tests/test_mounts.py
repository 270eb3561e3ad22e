"""The list of rooms in `application.py`: every room that answers stands in it, and nothing answers beside it."""

import re

from authserver import admin, application
from tests.source import FILES, PACKAGE, part_of
from tests.test_architecture import ROOMS

BESIDE = re.compile(r"Blueprint\(|add_url_rule|register_(blueprint|grant|endpoint)\(|\.route\(")
MOUNT = re.compile(r"^def mount\(", re.MULTILINE)


def test_every_room_has_one_mount_and_stands_in_the_list() -> None:
    mounting = {path.parent.name for path in FILES if MOUNT.search(path.read_text()) and path.parent != PACKAGE}
    assert mounting == ROOMS
    assert {room.__name__.rpartition(".")[2] for room in application.ROOMS} == mounting | {"discovery", "health"}


def test_nothing_is_mounted_but_by_the_list() -> None:
    assert {part_of(path) for path in FILES if BESIDE.search(path.read_text())} <= {"pages", "guard"}


def test_every_page_that_names_its_view_has_it_and_every_such_view_has_its_page() -> None:
    assert {name for _rule, name, _methods in admin.PAGES} == {view.__name__ for view in admin.load()}
