"""What two versions of clients.yaml say differently, entry by entry and field by field."""

from typing import Any

from authserver.clients.file.reader import read
from authserver.history.difference import Difference, Edit, differences
from authserver.history.text import said, text_of

BEFORE = """\
apis: {reports: {audience: https://reports.example.com, permissions: {read:reports: Read}}}
roles: {reader: [read:reports], editor: [read:reports]}
default_role: reader
clients:
  - client_id: portal
    name: Portal
    type: web
    secrets: [{sha256: "aaaaaaaaaaaaaaaa", expires: 2027-01-31}]
    redirect_uris: [https://portal.example.com/one, https://portal.example.com/two]
  - {client_id: desk, name: Desk, type: native}
"""


def changed(*pairs: tuple[str, str]) -> list[Difference]:
    after = BEFORE
    for old, new in pairs:
        assert old in after
        after = after.replace(old, new)
    return differences(data(BEFORE), data(after))


def data(text: str) -> dict[str, Any]:
    content = text.encode()
    return said(text_of(content, read(content, "clients.yaml").data).packed).data


def test_comments_order_and_layout_are_no_difference() -> None:
    clients = BEFORE[BEFORE.index("  - client_id: portal") :]
    portal, desk = clients[: clients.index("  - {client_id: desk")], clients[clients.index("  - {client_id: desk") :]
    assert changed((clients, desk + portal), ("default_role: reader", "default_role:   reader  # all")) == []


def test_entries_come_and_go() -> None:
    assert changed(("editor:", "writer:"), ("client_id: desk", "client_id: table")) == [
        Difference("added", "role writer"),
        Difference("removed", "role editor"),
        Difference("added", "client table"),
        Difference("removed", "client desk"),
    ]


def test_a_field_says_what_it_was_and_what_it_becomes() -> None:
    assert changed(("default_role: reader", "default_role: editor"), ("name: Desk", "name: Table")) == [
        Difference("changed", "client desk", (Edit("name", "Desk", "Table"),)),
        Difference("changed", "default_role", (Edit("", "reader", "editor"),)),
    ]


def test_of_a_list_only_what_came_and_went_is_told() -> None:
    uri = "https://portal.example.com"
    assert changed((f"{uri}/two", f"{uri}/three")) == [
        Difference(
            "changed",
            "client portal",
            (Edit("redirect_uris", f"{uri}/two", None), Edit("redirect_uris", None, f"{uri}/three")),
        )
    ]
    (found,) = changed((f"{uri}/one, {uri}/two", f"{uri}/two, {uri}/one"))
    assert [edit.field for edit in found.edits] == ["redirect_uris"]


def test_a_field_within_a_field_is_named_by_its_way() -> None:
    (found,) = changed(("read:reports: Read", "read:reports: See"))
    assert found == Difference("changed", "API reports", (Edit("permissions.read:reports", "Read", "See"),))


def test_of_the_digest_of_a_secret_the_first_characters_are_shown() -> None:
    (found,) = changed(("aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"))
    assert found.edits == (
        Edit("secrets", '{"sha256":"aaaaaaaa…","expires":"2027-01-31"}', None),
        Edit("secrets", None, '{"sha256":"bbbbbbbb…","expires":"2027-01-31"}'),
    )


def test_the_first_file_against_nothing_is_all_new() -> None:
    assert {each.kind for each in differences({}, data(BEFORE))} == {"added", "changed"}
