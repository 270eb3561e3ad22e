"""Roles and groups that people have although clients.yaml does not declare them."""

from typing import TypedDict

from authserver.access.undeclared import undeclared_names
from authserver.cli.context import open_current_database
from authserver.clients.file.faults import nearest, quoted
from authserver.protocol.client.registry import Registry
from authserver.settings import Settings
from authserver.store import directory


class KeptName(TypedDict):
    """A role or group that gives nothing, how many people have it, and which declared one was probably meant."""

    kind: str
    name: str
    people: int
    meant: str | None


def kept_names(registry: Registry, settings: Settings) -> list[KeptName]:
    """Every such name in the database of the settings; ends the command where there is none to be read."""
    with open_current_database(settings).read() as connection:
        roles, groups = directory.roles_in_use(connection), directory.groups_in_use(connection)
    declared = {"role": registry.roles.keys(), "group": registry.groups.keys()}
    return [
        KeptName(kind=each.kind, name=each.name, people=each.people, meant=nearest(each.name, declared[each.kind]))
        for each in undeclared_names(registry, roles, groups)
    ]


def sentence(kept: KeptName) -> str:
    """What there is to say about it."""
    more = " or more" if kept["people"] == directory.MOST_WITH_NAME else ""
    people = "1 person has" if kept["people"] == 1 else f"{kept['people']}{more} people have"
    meant = f"; did you mean {quoted(kept['meant'])}?" if kept["meant"] else ""
    return f"{people} the {kept['kind']} {quoted(kept['name'])}, which is no longer declared and gives nothing{meant}"
