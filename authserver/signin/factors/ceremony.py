"""The ceremonies of passkeys: what a browser is asked for, and whether its answer is right; the user always verified.

WebAuthn Level 3 §7.1, §7.2. https://www.w3.org/TR/webauthn-3/#sctn-rp-operations
"""

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    bytes_to_base64url,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from authserver.settings import Settings
from authserver.signin.factors import attestation
from authserver.signin.factors.passkey import Assertion, PasskeyError, Proven, UntrustedError, origin, rp_id
from authserver.store.factors.passkeys import NewPasskey, Passkey
from authserver.store.users import User

MOST_CHARACTERS = 16_384
# WebAuthn Level 3 §5.8.3: no credential id is longer, in bytes.
LONGEST_ID = 1023
TRANSPORTS = frozenset(each.value for each in AuthenticatorTransport)


def creation_options(settings: Settings, user: User, held: list[Passkey], challenge: bytes) -> str:
    """What a browser is to make, as JSON: a discoverable credential, by an authenticator that holds none of these."""
    options = generate_registration_options(
        rp_id=rp_id(settings) or "",
        rp_name=settings.product_name or settings.authority,
        user_name=user.username,
        user_display_name=user.display_name,
        user_id=user.sub.encode(),
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_described(held),
        attestation=AttestationConveyancePreference.DIRECT
        if settings.asks_attestation
        else AttestationConveyancePreference.NONE,
    )
    return options_to_json(options)


def request_options(settings: Settings, challenge: bytes, allowed: list[Passkey] | None = None) -> str:
    """What a browser is to prove, as JSON: by one of these, or by any that it has."""
    options = generate_authentication_options(
        rp_id=rp_id(settings) or "",
        challenge=challenge,
        allow_credentials=_described(allowed) if allowed else None,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def challenge_of_registration(text: str) -> bytes:
    """The challenge that a new credential answers. Raises PasskeyError."""
    try:
        response = parse_registration_credential_json(_short(text)).response
        return _challenge(response.client_data_json)
    except Exception as error:  # malformed JSON, base64 and CBOR fail in as many ways
        raise PasskeyError(type(error).__name__) from None


def registered(settings: Settings, text: str, challenge: bytes) -> NewPasskey:
    """The passkey of an answer to `creation_options`. Raises PasskeyError."""
    try:
        parsed = parse_registration_credential_json(_short(text))
        made = verify_registration_response(
            credential=parsed,
            expected_challenge=challenge,
            expected_rp_id=rp_id(settings) or "",
            expected_origin=origin(settings),
            require_user_verification=True,
            pem_root_certs_bytes_by_fmt=attestation.roots(settings),
        )
        # A key that is none would be kept, and fail at each sign-in.
        decoded_public_key_to_cryptography(decode_credential_public_key(made.credential_public_key))
        if parsed.raw_id != made.credential_id or len(made.credential_id) > LONGEST_ID:
            raise PasskeyError("another credential id")
        attestation.check(settings, made)
    except PasskeyError:
        raise
    except Exception as error:  # as above, and COSE
        wrong = UntrustedError if settings.asks_attestation and attestation.is_about(error) else PasskeyError
        raise wrong(type(error).__name__) from None
    transports = {each.value for each in parsed.response.transports or ()} & TRANSPORTS
    return NewPasskey(
        credential_id=bytes_to_base64url(made.credential_id),
        public_key=bytes_to_base64url(made.credential_public_key),
        sign_count=made.sign_count,
        aaguid=made.aaguid,
        transports=" ".join(sorted(transports)),
        is_synced=made.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
        is_backed_up=made.credential_backed_up,
    )


def read_assertion(text: str) -> Assertion:
    """What a browser answers to `request_options`, not verified yet. Raises PasskeyError."""
    try:
        parsed = parse_authentication_credential_json(_short(text))
        challenge, credential_id = _challenge(parsed.response.client_data_json), bytes_to_base64url(parsed.raw_id)
        return Assertion(parsed, credential_id, challenge, parsed.response.user_handle)
    except Exception as error:  # as above
        raise PasskeyError(type(error).__name__) from None


def verified(settings: Settings, assertion: Assertion, passkey: Passkey) -> Proven:
    """That this passkey gave the answer. Raises PasskeyError. The counter is compared where it is kept."""
    if assertion.user_handle is not None and assertion.user_handle != passkey.sub.encode():
        raise PasskeyError("another user handle")
    try:
        proven = verify_authentication_response(
            credential=assertion.credential,
            expected_challenge=assertion.challenge,
            expected_rp_id=rp_id(settings) or "",
            expected_origin=origin(settings),
            credential_public_key=base64url_to_bytes(passkey.public_key),
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception as error:  # as above
        raise PasskeyError(type(error).__name__) from None
    return Proven(proven.new_sign_count, proven.credential_backed_up)


def _challenge(client_data_json: bytes) -> bytes:
    client_data = parse_client_data_json(client_data_json)
    # §7.1 step 10, §7.2 step 14: our pages are in nobody's frame.
    if client_data.cross_origin:
        raise PasskeyError("cross-origin")
    return client_data.challenge


def _short(text: str) -> str:
    if len(text) > MOST_CHARACTERS:
        raise PasskeyError("too long")
    return text


def _described(held: list[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=base64url_to_bytes(each.credential_id),
            transports=[AuthenticatorTransport(word) for word in each.transports.split()] or None,
        )
        for each in held
    ]
