"""Every name under which the server might read something: those that OAuth registered, and those in its own code."""

import ast
from functools import cache
from pathlib import Path

import authserver

PACKAGE = Path(authserver.__file__).parent
# https://www.iana.org/assignments/oauth-parameters/oauth-parameters.xhtml#parameters
REGISTERED = """
    access_token acr_values assertion audience authorization_details claims claims_locales client_assertion
    client_assertion_type client_id client_secret code code_challenge code_challenge_method code_verifier device_code
    display dpop_jkt error grant_type id_token_hint login_hint max_age nonce password prompt redirect_uri refresh_token
    registration request request_uri requested_token_type resource response_mode response_type scope state
    subject_token subject_token_type token token_type_hint ui_locales user_code username logout_hint
    post_logout_redirect_uri
"""
READERS = frozenset({"get", "required", "getlist", "pop"})


@cache
def known_names() -> tuple[str, ...]:
    """All of them, sorted; what a later endpoint reads is among them without being written down here."""
    found = set(REGISTERED.split())
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            found |= _read_by(node)
    return tuple(sorted(found))


def _read_by(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READERS:
        return {
            argument.value
            for argument in node.args[:1]
            if isinstance(argument, ast.Constant)
            and isinstance(argument.value, str)
            and argument.value.isidentifier()
            and argument.value.islower()
        }
    if isinstance(node, ast.ClassDef) and any(isinstance(base, ast.Name) and "Form" in base.id for base in node.bases):
        # The fields of a form are its class attributes.
        return {
            target.id
            for line in node.body
            if isinstance(line, ast.Assign)
            for target in line.targets
            if isinstance(target, ast.Name)
        }
    return set()
