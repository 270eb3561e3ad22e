"""The registered clients, as clients.yaml has them; secrets are never shown."""

from authserver.management.call.cursor import after, cursor_of
from authserver.management.call.inputs import PageQuery
from authserver.management.call.operation import Call, Operation, given
from authserver.management.call.outputs import ClientRecord, ClientsPage
from authserver.management.call.problem import not_found
from authserver.protocol.client.client import Client
from authserver.server import Reply


def _list(call: Call) -> Reply:
    query: PageQuery = call.query
    last = after(query.cursor)
    following = sorted(name for name in call.registry.clients if name > last)
    found = map(call.registry.client, following[: query.limit])
    items = [_described(client) for client in found if client]
    cursor = cursor_of(items[-1].client_id) if len(following) > query.limit else None
    return given(ClientsPage(items=items, next=cursor, version=call.registry.version))


def _get(call: Call) -> Reply:
    client = call.registry.client(call.argument("client_id"))
    if client is None:
        raise not_found("client")
    return given(_described(client))


def _described(client: Client) -> ClientRecord:
    return ClientRecord(
        client_id=client.client_id,
        name=client.name,
        type=client.type,
        token_endpoint_auth_method=client.token_endpoint_auth_method,
        grant_types=sorted(client.grant_types),
        scopes=sorted(client.scopes),
        apis=list(client.apis),
        redirect_uris=list(client.redirect_uris),
        post_logout_redirect_uris=list(client.post_logout_redirect_uris),
        initiate_login_uri=client.initiate_login_uri,
        backchannel_logout_uri=client.backchannel_logout_uri,
        consent=client.consent,
        allowed_roles=sorted(client.allowed_roles) if client.allowed_roles is not None else None,
        roles=list(client.roles),
    )


OPERATIONS = (
    Operation("GET", "/clients", "listClients", "See the clients", "read:clients", _list, PageQuery, gives=ClientsPage),
    Operation("GET", "/clients/{client_id}", "getClient", "See a client", "read:clients", _get, gives=ClientRecord),
)
