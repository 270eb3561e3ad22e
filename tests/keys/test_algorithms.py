"""A key is for one algorithm, though another could use it (RFC 8725 §3.1)."""

import orjson
import pytest
from joserfc.jwk import RSAKey

from authserver.keys import InvalidToken, Keys
from tests.keys.conftest import T0
from tests.keys.test_verify import REGISTRY, TYP, _b64, _claims


@pytest.mark.parametrize(("alg", "other"), [("RS256", "PS256"), ("PS256", "RS256")])
def test_a_key_for_one_rsa_algorithm_verifies_nothing_by_the_other(keys: Keys, alg: str, other: str) -> None:
    keys.maintain(T0, ("RS256", "PS256"))
    signer = keys._snapshot.signers[alg][0]
    for named in (alg, other):
        header = {"alg": named, "kid": signer.kid, "typ": TYP}
        signed = f"{_b64(orjson.dumps(header))}.{_b64(orjson.dumps(_claims()))}"
        signature = REGISTRY.get_alg(other).sign(
            signed.encode(), RSAKey.import_key(signer.private.as_pem(private=True))
        )
        with pytest.raises(InvalidToken):
            keys.verify(f"{signed}.{_b64(signature)}", TYP, now=T0)
