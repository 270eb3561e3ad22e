"""The views of this room: all of its pages, in the order of their addresses in `PAGES`."""

from authserver.admin.clients.api import api
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
from authserver.http.mount import View

VIEWS: tuple[View, ...] = (
    home,
    people,
    new_person,
    bulk,
    people_export,
    person,
    clients,
    client,
    api,
    registered,
    try_it,
    history,
    version,
    explanation,
    roles,
    role,
    keys,
    events,
    export,
    mail,
    letter,
    letter_html,
)
