"""A place in a list that has the newest first: where a page ended, and the next one goes on."""

from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, ColumnElement, String, and_, bindparam, or_


@dataclass(frozen=True, slots=True)
class Place:
    """After the item that was made then, in seconds since the epoch, and has this id."""

    created_at: int
    id: str

    @property
    def values(self) -> dict[str, object]:
        """The parameters of `past`."""
        return {"place_at": self.created_at, "place_id": self.id}


FIRST = Place(2**62, "")


def told(created_at: str, key: str) -> Place:
    """The place that a link or a cursor tells of; the first where it tells of none that could be one."""
    is_time = created_at.isascii() and created_at.isdigit() and len(created_at) < 19
    return Place(int(created_at), key) if is_time and key.isprintable() else FIRST


def past(created_at: Column[int], key: ColumnElement[str]) -> ColumnElement[bool]:
    """What stands past a place in the order of `created_at` falling, then `key` rising."""
    at, last = bindparam("place_at", type_=BigInteger), bindparam("place_id", type_=String)
    # The first says nothing more, and is what an index begins at.
    return and_(created_at <= at, or_(created_at < at, key > last))
