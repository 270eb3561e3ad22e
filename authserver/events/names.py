"""The audit events by name: of what, of which part of it, and what happened. And when each is written.

`make docs` makes the reference page of it, with the fields that the code gives to each.
"""

from typing import Literal, get_args

EventName = Literal[
    "authorization:request:denied",
    "authorization:request:granted",
    "authorization:request:refused",
    "authorization:user_code:failed",
    "client:authentication:failed",
    "client:authentication:throttled",
    "client:logout:abandoned",
    "client:logout:delivered",
    "client:logout:refused",
    "client:registration:changed",
    "client:registration:created",
    "client:registration:deleted",
    "client:registration:disabled",
    "client:registration:enabled",
    "client:registration:expired",
    "client:registration:token_issued",
    "client:registration:token_revoked",
    "client:request:refused",
    "client:sign_in:rehearsed",
    "mail:message:abandoned",
    "mail:message:sent",
    "server:clock:skewed",
    "server:events:exported",
    "server:key:revoked",
    "server:key:rotated",
    "server:limits:unavailable",
    "token:access_token:issued",
    "token:access_token:oversized",
    "token:access_token:revoked",
    "token:assertion:refused",
    "token:code:replayed",
    "token:device_code:replayed",
    "token:refresh_token:replayed",
    "token:refresh_token:retried",
    "token:refresh_token:revoked",
    "user:access:withdrawn",
    "user:account:created",
    "user:account:deleted",
    "user:account:disabled",
    "user:account:enabled",
    "user:account:handed_over",
    "user:account:imported",
    "user:code:failed",
    "user:code:requested",
    "user:consent:granted",
    "user:data:disclosed",
    "user:data:exported",
    "user:directory:exported",
    "user:email:changed",
    "user:email:requested",
    "user:email:verified",
    "user:factor:added",
    "user:factor:failed",
    "user:factor:put_off",
    "user:factor:removed",
    "user:factor:renamed",
    "user:factor:required",
    "user:factors:reset",
    "user:factors:reset_canceled",
    "user:factors:reset_requested",
    "user:groups:changed",
    "user:identity:linked",
    "user:identity:unlinked",
    "user:invitation:accepted",
    "user:invitation:sent",
    "user:login:failed",
    "user:login:refused",
    "user:login:stepped_up",
    "user:login:succeeded",
    "user:login:throttled",
    "user:login:unlocked",
    "user:logout:done",
    "user:passkey:counter_went_back",
    "user:passkey:declined",
    "user:passkey:failed",
    "user:password:changed",
    "user:password:reset",
    "user:password:set",
    "user:profile:changed",
    "user:recovery_code:used",
    "user:recovery_codes:made",
    "user:reset:requested",
    "user:roles:changed",
    "user:roles:mapped",
    "user:session:ended",
    "user:sessions:ended",
    "user:sign_up:completed",
    "user:sign_up:requested",
]

