"""Faults of clients.yaml: all at once, each with its place, what is wrong and what was probably meant."""

from pathlib import Path
from textwrap import dedent

import pytest

from authserver.clients.file.faults import ClientsFileError, nearest, quoted, where
from authserver.clients.load import load
from tests.clients.files import SOUND, faults_of, load_text, with_client


def test_a_sound_file_has_no_fault(tmp_path: Path) -> None:
    assert load_text(tmp_path, SOUND).warnings == ()


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("redirect_uris:", "redirect_uri:",
         "16:5: clients[0].redirect_uri: unknown field; did you mean redirect_uris?"),
        ("clients:", "client:", "11:1: client: unknown field; did you mean clients?"),
        ("audience:", "audiance:", "3:5: apis.reports.audiance: unknown field; did you mean audience?"),
        ("{env:", "{enw:", "15:16: clients[0].secrets[0]: unknown field; did you mean env?"),
        ("type: web", "type: wep", "14:11: clients[0].type: must be web, spa, native or service; did you mean web?"),
        ("type: web", "type: [web]",
         "14:11: clients[0].type: must be web, spa, native or service, but YAML reads a list here"),
        ("apis: [reports]", "apis: [reprots]",
         "17:12: clients[0].apis[0]: no API is named reprots; did you mean reports?"),
        ("apis: [reports]", "apis: reports", "17:11: clients[0].apis: must be a list, but YAML reads text here"),
        ("apis: [reports]", "apis: [reports, reports]", "17:11: clients[0].apis: reports is listed twice"),
        ("user: [read:", "user: [reed:",
         "8:10: roles.user[0]: no API has the permission reed:reports; did you mean read:reports?"),
        ("admin:all", "admin:al", "9:11: roles.admin[0]: no API has the permission admin:al; did you mean admin:all?"),
        ("default_role: user", "default_role: users",
         "10:15: default_role: no role is named users; did you mean user?"),
        ("user: [read:", "2user: [read:", "8:3: roles.2user: must be a letter, then up to 63"),
        ("read:reports: Read", "read reports: Read",
         "5:7: apis.reports.permissions.\"read reports\": must be a letter, then up to 99"),
        ("https://reports.example.com", "reports",
         "3:15: apis.reports.audience: must be an absolute URI without a fragment"),
        ("https://reports.example.com", "https://a/#b",
         "3:15: apis.reports.audience: must be an absolute URI without a fragment"),
        ("client_id: portal", "client_id: team portal", "12:16: clients[0].client_id: must be 1 to 200 printable"),
        ("client_id: portal", "client_id: a:b", "12:16: clients[0].client_id: must be 1 to 200 printable"),
        ("name: Team portal", 'name: "Team\\nportal"', "13:11: clients[0].name: must be 1 to 200 characters without"),
        ("name: Team portal", 'name: "Team\\u202eportal"',
         "13:11: clients[0].name: must be 1 to 200 characters without"),
        ("name: Team portal", "name:", "13:10: clients[0].name: must be text, but YAML reads nothing here"),
        ("    name: Team portal\n", "", "12:5: clients[0].name: is missing"),
        ("    type: web\n", "", "12:5: clients[0].type: is missing"),
        ("https://portal.example.com/callback", "http://portal.example.com/callback",
         "16:21: clients[0].redirect_uris[0]: must begin with https://"),
    ],
)  # fmt: skip
def test_a_fault_names_its_place_and_what_was_probably_meant(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert old in SOUND
    found = faults_of(tmp_path, SOUND.replace(old, new, 1))
    assert found[0].startswith(f"clients.yaml:{fault}")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("client_secret", "secrets"),
        ("grants", "grant_types"),
        ("callbacks", "redirect_uris"),
        ("scope", "scopes"),
        ("redirect_url", "redirect_uris"),
    ],
)
def test_the_words_of_other_servers_lead_to_ours(tmp_path: Path, word: str, meant: str) -> None:
    (fault,) = faults_of(tmp_path, f"{SOUND}    {word}: [x]\n")
    assert fault == f"clients.yaml:18:5: clients[0].{word}: unknown field; did you mean {meant}?"


