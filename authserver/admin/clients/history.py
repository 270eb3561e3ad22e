"""`/admin/history`: the versions of clients.yaml that were live, and what each of them changed.

Nothing is put back here: the file belongs to the machine, and to whoever may write it there.
"""

from flask import Response

from authserver.admin.administrator import Administrator, administers, nobody, shown
from authserver.history.difference import Kind
from authserver.history.past import PastFile
from authserver.history.past import history as everything
from authserver.pages.current import current_server

_FEW = 4


@administers("read:clients")
def history(administrator: Administrator) -> Response:
    """Show all that are kept, the newest first, each with what it changed in a few words."""
    rows = [(each.file, _in_short(each)) for each in _kept()]
    return shown("history", administrator, current="clients", rows=rows)


@administers("read:clients")
def version(administrator: Administrator, number: str) -> Response:
    """Show what one version changed, field by field. Comments are not shown."""
    found = next((each for each in _kept() if str(each.file.number) == number), None)
    if found is None:
        return nobody()
    return shown("version", administrator, current="clients", file=found.file, changed=found.changed)


def _kept() -> list[PastFile]:
    server = current_server()
    with server.database.read() as connection:
        return everything(connection, server.master)


def _in_short(past: PastFile) -> dict[Kind, tuple[str, int]] | None:
    """By what happened to them, a few of the entries by their names, and how many more there are."""
    if past.changed is None:
        return None
    found: dict[Kind, tuple[str, int]] = {}
    kinds: tuple[Kind, ...] = ("added", "removed", "changed")
    for kind in kinds:
        subjects = [each.subject for each in past.changed if each.kind == kind]
        if subjects:
            found[kind] = ", ".join(subjects[:_FEW]), max(0, len(subjects) - _FEW)
    return found
