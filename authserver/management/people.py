"""People: found, added, changed, deleted."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

from authserver import people
from authserver.access.effective import effective_roles, undeclared
from authserver.management.call.beyond import refuse_to_give, refuse_to_lose, refuse_to_vouch
from authserver.management.call.cursor import cursor_to, place_after
from authserver.management.call.inputs import NewPerson, PeopleQuery, PersonChange
from authserver.management.call.operation import Call, Operation, given, nothing
from authserver.management.call.outputs import MappedRoleRecord, PeoplePage, PersonRecord
from authserver.management.call.problem import at, not_found, pointer
from authserver.management.call.repeated import first_time, settled
from authserver.management.call.versions import etag, held
from authserver.people import Change
from authserver.people.profile_fields import profile_of
from authserver.protocol.client.registry import Registry
from authserver.protocol.person.email_address import email_fault
from authserver.protocol.person.known_claims import KnownClaims
from authserver.protocol.person.username import username_fault
from authserver.server import Reply
from authserver.store import Connection, directory, users
from authserver.store.addresses import LoginError
from authserver.store.users import User

NO_NUMBER = "there is no phone number to vouch for"
NO_ADDRESS = "there is no email address to vouch for"


def described(registry: Registry, user: User, now: int) -> PersonRecord:
    """A person as the API shows them."""
    unknown = undeclared(registry, user.every_role, user.groups)
    return PersonRecord(
        sub=user.sub,
        username=user.username,
        email=user.email,
        email_verified=user.email_verified,
        **user.profile,
        has_password=user.password_hash is not None,
        disabled_at=user.disabled_at,
        updated_at=user.updated_at,
        roles=list(user.roles),
        groups=list(user.groups),
        mapped_roles=[MappedRoleRecord.model_validate(asdict(each)) for each in user.mapped],
        effective_roles=list(effective_roles(registry, user.roles_anywhere(now), user.groups)),
        undeclared_roles=list(unknown.roles),
        undeclared_groups=list(unknown.groups),
        claims=dict(user.claims),
        undeclared_claims=registry.known.undeclared(user.claims),
    )


def shown(call: Call, user: User, status: int = 200) -> Reply:
    """One person, with the version that a change must name."""
    location = (("Location", f"{call.server.settings.issuer}/api/v1/users/{user.sub}"),) if status == 201 else ()
    return given(described(call.registry, user, call.now), status, (("ETag", etag(user.version)), *location))


def known(call: Call, connection: Connection) -> User:
    """The person whom the path names."""
    user = users.get(connection, call.argument("sub"))
    if user is None:
        raise not_found("person")
    return user


def _list(call: Call) -> Reply:
    query: PeopleQuery = call.query
    if query.sub is not None:
        return given(PeoplePage(items=_known_as(call, query.sub), next=None))
    wanted = directory.PeopleFilter(
        query.login or "", query.role or "", query.group or "", query.disabled, query.search or ""
    )
    with call.server.database.read() as connection:
        found = directory.page(connection, wanted, place_after(query.cursor), query.limit)
    items = [described(call.registry, user, call.now) for user in found.people]
    return given(PeoplePage(items=items, next=None if found.next is None else cursor_to(found.next)))


def _known_as(call: Call, sub: str) -> list[PersonRecord]:
    with call.server.database.read() as connection:
        user = users.get(connection, sub)
    # Each sector is tried in turn: no transaction waits for thousands of them.
    person = call.server.pairwise.person(call.registry.index.sectors, sub) if user is None else None
    if person is not None:
        with call.server.database.read() as connection:
            user = users.get(connection, person)
    return [described(call.registry, user, call.now)] if user else []


def _get(call: Call) -> Reply:
    with call.server.database.read() as connection:
        return shown(call, known(call, connection))


def _add(call: Call) -> Reply:
    new: NewPerson = call.body
    registry = call.registry
    roles = tuple(new.roles) if new.roles is not None else registry.default_roles
    check_declared(registry.roles, new.roles or (), "#/roles")
    check_declared(registry.groups, new.groups, "#/groups")
    refuse_to_give(call, roles, new.groups)
    if fault := username_fault(new.username):
        raise at("#/username", fault)
    if new.email and (fault := email_fault(new.email)):
        raise at("#/email", fault)
    if new.email_verified and new.email is None:
        raise at("#/email_verified", NO_ADDRESS)
    if new.phone_number_verified and new.phone_number is None:
        raise at("#/phone_number_verified", NO_NUMBER)
    check_claims(registry.known, new.claims)
    with call.server.database.write() as connection:
        made = first_time(call, connection)
        if made is not None:
            user = users.get(connection, made)
            if user is None:
                raise not_found("person")
            return shown(call, user, 201)
        try:
            columns = new.model_dump(exclude={"roles", "groups"})
            columns |= profile_of(columns)
            columns["claims"] = {name: value for name, value in new.claims.items() if value is not None}
            user = people.add(call.change(connection), **columns, roles=roles, groups=new.groups)
        except LoginError as error:
            raise at("#/username", str(error), 409, "conflict") from None
        settled(call, connection, user.sub)
    return shown(call, user, 201)


def _change(call: Call) -> Reply:
    change: PersonChange = call.body
    values: dict[str, Any] = change.model_dump(exclude_unset=True)
    disabled = values.pop("disabled", None)
    with call.server.database.write() as connection:
        user = held(call, connection)
        moves = "email" in values and values["email"] != user.email
        if moves:
            values.setdefault("email_verified", False)
        if values.get("email_verified") and values.get("email", user.email) is None:
            raise at("#/email_verified", NO_ADDRESS)
        if values.get("email_verified") and (moves or not user.email_verified):
            # Else a password of the caller's could wait for the owner of the address, who is given more one day.
            refuse_to_vouch(call)
        act = call.change(connection)
        if "email" in values or "email_verified" in values:
            _change_email(act, user, values)
        check_claims(call.registry.known, change.claims, user.claims)
        people.change_profile(act, user, _profile(call, user, values), change.claims, call.registry.known)
        if disabled:
            refuse_to_lose(call, act, user)
        if disabled is not None:
            (people.disable if disabled else people.enable)(act, known(call, connection))
        changed = known(call, connection)
    return shown(call, changed)


def _profile(call: Call, user: User, values: Mapping[str, Any]) -> dict[str, Any]:
    given = profile_of(values, user.profile)
    number = given.get("phone_number", user.profile["phone_number"])
    if given.get("phone_number_verified"):
        if number is None:
            raise at("#/phone_number_verified", NO_NUMBER)
        if number != user.profile["phone_number"] or not user.profile["phone_number_verified"]:
            refuse_to_vouch(call)
    return given


def _change_email(act: Change, user: User, values: dict[str, Any]) -> None:
    try:
        verified = values.get("email_verified", user.email_verified)
        people.change_email(act, user, values.get("email", user.email), verified=verified)
    except LoginError as error:
        taken = "taken" in str(error)
        raise at("#/email", str(error), 409 if taken else 422, "conflict" if taken else "invalid_request") from None


def _delete(call: Call) -> Reply:
    with call.server.database.write() as connection:
        user, act = held(call, connection), call.change(connection)
        refuse_to_lose(call, act, user)
        people.delete(act, user)
    return nothing()


def check_claims(known: KnownClaims, given: Mapping[str, Any], kept: Collection[str] = ()) -> None:
    """Refuse a value that is none of a declared claim; what the person has of old may only be taken away."""
    for name, value in given.items():
        if (value is None and (name in known.own or name in kept)) or not (fault := known.own_fault(name, value)):
            continue
        raise at(pointer(("claims", name)), fault)


def check_declared(declared: Any, names: Any, pointer: str, kept: Any = ()) -> None:
    """Refuse a name that no file declares, unless the person has it already."""
    for index, name in enumerate(names):
        if name not in declared and name not in kept:
            raise at(f"{pointer}/{index}", "clients.yaml does not declare this name")


OPERATIONS = (
    Operation("GET", "/users", "listPeople", "Find people", "read:users", _list, PeopleQuery, gives=PeoplePage),
    Operation(
        "POST",
        "/users",
        "addPerson",
        "Add a person",
        "write:users",
        _add,
        body=NewPerson,
        gives=PersonRecord,
        status=201,
        repeatable=True,
    ),
    Operation("GET", "/users/{sub}", "getPerson", "See a person", "read:users", _get, gives=PersonRecord),
    Operation(
        "PATCH",
        "/users/{sub}",
        "changePerson",
        "Change, disable, or enable a person",
        "write:users",
        _change,
        body=PersonChange,
        gives=PersonRecord,
        precondition=True,
    ),
    Operation(
        "DELETE",
        "/users/{sub}",
        "deletePerson",
        "Delete a person and everything that belongs to them",
        "delete:users",
        _delete,
        status=204,
        precondition=True,
    ),
)
