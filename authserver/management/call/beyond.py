"""What is not a caller's to give, nor whoever has it theirs to touch, although their permissions open the operation.

OWASP API Security API5:2023. https://owasp.org/API-Security/editions/2023/en/0xa5-broken-function-level-authorization/
"""

from collections.abc import Collection

from authserver import people
from authserver.access.effective import all_roles
from authserver.access.giving import Names
from authserver.management.call.operation import Call
from authserver.management.call.problem import ProblemError
from authserver.people import Change
from authserver.store.users import User

_HINT = "With may_give, clients.yaml can let a role give it."


def refuse_to_give(call: Call, roles: Collection[str], groups: Collection[str]) -> None:
    """Refuse to leave a person with these roles and groups, where the caller may not give one of them."""
    over = call.beyond(roles, groups)
    if over:
        registry = call.registry
        brought = [all_roles(registry, (role,)) for role in roles]
        joined = [all_roles(registry, registry.groups.get(group, ())) for group in groups]
        faults = [
            *(_fault("roles", index) for index, each in enumerate(brought) if not over.roles.isdisjoint(each)),
            *(
                _fault("groups", index)
                for index, (group, each) in enumerate(zip(groups, joined, strict=True))
                if group in over.groups or not over.roles.isdisjoint(each)
            ),
        ]
        text = f"You may not give one of these roles or groups. {_HINT}"
        raise _forbidden(text, over, faults)


def refuse_to_touch(call: Call, user: User) -> None:
    """Refuse to touch a person who has a role or group that the caller may not give."""
    if over := call.beyond(user.every_role, user.groups):
        text = f"You may not change this person, who has a role or group that you may not give. {_HINT}"
        raise _forbidden(text, over)


def refuse_to_lose(
    call: Call, change: Change, user: User, roles: Collection[str] = (), groups: Collection[str] = ()
) -> None:
    """Refuse to leave a person with these alone, or gone, where nobody else may do everything: nobody could undo it."""
    if people.leaves_nobody(change, call.registry, user, roles=roles, groups=groups):
        text = "Nobody else has full access here. Give somebody else a role with admin:all first."
        raise ProblemError("conflict", text, 409)


def refuse_to_vouch(call: Call) -> None:
    """Refuse to say whose an address or a phone number is, which takes being allowed to give everything there is.

    Else a password of the caller's could wait for the owner of the address, who is given more one day.
    """
    if over := call.beyond(call.registry.roles, call.registry.groups):
        text = "Only a caller who may give every role and group can vouch for an address or a phone number."
        raise _forbidden(text, over)


def _fault(field: str, index: int) -> dict[str, str]:
    return {"pointer": f"#/{field}/{index}", "detail": "You may not give this."}


def _forbidden(text: str, over: Names, faults: Collection[dict[str, str]] = ()) -> ProblemError:
    error = ProblemError("forbidden", text, 403, list(faults))
    error.detail = f"roles {sorted(over.roles)}, groups {sorted(over.groups)}"
    return error
