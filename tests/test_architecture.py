"""The arrows of the house, checked from the code's imports."""

import ast
import re
import sys
from importlib.util import find_spec

import pytest

from tests.source import (
    FILES,
    IMPORTS,
    INNER,
    OUTER,
    PACKAGE,
    Import,
    calls_into_store,
    named_modules,
    part_of,
    writers_of_people,
)

CHECKED = [
    path for name in ("authserver", "tests", "examples", "bench") for path in (PACKAGE.parent / name).rglob("*.py")
]

COMMON = {
    *(
        "explain",
        "history",
        "plan",
        "signin",
        "people",
        "access",
        "explain",
        "languages",
        "server",
        "store",
        "keys",
        "protocol",
        "settings",
        "http",
        "pages",
        "events",
        "mail",
        "outbox",
        "outbound",
        "pictures",
    ),
}
# It puts everything together.
WIRING = {"application"}
# What each part of the package may import of the rest. A folder that is not named here is a room.
ARROWS = {
    "__init__": {"application"},
    "protocol": set[str](),
    "guard": set[str](),
    "access": {"protocol"},
    "plan": {"access", "protocol", "store"},
    "explain": {"access", "protocol", "store"},
    "history": {"master_key", "store"},
    "doctor": {"keys", "mail", "master_key", "outbound", "protocol", "settings", "store"},
    "people_settings": {"protocol"},
    "edge_settings": set[str](),
    "factor_settings": {"people_settings", "protocol"},
    "settings": {"people_settings", "factor_settings", "edge_settings", "protocol"},
    "master_key": {"settings"},
    "logs": {"settings"},
    "store": {"protocol"},
    "events": {"store"},
    "keys": {"settings", "people_settings", "protocol", "store", "master_key"},
    "outbound": {"protocol"},
    "server": {"store", "keys", "outbound", "protocol", "settings", "events", "master_key", "languages"},
    "languages": set[str](),
    "pictures": set[str](),
    "times": {"languages", "protocol"},
    "people": {"mail", "outbox", "server", "store", "events", "protocol"},
    "outbox": {"store"},
    "mail": {"outbox", "settings", "master_key", "protocol", "store", "events", "languages", "times"},
    "signin": {
        "master_key",
        "people",
        "server",
        "store",
        "access",
        "protocol",
        "settings",
        "events",
        "mail",
        "http",
        "pages",
    },
    "http": {"server", "store", "keys", "access", "protocol", "settings", "events", "outbox", "outbound"},
    "pages": {"http", "server", "store", "protocol", "settings", "languages", "times", "outbox"},
    "discovery": {"server", "http", "keys"},
    "health": {"server", "http", "store", "keys"},
    "maintenance": {"server", "store", "events"},
    "cleaner": {"events", "people", "server", "store", "maintenance"},
    "monitoring": {"clients", "events", "health", "http", "outbound", "pages", "protocol", "server", "signin", "store"},
    "cli": {
        *(
            "access",
            "clients",
            "doctor",
            "events",
            "explain",
            "history",
            "keys",
            "logs",
            "mail",
            "master_key",
            "outbound",
            "people",
            "plan",
            "protocol",
            "serve",
        ),
        *("settings", "signin", "store"),
    },
    "serve": {
        *("access", "application", "cleaner", "clients", "health", "history", "http", "keys", "logs", "maintenance"),
        *("master_key", "monitoring", "outbox", "protocol", "settings", "store"),
    },
}
# These write rows of people, and are no act on one: a newer hash of the same password, a sign-in noted, a lock.
NO_ACTS = {"users.rehash_password", "identities.note_use", "directory.hold"}
REVOKE = {"granted.revoke", "granted.revoke_all", "applications.withdraw", "narrowing.withdraw_scope"}
# The libraries that only some parts may know; every part may use those that are not named here.
KEPT = {
    "sqlalchemy": {"store"},
    "alembic": {"store"},
    "opentelemetry": {"monitoring"},
    "redis": {"store"},
    "urllib3": {"outbound"},
    "PIL": {"pictures"},
    "authlib": {"server", "token", "federation"},
}
PURE = {
    "access": set[str](),
    "protocol": {"joserfc", "zxcvbn_rs_py", "idna", "precis_i18n", "pyotp", "regex"},
    "guard": {"joserfc", "cryptography", "flask", "starlette", "fastapi", "django", "asgiref"},
}
# A redirect to a page that asks what is missing, or back to the request.
LEADS_ON = re.compile(
    r"see_other\(.*/(sign-in|sign-up|consent|refused|authorize)\b|see_page\(\s*\"(accounts\.(sign_|factor\b)|authorize\.)(?!out)"
)
# How many files a folder may hold; these two are shelves, one rule and one kind of row a file.
MOST_IN_A_ROOM, MOST_ON_A_SHELF = 15, 30
SHELVES = ("protocol", "store")


