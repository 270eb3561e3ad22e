"""The pages for administrators: people, clients, roles, keys, events, mail. One page a file.

Each page, and each button, takes the permission of the management API that does the same, and every act is the same
function of `people`. OWASP API5:2023. https://owasp.org/API-Security/editions/2023/en/0xa5-broken-function-level-authorization/
"""

from collections.abc import Sequence

from authserver.http.mount import READ, READ_AND_SEND, Later, Mount, View
from authserver.server import Server

# Each with the name of its view, which is imported with the first request for a page of this room.
PAGES = (
    ("/admin", "home", READ),
    ("/admin/people", "people", READ),
    ("/admin/people/new", "new_person", READ_AND_SEND),
    ("/admin/people/import", "bulk", READ_AND_SEND),
    ("/admin/people.csv", "people_export", READ),
    ("/admin/people/<sub>", "person", READ_AND_SEND),
    ("/admin/clients", "clients", READ),
    ("/admin/clients/<path:client_id>", "client", READ),
    ("/admin/apis/<api_name>", "api", READ),
    ("/admin/registered", "registered", READ_AND_SEND),
    ("/admin/try/<path:client_id>", "try_it", READ_AND_SEND),
    ("/admin/history", "history", READ),
    ("/admin/history/<number>", "version", READ),
    ("/admin/explanation", "explanation", READ),
    ("/admin/roles", "roles", READ),
    ("/admin/roles/<role_name>", "role", READ),
    ("/admin/keys", "keys", READ_AND_SEND),
    ("/admin/events", "events", READ),
    ("/admin/events/export", "export", READ),
    ("/admin/mail", "mail", READ),
    ("/admin/mail/letters/<name>", "letter", READ),
    ("/admin/mail/letters/<name>/html", "letter_html", READ),
)


def mount(_server: Server) -> Mount:
    return Mount("admin", pages=PAGES, later=Later(load))


def load() -> Sequence[View]:
    """Import the views of this room, which take a twenty-fifth of a start."""
    from authserver.admin.views import VIEWS

    return VIEWS