@pytest.mark.parametrize(
    ("field", "misspelt"), [("redirect_uris", "redirect_uri"), ("type", "typ"), ("secrets", "secret")]
)
def test_a_misspelt_field_is_one_fault(tmp_path: Path, field: str, misspelt: str) -> None:
    (fault,) = faults_of(tmp_path, SOUND.replace(f"{field}:", f"{misspelt}:"))
    assert fault.endswith(f"did you mean {field}?")


SPA = "type: spa, redirect_uris: ['https://a.example/cb']"
WEB = f"type: web, redirect_uris: ['https://a.example/cb'], secrets: [{{sha256: '{'a' * 64}'}}]"
SERVICE = f"type: service, secrets: [{{sha256: '{'a' * 64}'}}]"


@pytest.mark.parametrize(
    ("fields", "where_", "what"),
    [
        ("type: web, redirect_uris: ['https://a.example/cb']", "secrets", "a web client needs a secret"),
        ("type: service", "secrets", "a service client needs a secret"),
        (f"{SPA}, secrets: [{{sha256: '{'a' * 64}'}}]", "secrets", "a spa client cannot keep a secret"),
        ("type: spa", "redirect_uris", "is missing: where do people return"),
        ("type: native", "redirect_uris", "is missing: where do people return"),
        (f"{SERVICE}, redirect_uris: ['https://a.example/cb']", "redirect_uris", "nobody signs in to a service"),
        (f"{SERVICE}, allow: {{roles: [user]}}", "allow", "nobody signs in to a service"),
        (f"{SERVICE}, scopes: [openid]", "scopes", "nobody signs in to a service"),
        (f"{SERVICE}, consent: once", "consent", "nobody signs in to a service"),
        (f"{SERVICE}, grant_types: [authorization_code]", "grant_types", "is not for a service client"),
        (f"{SPA}, grant_types: [client_credentials]", "grant_types", "client_credentials is not for a spa client"),
        (f"{WEB}, grant_types: [client_credentials]", "grant_types", "a web client needs authorization_code"),
        (f"{SPA}, grant_types: [refresh_token]", "grant_types", "a spa client needs authorization_code"),
        (f"{SPA}, grant_types: []", "grant_types", "a spa client needs authorization_code"),
        (f"{SPA}, grant_types: [implicit]", "grant_types[0]", "must be authorization_code, refresh_token, client_cred"),
        (f"{SPA}, grant_types: [authorization_code], scopes: [offline_access]", "scopes", "needs refresh_token"),
        (f"{SPA}, scopes: [opnid]", "scopes[0]", "did you mean openid?"),
        (f"{SPA}, token_endpoint_auth_method: client_secret_basic", "token_endpoint_auth_method", "may have: none"),
        (f"{WEB}, token_endpoint_auth_method: none", "token_endpoint_auth_method", "client_secret_basic or client_"),
        (f"{WEB}, auth_method: none", "auth_method", "client_secret_basic or client_"),
        (
            f"{WEB}, token_endpoint_auth_method: client_secret_basic, auth_method: client_secret_post",
            "auth_method",
            "unknown field",
        ),
        (f"{WEB}, token_endpoint_auth_method: basic", "token_endpoint_auth_method", "mean client_secret_basic?"),
        (f"{SPA}, pkce: optional", "pkce", "optional is for web clients only"),
        (f"{SPA}, pkce: none", "pkce", "must be required or optional"),
        (f"{SPA}, consent: nver", "consent", "did you mean never?"),
        (f"{SPA}, consent: no", "consent", "but YAML reads true or false here"),
        (f"{SPA}, roles: [user]", "roles", "the roles of a client that acts for itself"),
        (f"{WEB}, roles: [user]", "roles", "with client_credentials in grant_types"),
        (f"{WEB}, claims: {{id_token: {{person: [nmae]}}}}", "claims.id_token.person[0]", "did you mean name?"),
        (f"{WEB}, claims: {{id_token: {{persons: [name]}}}}", "claims.id_token.persons", "did you mean person?"),
        (f"{WEB}, claims: {{id_token: {{person: [name, name]}}}}", "claims.id_token.person", "listed twice"),
        (f"{WEB}, claims: {{id_token: {{person: [sub]}}}}", "claims.id_token.person[0]", "known: name, given_name"),
        (f"{WEB}, claims: {{userinfo: {{person: [name]}}}}", "claims.userinfo.person", "unknown field"),
        (f"{WEB}, claims: {{access_token: {{person: [name]}}}}", "claims.access_token.person", "unknown field"),
        (f"{SPA}, http_on_private_network: true", "http_on_private_network", "is for web clients only"),
        (f"{WEB}, post_logout_redirect_uris: ['http://a.lan/']", "post_logout_redirect_uris[0]", "http_on_private"),
        (
            f"{WEB}, http_on_private_network: true, client_uri: 'http://a.example'",
            "client_uri",
            "must begin with https",
        ),
        (f"{SERVICE}, roles: [usr]", "roles[0]", "did you mean user?"),
        (f"{SPA}, allow: {{roles: [admn]}}", "allow.roles[0]", "did you mean admin?"),
        (f"{SPA}, allow: {{roles: []}}", "allow.roles", "must not be empty"),
        (f"{SPA}, allow: {{roles: [user], role: [user]}}", "allow.role", "did you mean roles?"),
        (f"{SPA}, allow: [user]", "allow", "must be a mapping"),
        (f"{SPA}, access_token_lifetime: 59", "access_token_lifetime", "must be at least 60"),
        (f"{SPA}, access_token_lifetime: 3601", "access_token_lifetime", "must be at most 3600"),
        (f"{SPA}, signing_alg: HS256", "signing_alg", "must be RS256, PS256, ES256 or EdDSA"),
        (f"{SPA}, signing_alg: none", "signing_alg", "must be RS256, PS256, ES256 or EdDSA"),
        (f"{SPA}, roles_claim: sub", "roles_claim", "a claim with a meaning of its own"),
        (f"{SPA}, apis: [reports], roles_claim: permissions", "roles_claim", "would share one claim"),
        (f"{SPA}, apis: [reports], permissions_claim: roles", "permissions_claim", "would share one claim"),
        (f"{SPA}, client_uri: 'javascript:alert(1)'", "client_uri", "would run or read something"),
        (f"{SPA}, origins: ['*']", "origins[0]", "name each origin"),
        (f"{SPA}, origins: ['https://a.example/']", "origins[0]", "scheme, host and port alone: https://a.example"),
        (f"{SPA}, post_logout_redirect_uris: ['https://a.example/#x']", "post_logout_redirect_uris[0]", "fragment"),
        ("type: spa, redirect_uris: ['https://*.example/']", "redirect_uris[0]", "wildcard"),
        ("type: spa, redirect_uris: ['javascript:alert(1)']", "redirect_uris[0]", "would run or read something"),
        ("type: native, redirect_uris: ['http://grafana.lan/']", "redirect_uris[0]", "http://localhost only"),
    ],
)
def test_what_the_fields_of_a_client_do_not_allow_one_another(
    tmp_path: Path, fields: str, where_: str, what: str
) -> None:
    (fault,) = faults_of(tmp_path, with_client(fields))
    place, fault_where, fault_what = fault.split(": ", 2)
    assert place.startswith("clients.yaml:18:")
    assert fault_where == f"clients[1].{where_}"
    assert what in fault_what