PARTS = sorted({found.part for found in IMPORTS})
ROOMS = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()} - ARROWS.keys() - WIRING


def names(found: list[Import]) -> list[str]:
    return [str(one) for one in found]


def test_every_import_of_the_package_was_seen() -> None:
    assert {"protocol", "store", "server", "signin", "token", "authorize", "accounts"} <= set(PARTS)
    assert {"token", "authorize", "account", "accounts", "clients", "resource", "logout"} <= ROOMS


def test_a_module_that_is_imported_by_name_exists() -> None:
    named = list(named_modules())
    assert named
    assert [(str(path), name) for path, name in named if find_spec(name) is None] == []


@pytest.mark.parametrize("part", sorted(ARROWS))
def test_a_part_imports_only_what_its_arrow_allows(part: str) -> None:
    assert names([f for f in INNER if f.part == part and f.target not in {*ARROWS[part], part}]) == []


def test_nothing_is_allowed_that_nothing_needs() -> None:
    needed = {part: {found.target for found in INNER if found.part == part} for part in PARTS}
    unused = {part: arrows - needed[part] for part, arrows in ARROWS.items() if not arrows <= needed[part]}
    known = {(found.name.split(".")[0], found.part) for found in OUTER}
    kept = {(library, part) for library, parts in KEPT.items() for part in parts}
    pure = {(library, part) for part, libraries in PURE.items() for library in libraries}
    assert (unused, (kept | pure) - known) == ({}, set())


def test_no_room_imports_another_room() -> None:
    def allowed(found: Import) -> bool:
        return found.target in COMMON | {found.part}

    assert names([found for found in INNER if found.part in ROOMS and not allowed(found)]) == []


def test_a_file_beside_the_rooms_knows_no_room() -> None:
    files = {path.stem for path in PACKAGE.glob("*.py")} - WIRING
    assert files <= ARROWS.keys()
    assert names([found for found in INNER if found.part in files and found.target in ROOMS]) == []


def test_only_people_changes_people() -> None:
    """Rows, event and letter of an act stand together, so no surface writes the rows by itself."""
    writers = {name for path in (PACKAGE / "store").rglob("*.py") for name in writers_of_people(path)}
    assert writers >= NO_ACTS
    assert {"users.set_roles", "directory.set_groups", "handover.hand_over", "profiles.set_profile"} <= writers
    acts = (writers | {"sessions.end", "sessions.end_all", "users.end_access"} | REVOKE) - NO_ACTS
    reached = [f"{path.relative_to(PACKAGE)}: {name}" for path in FILES for name in calls_into_store(path) & acts]
    assert [each for each in reached if not each.startswith(("people/", "store/"))] == []
    # The other half: what is looked for is found where it belongs.
    assert acts <= {name for path in FILES for name in calls_into_store(path) if part_of(path) in {"people", "store"}}