WHEN: dict[EventName, str] = {
    "authorization:request:denied": (
        "the person declined, or a request could not be granted; `reason` is the error that the client got"
    ),
    "authorization:request:granted": "a client got an authorization code, or a person allowed a device",
    "authorization:request:refused": "a person may not use the client: none of their roles is in its `allow`",
    "authorization:user_code:failed": "someone entered a code of a device that no request waits under",
    "client:authentication:failed": "a client failed to authenticate; `reason` says why",
    "client:authentication:throttled": "a client failed to authenticate too often and must wait",
    "client:logout:abandoned": (
        "a client’s server could not be told for an hour that a session is over; `reason` says why, the last time"
    ),
    "client:logout:delivered": "a client’s server was told that a session is over",
    "client:registration:changed": "a client replaced its registration",
    "client:registration:created": "a client registered itself; `called` is what it calls itself",
    "client:registration:deleted": "a registered client was removed, by itself or by an administrator",
    "client:registration:disabled": "an administrator had a registered client refused everywhere",
    "client:registration:enabled": "an administrator let a disabled client work again",
    "client:registration:expired": "a registered client was removed because nobody had used it",
    "client:registration:token_issued": "an administrator made an initial access token, by which clients register",
    "client:registration:token_revoked": "an administrator took an initial access token back",
    "client:logout:refused": "a client’s server refused a logout token with status 400",
    "client:request:refused": (
        "a request that names this client was refused; `detail` is what was received and what is registered"
    ),
    "client:sign_in:rehearsed": "an administrator looked at what a sign-in to this client would be; nothing was issued",
    "mail:message:abandoned": "a message was given up on: the mail server refused it, or none accepted it in time",
    "mail:message:sent": "the mail server accepted a message",
    "server:clock:skewed": (
        "a machine's clock differs from the database's by two seconds or more; `seconds` is negative if it is behind"
    ),
    "server:events:exported": (
        "an administrator downloaded audit events on a page; `events`, `about`, `client`, and `request` say which"
    ),
    "server:key:revoked": (
        "an administrator revoked a signing key; `successor` is the key, if any, that was published or told to sign "
        "because of it"
    ),
    "server:key:rotated": "an administrator had a signing key published, or one that waits sign earlier",
    "server:limits:unavailable": "Redis cannot be reached: a limit was not counted",
    "token:access_token:issued": (
        "a client got an access token, for the API `api` if it is for one; `workload` is whose token of which issuer "
        "it got it by, if it did by one"
    ),
    "token:access_token:oversized": "an access token is larger than `AUTHSERVER_ACCESS_TOKEN_SIZE`",
    "token:access_token:revoked": "a client revoked an access token",
    "token:assertion:refused": (
        "the token of a workload was not accepted; `reason` says why, `nearest` is the registered subject that is most "
        "like its `subject`"
    ),
    "token:code:replayed": "an authorization code was used again; its authorization has been revoked",
    "token:device_code:replayed": "a device code was used again; its authorization has been revoked",
    "token:refresh_token:replayed": "a refresh token was used again; its authorization has been revoked",
    "token:refresh_token:retried": (
        "a client presented a refresh token again shortly after it was replaced, and got the same successor"
    ),
    "token:refresh_token:revoked": "a client revoked a refresh token, and with it the authorization",
    "user:access:withdrawn": "a client's access for a person was withdrawn",
    "user:account:created": "an account was created by an administrator or at the first sign-in through a provider",
    "user:account:deleted": "an account was deleted",
    "user:account:disabled": "an account was disabled",
    "user:account:enabled": "an account was enabled again",
    "user:account:handed_over": (
        "an account that nobody had verified went to the person who verified its address: its password, "
        "sessions, linked providers, and the roles they gave are gone"
    ),
    "user:account:imported": "an account was imported from another system",
    "user:code:failed": "someone entered a wrong code instead of the one mailed to them",
    "user:code:requested": "someone asked for a code to sign in by; `sub` is present if the person is known",
    "user:consent:granted": "a person allowed a client some scopes",
    "user:data:disclosed": "an administrator downloaded everything stored about a person",
    "user:data:exported": "a person downloaded their data",
    "user:directory:exported": "an administrator downloaded the list of people on a page",
    "user:email:changed": "an account's address changed",
    "user:email:requested": "a person asked to change their address and has yet to verify the new one",
    "user:email:verified": "an address was marked as verified, or no longer is",
    "user:factor:added": "a person set up a second factor; `kind` says which",
    "user:factor:failed": "someone who knew the first factor entered a wrong code instead of the second",
    "user:factor:put_off": "a person was told that a second factor will be required of them, and wants none yet",
    "user:factor:removed": "a person removed a second factor",
    "user:factor:renamed": "a person gave a second factor another name",
    "user:factor:required": "a person’s remembered devices were forgotten: each is asked for a second factor again",
    "user:factors:reset": "a link from an administrator removed all second factors of a person",
    "user:factors:reset_canceled": "a person canceled the removal of their second factors before its link worked",
    "user:factors:reset_requested": (
        "an administrator made a link that removes all second factors of a person; it works from `works_from` on"
    ),
    "user:groups:changed": "a person’s groups changed",
    "user:identity:linked": "a person can now sign in through a provider",
    "user:identity:unlinked": "a person can no longer sign in through a provider",
    "user:invitation:accepted": "an invited person created their account",
    "user:invitation:sent": "a person was invited",
    "user:login:failed": "wrong password or unknown username; `sub` is present if the person is known",
    "user:login:refused": "a sign-in through a provider failed; `reason` says why",
    "user:login:stepped_up": "a person who was signed in proved a second factor",
    "user:login:succeeded": "a person signed in",
    "user:login:throttled": "a sign-in was refused because too many had failed before",
    "user:login:unlocked": "an administrator ended the wait after failed sign-ins",
    "user:logout:done": "a person signed out",
    "user:passkey:counter_went_back": (
        "a passkey was refused because its counter had not gone up: it may have been copied"
    ),
    "user:passkey:declined": "a person was offered a passkey and wants none until `until`, or never",
    "user:passkey:failed": "a passkey was not accepted; `reason` says why, `sub` is present if the passkey is known",
    "user:password:changed": "a person changed their password",
    "user:password:reset": "a person set a new password through a mailed link",
    "user:password:set": "an administrator set a password",
    "user:profile:changed": "a profile changed",
    "user:recovery_code:used": "a person used a recovery code as second factor; `left` is how many remain",
    "user:recovery_codes:made": "a person got new recovery codes; the old ones are void",
    "user:reset:requested": (
        "someone, or an administrator for them, asked for a new password; `sub` is present if the person is known"
    ),
    "user:roles:changed": "a person’s roles changed",
    "user:roles:mapped": "a provider’s rules gave a person roles or took them away",
    "user:session:ended": "a session was ended from elsewhere: by its person, an administrator, or a provider",
    "user:sessions:ended": "sessions of a person, or the access of clients, ended together; the event says how many",
    "user:sign_up:completed": "a person who signed up verified their address",
    "user:sign_up:requested": "someone signed up for an account",
}

# Log lines at `warning`, since somebody should look; all others are at `info`.
WARNINGS: frozenset[EventName] = frozenset(
    {
        "mail:message:abandoned",
        "server:clock:skewed",
        "server:key:revoked",
        "server:limits:unavailable",
        "token:access_token:oversized",
        "token:code:replayed",
        "token:device_code:replayed",
        "token:refresh_token:replayed",
        "user:passkey:counter_went_back",
    }
)


def fault(beginning: str) -> str | None:
    """What is wrong with a name, or its beginning, by which events are looked for; None where some have it."""
    names: tuple[str, ...] = get_args(EventName)
    if any(name.startswith(beginning) for name in names):
        return None
    from rapidfuzz import process
    from rapidfuzz.distance import JaroWinkler

    nearest = process.extractOne(beginning, names, scorer=JaroWinkler.similarity)
    return f"no event has this name or beginning; did you mean {nearest[0]}?"
