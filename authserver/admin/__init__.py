"""The pages for administrators: people, clients, roles, keys, events, mail. One page a file.

Each page, and each button, takes the permission of the management API that does the same, and every act is the same
function of `people`. OWASP API5:2023. https://owasp.org/API-Security/editions/2023/en/0xa5-broken-function-level-authorization/
"""

from authserver.admin.clients.client import client
from authserver.admin.clients.clients import clients
from authserver.admin.clients.explanation import explanation
from authserver.admin.clients.history import history, version
from authserver.admin.clients.registered import registered
from authserver.admin.clients.try_it import try_it
from authserver.admin.home import home
from authserver.admin.operation.events import events, export
from authserver.admin.operation.keys import keys
from authserver.admin.operation.letters import letter, letter_html
from authserver.admin.operation.mail import mail
from authserver.admin.people.bulk import bulk
from authserver.admin.people.export import people_export
from authserver.admin.people.new_person import new_person
from authserver.admin.people.people import people
from authserver.admin.people.person import person
from authserver.admin.people.role import role
from authserver.admin.people.roles import roles
from authserver.http.mount import READ, READ_AND_SEND, Mount
from authserver.server import Server

PAGES = (
    ("/admin", home, READ),
    ("/admin/people", people, READ),
    ("/admin/people/new", new_person, READ_AND_SEND),
    ("/admin/people/import", bulk, READ_AND_SEND),
    ("/admin/people.csv", people_export, READ),
    ("/admin/people/<sub>", person, READ_AND_SEND),
    ("/admin/clients", clients, READ),
    ("/admin/clients/<path:client_id>", client, READ),
    ("/admin/registered", registered, READ_AND_SEND),
    ("/admin/try/<path:client_id>", try_it, READ_AND_SEND),
    ("/admin/history", history, READ),
    ("/admin/history/<number>", version, READ),
    ("/admin/explanation", explanation, READ),
    ("/admin/roles", roles, READ),
    ("/admin/roles/<role_name>", role, READ),
    ("/admin/keys", keys, READ_AND_SEND),
    ("/admin/events", events, READ),
    ("/admin/events/export", export, READ),
    ("/admin/mail", mail, READ),
    ("/admin/mail/letters/<name>", letter, READ),
    ("/admin/mail/letters/<name>/html", letter_html, READ),
)


def mount(_server: Server) -> Mount:
    return Mount("admin", pages=PAGES)