def test_only_signin_decides_where_a_person_goes_next() -> None:
    """The rule is asked in one place, and the type of a session that lacks a factor is known to nobody else."""
    asking = {"authserver.protocol.interaction.next_step", "authserver.protocol.interaction"}
    deciding = {found.path for found in INNER if found.name in asking}
    assert [str(path.relative_to(PACKAGE)) for path in deciding] == ["signin/next_step.py"]
    knowing = {found.part for found in INNER if "begun_sessions" in found.name}
    assert knowing == {"signin"}
    led = {part_of(path) for path in FILES if LEADS_ON.search(path.read_text())}
    assert led == {"signin"}


def test_only_the_store_knows_its_libraries_and_only_the_seam_and_the_rooms_know_authlib() -> None:
    def allowed(found: Import) -> bool:
        library = found.name.split(".")[0]
        return library not in KEPT or found.part in KEPT[library]

    assert names([found for found in OUTER if not allowed(found)]) == []


def test_a_statement_runs_in_one_way_only() -> None:
    past_the_engine = re.compile(r"\bconnection\.(execute|scalar|scalars|exec_driver_sql)\(")
    engine = PACKAGE / "store" / "engine"
    assert [str(path) for path in FILES if path.parent != engine and past_the_engine.search(path.read_text())] == []


@pytest.mark.parametrize("part", sorted(PURE))
def test_a_pure_part_imports_its_few_libraries_alone(part: str) -> None:
    allowed = sys.stdlib_module_names | PURE[part]
    assert names([found for found in OUTER if found.part == part and found.name.split(".")[0] not in allowed]) == []


def test_the_rules_of_the_protocol_read_no_clock_and_throw_no_dice() -> None:
    impure = {"time", "datetime", "random", "secrets", "os", "socket", "threading", "logging", "uuid"}
    assert names([found for found in OUTER if found.part == "protocol" and found.name.split(".")[0] in impure]) == []


def test_nothing_in_the_package_imports_tests_or_examples() -> None:
    assert names([found for found in OUTER if found.name.split(".")[0] in {"tests", "examples", "bench"}]) == []


def test_no_file_is_past_300_lines() -> None:
    assert {str(path): lines for path in CHECKED if (lines := len(path.read_text().splitlines())) > 300} == {}


def test_no_folder_holds_more_than_can_be_seen_at_a_glance() -> None:
    folders = {path.parent for path in FILES}
    assert {PACKAGE, *(PACKAGE / name for name in SHELVES)} <= folders
    held = {str(folder.relative_to(PACKAGE.parent)): len([*folder.glob("*.py")]) for folder in folders}
    most = {f"authserver/{name}": MOST_ON_A_SHELF for name in SHELVES}
    assert {name: count for name, count in held.items() if count > most.get(name, MOST_IN_A_ROOM)} == {}


def test_no_class_has_the_name_of_another() -> None:
    stand: dict[str, list[str]] = {}
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                stand.setdefault(node.name, []).append(str(path.relative_to(PACKAGE)))
    assert {"Guard", "Session", "Fault", "Client"} <= stand.keys()
    assert {name: paths for name, paths in stand.items() if len(paths) > 1} == {}


def test_there_is_no_drawer_for_what_has_no_name() -> None:
    drawers = re.compile(r"(utils?|helpers?|common|misc|tools|shared|lib)(\.py)?")
    assert [str(path) for path in PACKAGE.rglob("*") if drawers.fullmatch(path.name)] == []


def test_nothing_is_left_to_be_done() -> None:
    unfinished = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX|NotImplemented" + r"Error)\b")
    assert [str(path) for path in CHECKED if unfinished.search(path.read_text())] == []


def test_every_folder_and_file_says_what_it_is() -> None:
    silent = [str(path) for path in FILES if not ast.get_docstring(ast.parse(path.read_text()))]
    assert silent == []


def test_a_decode_of_a_signed_token_stands_in_one_place_only() -> None:
    # Every decode names its algorithms and its key; the fewer there are, the easier that is to see.
    decoders = {"joserfc", "jwt", "jose"}
    parts = {found.part for found in OUTER if found.name.split(".")[0] in decoders}
    assert parts <= {"keys", "guard", "protocol"}
