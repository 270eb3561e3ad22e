"""The code of the package, read: what it imports, and which of its functions write the tables of people."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PACKAGE = Path(__file__).parents[1] / "authserver"
FILES = sorted(PACKAGE.rglob("*.py"))
TABLES_OF_PEOPLE = {"users", "user_roles", "user_groups", "identities"}


def part_of(path: Path) -> str:
    """The part of the package that a file is, or is in."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


class Import(NamedTuple):
    path: Path
    name: str

    @property
    def part(self) -> str:
        return part_of(self.path)

    @property
    def target(self) -> str:
        """The part of the package that is imported."""
        return self.name.split(".")[1]

    def __str__(self) -> str:
        return f"{self.path.relative_to(PACKAGE.parent)} imports {self.name}"


def imports() -> Iterator[Import]:
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from (Import(path, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path} imports relatively"
                yield from (Import(path, f"{node.module}.{alias.name}") for alias in node.names)


IMPORTS = list(imports())
INNER = [found for found in IMPORTS if found.name.startswith("authserver.")]
OUTER = [found for found in IMPORTS if not found.name.startswith("authserver.")]


def named_modules() -> Iterator[tuple[Path, str]]:
    """Modules that are imported by a name in a text, which no checker follows."""
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "import_module":
                yield from ((path, str(name.value)) for name in node.args if isinstance(name, ast.Constant))


def writers_of_people(path: Path) -> set[str]:
    """The functions of a file of the store that write the tables of people."""
    tree = ast.parse(path.read_text())
    statements: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and writes(node.value, statements):
            statements.add(node.targets[0].id)
    public = (node for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"))
    return {f"{path.stem}.{node.name}" for node in public if writes(node, statements)}


def writes(node: ast.AST, statements: set[str]) -> bool:
    """Whether a statement on such a table is made here, or one that was made before is used."""
    return any(
        (isinstance(each, ast.Name) and each.id in statements)
        or (
            isinstance(each, ast.Call)
            and isinstance(each.func, ast.Name)
            and each.func.id in {"insert", "update", "delete"}
            and isinstance(each.args[0], ast.Name)
            and each.args[0].id in TABLES_OF_PEOPLE
        )
        for each in ast.walk(node)
    )


def calls_into_store(path: Path) -> set[str]:
    """The functions of the store that a file calls, as `module.function`."""
    tree = ast.parse(path.read_text())
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("authserver.store"):
            inner = (node.module or "").removeprefix("authserver.store").rpartition(".")[2]
            for alias in node.names:
                known[alias.asname or alias.name] = f"{inner}.{alias.name}" if inner else alias.name
    here = f"{path.stem}." if part_of(path) == "store" else ""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in known:
            found.add(f"{known[node.value.id].rpartition('.')[2]}.{node.attr}")
        elif isinstance(node, ast.Name):
            found.add(known.get(node.id, f"{here}{node.id}"))
    return found
