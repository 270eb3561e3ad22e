"""What verifying a passkey costs: `python -m bench.passkey`, in microseconds of CPU time for an answer.

Beside it a bare verification of the same signature by `cryptography`, whose key is there already. The answer is read,
its challenge is recognized, and it is checked as at a sign-in; no page and no database is involved.
"""

import argparse
import json
import secrets
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from statistics import median

import cbor2
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url as text

from authserver.master_key import MasterKey
from authserver.settings import Settings
from authserver.signin.factors import ceremony, challenge
from authserver.signin.factors.assertion import SIGN_IN
from authserver.signin.factors.passkey import origin
from authserver.store.factors.passkeys import Passkey

TURNS = 200
# A millisecond.
TARGET = 1000
SETTINGS = Settings(issuer="http://localhost:8080", _env_file=None)  # type: ignore[call-arg]
BROWSER, NOW = b"b" * 32, 1_800_000_000


def main() -> None:
    """Measure and print both; status 1 where an answer costs a millisecond or more."""
    parser = argparse.ArgumentParser(prog="python -m bench.passkey", description="Measure what a passkey costs.")
    parser.add_argument("--rounds", type=int, default=20, help="how often each is measured; the median counts")
    rounds = parser.parse_args().rounds
    key, credential_id = ec.generate_private_key(ec.SECP256R1()), secrets.token_bytes(32)
    master = MasterKey([Fernet.generate_key().decode()], "this program")
    passkey, answer = _passkey(key, credential_id), _answer(key, credential_id, master)
    said, signature = b"x" * 69, key.sign(b"x" * 69, ec.ECDSA(SHA256()))
    public = key.public_key()

    def verify() -> None:
        assertion = ceremony.read_assertion(answer)
        if not challenge.is_ours(master, assertion.challenge, SIGN_IN, BROWSER, NOW):
            raise SystemExit("the challenge was not recognized")
        ceremony.verified(SETTINGS, assertion, passkey)

    costs = {
        "bare signature": _cost(lambda: public.verify(signature, said, ec.ECDSA(SHA256())), rounds),
        "passkey": _cost(verify, rounds),
    }
    for name, cost in costs.items():
        print(f"{name:16} {cost:7.1f} µs")
    if costs["passkey"] >= TARGET:
        sys.exit("a passkey costs a millisecond or more")


def _cost(work: Callable[[], object], rounds: int) -> float:
    work()
    found = []
    for _ in range(rounds):
        began = time.process_time()
        for _ in range(TURNS):
            work()
        found.append((time.process_time() - began) / TURNS * 1e6)
    return median(found)


def _passkey(key: ec.EllipticCurvePrivateKey, credential_id: bytes) -> Passkey:
    numbers = key.public_key().public_numbers()
    cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})
    return Passkey("id", "ada", text(credential_id), text(cose), "internal", is_synced=False)


def _answer(key: ec.EllipticCurvePrivateKey, credential_id: bytes, master: MasterKey) -> str:
    asked = text(challenge.new_challenge(master, SIGN_IN, BROWSER, NOW))
    client_data = json.dumps({"type": "webauthn.get", "challenge": asked, "origin": origin(SETTINGS)}).encode()
    # User present and verified, a counter of zero (WebAuthn Level 3 §6.1).
    data = sha256(b"localhost").digest() + b"\x05" + bytes(4)
    signature = key.sign(data + sha256(client_data).digest(), ec.ECDSA(SHA256()))
    response = {"clientDataJSON": client_data, "authenticatorData": data, "signature": signature, "userHandle": b"ada"}
    name = text(credential_id)
    written = {member: text(value) for member, value in response.items()}
    return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": written})


if __name__ == "__main__":
    main()