def test_a_redirect_uri_that_no_type_of_client_may_have_is_named_beside_a_wrong_type(tmp_path: Path) -> None:
    text = SOUND.replace("type: web", "type: wep").replace("https://portal.example.com/callback", "javascript:alert(1)")
    places = [fault.partition(": ")[2].partition(":")[0] for fault in faults_of(tmp_path, text)]
    assert places == ["clients[0].type", "clients[0].redirect_uris[0]"]
    # What some type may have says nothing while the type is unknown.
    text = SOUND.replace("type: web", "type: wep").replace(
        "https://portal.example.com/callback", "com.example.app:/back"
    )
    assert len(faults_of(tmp_path, text)) == 1


def test_a_client_id_that_is_taken_names_both_lines(tmp_path: Path) -> None:
    text = with_client(SPA).replace("other", "portal")
    assert faults_of(tmp_path, text) == ["clients.yaml:18:17: clients[1].client_id: portal is already on line 12"]


@pytest.mark.parametrize(
    "audience", ["https://reports.example.com", "https://reports.example.com/", "HTTPS://Reports.example.com"]
)
def test_an_audience_belongs_to_one_api_however_it_is_written(tmp_path: Path, audience: str) -> None:
    text = f"{SOUND}".replace("roles:\n", f"  other: {{audience: '{audience}'}}\nroles:\n", 1)
    assert faults_of(tmp_path, text) == [f"clients.yaml:7:21: apis.other.audience: {audience} is already on line 3"]


