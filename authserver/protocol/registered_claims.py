"""Names of claims that have a meaning already: none of them can be an administrator's own.

RFC 7519 §4.3, §10.1: the registry of claims of JSON Web Tokens. https://www.iana.org/assignments/jwt/jwt.xhtml
"""

from authserver.protocol.token.userinfo import SUPPORTED

# RFC 7519, 7800, 8055, 8225, 8417, 8485, 8693, 8747, 9068, 9200, 9396, 9449, 9493, 9711, SD-JWT; OpenID Connect Core,
# its logout specifications, FAPI and Identity Assurance; ETSI and 3GPP.
_REGISTERED = """
iss sub aud exp nbf iat jti azp nonce auth_time at_hash c_hash s_hash acr amr sub_jwk cnf sip_from_tag sip_date
sip_callid sip_cseq_num sip_via_branch orig dest mky events toe txn rph sid vot vtm attest origid act scope client_id
may_act jcard at_use_nbr div opt vc vp sph ace_profile cnonce exi roles groups entitlements token_introspection
eat_nonce ueid sueids oemid hwmodel hwversion oemboot dbgstat location eat_profile submods uptime bootcount bootseed
dloas swname swversion manifests measurements measres intuse cdniv cdnicrit cdniip cdniuc cdniets cdnistt cdnistd
sig_val_claims authorization_details verified_claims place_of_birth nationalities birth_family_name birth_given_name
birth_middle_name salutation title msisdn also_known_as htm htu ath atc sub_id rcd rcdi crn msgi _claim_names
_claim_sources rdap_allowed_purposes rdap_dnt_allowed geohash _sd ... _sd_alg sd_hash consumerPlmnId consumerSnpnId
producerPlmnId producerSnpnId producerNfSetId producerNsiList producerNfServiceSetId sourceNfInstanceId analyticsIdList
resOwnerId
"""
# Under these a client finds what a person may do, unless its entry names them otherwise.
_OF_THIS_SERVER = ("permissions",)
REGISTERED = frozenset({*_REGISTERED.split(), *_OF_THIS_SERVER, *SUPPORTED})
_BY_LETTERS = {"".join(filter(str.isalnum, name)).lower(): name for name in sorted(REGISTERED)}


def registered_alike(name: str) -> str | None:
    """The registered name that this is, or that it differs from by case and separators alone."""
    return name if name in REGISTERED else _BY_LETTERS.get("".join(filter(str.isalnum, name)).lower())
