"""A client as the API shows it: of clients.yaml, or registered, also one that clients.yaml no longer takes."""

from authserver.management.call.operation import Call
from authserver.management.call.outputs import ClientRecord
from authserver.protocol.client.client import Client
from authserver.protocol.client.registered import Fit, type_of
from authserver.store.registration.clients import Registered


def described(call: Call, client_id: str, row: Registered | None) -> ClientRecord | None:
    """The client with this id, which registered itself if there is a `row`; None where there is none."""
    client = call.server.registered.shown(call.registry, client_id)
    fit = Fit()
    if row is not None:
        fit = call.server.registered.fit(call.registry, row.client_id, row.metadata, row.secret_digest)
    if client is not None:
        return _as_record(client, row, fit)
    return None if row is None else _unfit(row, fit)


def _as_record(client: Client, row: Registered | None, fit: Fit) -> ClientRecord:
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
        registered_at=row.created_at if row else None,
        disabled_at=row.disabled_at if row else None,
        unfit=fit.fault,
        lost_scopes=list(fit.lost_scopes),
        consent=client.consent,
        allowed_roles=sorted(client.allowed_roles) if client.allowed_roles is not None else None,
        roles=list(client.roles),
    )


def _unfit(row: Registered, fit: Fit) -> ClientRecord:
    """What it said of itself, which makes no client any more: it may do nothing."""
    said = row.metadata
    return ClientRecord(
        client_id=row.client_id,
        name=said["client_name"],
        type=type_of(said),
        token_endpoint_auth_method=said["token_endpoint_auth_method"],
        grant_types=sorted(said["grant_types"]),
        scopes=[],
        apis=[],
        redirect_uris=said["redirect_uris"],
        post_logout_redirect_uris=said.get("post_logout_redirect_uris", []),
        initiate_login_uri=said.get("initiate_login_uri"),
        backchannel_logout_uri=said.get("backchannel_logout_uri"),
        registered_at=row.created_at,
        disabled_at=row.disabled_at,
        unfit=fit.fault or "It no longer fits clients.yaml.",
        lost_scopes=list(fit.lost_scopes),
        consent="once",
        allowed_roles=None,
        roles=[],
    )