@pytest.mark.parametrize(
    "audience", ["http://localhost:8080", "http://LOCALHOST:8080/", "http://localhost:8080/api/v1"]
)
def test_an_api_does_not_bear_the_audience_of_the_server_itself(tmp_path: Path, audience: str) -> None:
    text = SOUND.replace("audience: https://reports.example.com", f"audience: {audience}")
    assert faults_of(tmp_path, text) == [
        "clients.yaml:3:15: apis.reports.audience: this is the server's own audience: an API needs one of its own"
    ]


def test_a_client_may_not_bear_the_name_of_an_api_with_secrets(tmp_path: Path) -> None:
    text = SOUND.replace("    audience", "    secrets: [{env: PORTAL_SECRET}]\n    audience").replace(
        "client_id: portal", "client_id: reports"
    )
    assert faults_of(tmp_path, text) == [
        "clients.yaml:13:16: clients[0].client_id: the API on line 2 uses this name for introspection: choose another"
    ]
    assert load_text(tmp_path, SOUND.replace("client_id: portal", "client_id: reports"))


def test_an_api_that_introspects_for_others_needs_a_secret_of_its_own_and_names_that_exist(tmp_path: Path) -> None:
    text = SOUND.replace("    audience", "    introspects: [reprots]\n    audience")
    assert faults_of(tmp_path, text) == [
        "clients.yaml:3:19: apis.reports.introspects[0]: no API is named reprots; did you mean reports?"
    ]
    (fault,) = faults_of(tmp_path, text.replace("reprots", "reports"))
    assert fault.startswith("clients.yaml:3:18: apis.reports.introspects: needs a secret of this API's own")


def test_admin_all_is_not_a_permission_to_declare(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path, SOUND.replace("write:reports: Write reports", "admin:all: Everything"))
    assert fault == (
        "clients.yaml:6:7: apis.reports.permissions.admin:all: "
        "admin:all stands for every permission of every API and is not declared"
    )


def test_all_faults_are_named_at_once_by_position(tmp_path: Path) -> None:
    text = """\
        apis:
          reports: {audience: nowhere, permissions: {read:reports: Read}}
        roles:
          user: [reed:reports]
        default_role: usr
        clients:
          - client_id: a b
            type: wep
            apis: [reprots]
            secrets: [{env: MISSING}]
          - client_id: job
            name: Job
            type: service
            secrets: [plain-secret-value]
            roles: [usr]
          - {client_id: job, name: J, type: spa, redirect_uris: [http://a.example]}
        """
    found = faults_of(tmp_path, dedent(text))
    places = [tuple(map(int, fault.split(":")[1:3])) for fault in found]
    assert places == sorted(places)
    assert [fault.split(": ")[1] for fault in found] == [
        "apis.reports.audience",
        "roles.user[0]",
        "default_role",
        "clients[0].name",
        "clients[0].client_id",
        "clients[0].type",
        "clients[0].apis[0]",
        "clients[0].secrets[0]",
        "clients[1].secrets[0]",
        "clients[1].roles[0]",
        "clients[2].client_id",
        "clients[2].redirect_uris[0]",
    ]


@pytest.mark.parametrize(
    "text", ["[]", "text", "12", "clients: {}", "clients: 1", "apis: []", "roles: [a]", "clients: [1]"]
)
def test_a_file_of_another_shape_is_refused(tmp_path: Path, text: str) -> None:
    (fault,) = faults_of(tmp_path, text)
    assert "must be a" in fault


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    for path, what in ((tmp_path / "none.yaml", "cannot be read: No such file"), (tmp_path, "not a regular file")):
        with pytest.raises(ClientsFileError, match=what):
            load(path, {})


def test_a_name_is_shown_in_one_harmless_line() -> None:
    assert quoted("read:reports") == "read:reports"
    assert quoted("a\nb\u202e\x1b") == '"a\\nb\\u202e\\u001b"'
    assert len(quoted("x" * 1000)) < 70
    assert where(("clients", 3, "a b", "c")) == 'clients[3]."a b".c'


def test_nothing_is_suggested_where_nothing_is_near() -> None:
    assert nearest("zzz", ["redirect_uris", "name"]) is None
    assert nearest("x", []) is None
