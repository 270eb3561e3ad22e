"""What is done to a person: the rows, the event and the letter of each act, together and in one transaction.

Pages, the management API, the command line and what providers bring about call these, and nothing below. Each takes a
`Change`, which says who acts, and the person as they are in its transaction. It tells the person, whoever acted (OWASP
ASVS 5 §6.3.7); whether the actor may do it is asked before. https://owasp.org/ASVS
"""

from authserver.people.access import (
    end_session,
    end_sessions,
    end_these,
    give_way,
    log_out,
    revoke,
    revoke_all,
    withdraw,
    withdraw_scope,
)
from authserver.people.account import delete, disable, enable, hand_over, unlock
from authserver.people.add import add, take_in
from authserver.people.change import THEMSELVES, Actor, Change, administrator, change_of, provider
from authserver.people.data import data_of, export
from authserver.people.email import change_email, request_email, send_proof
from authserver.people.factors.kept import (
    add_passkey,
    add_totp,
    decline_passkey,
    distrust_devices,
    held_factors,
    put_off_factor,
    remove_factor,
    rename_factor,
)
from authserver.people.factors.recovery import make_recovery_codes, use_recovery_code
from authserver.people.factors.reset import cancel_factor_reset, request_factor_reset, reset_factors
from authserver.people.farewell import end_expired
from authserver.people.identities import held, id_of, is_last_way_in, link, unlink
from authserver.people.invitation import accept, invite
from authserver.people.password import change_password, request_reset, reset_password, set_password
from authserver.people.picture import set_picture
from authserver.people.profile import change_profile
from authserver.people.roles import leaves_nobody, map_roles, set_groups, set_roles

__all__ = [
    "THEMSELVES",
    "Actor",
    "Change",
    "accept",
    "add",
    "add_passkey",
    "add_totp",
    "administrator",
    "cancel_factor_reset",
    "change_email",
    "change_of",
    "change_password",
    "change_profile",
    "data_of",
    "decline_passkey",
    "delete",
    "disable",
    "distrust_devices",
    "enable",
    "end_expired",
    "end_session",
    "end_sessions",
    "end_these",
    "export",
    "give_way",
    "hand_over",
    "held",
    "held_factors",
    "id_of",
    "invite",
    "is_last_way_in",
    "leaves_nobody",
    "link",
    "log_out",
    "make_recovery_codes",
    "map_roles",
    "provider",
    "put_off_factor",
    "remove_factor",
    "rename_factor",
    "request_email",
    "request_factor_reset",
    "request_reset",
    "reset_factors",
    "reset_password",
    "revoke",
    "revoke_all",
    "send_proof",
    "set_groups",
    "set_password",
    "set_picture",
    "set_roles",
    "take_in",
    "unlink",
    "unlock",
    "use_recovery_code",
    "withdraw",
    "withdraw_scope",
]
