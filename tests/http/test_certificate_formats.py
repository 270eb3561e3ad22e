"""The forms in which proxies pass a client's certificate on, each as that proxy writes it."""

from base64 import b64encode
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.http.possession.certificate_formats import MAX_SIZE, CertificateHeaderError, certificates_in
from tests.flows.certificates import CA, ISSUING, VAULT

PEM, DER = VAULT.pem.decode(), VAULT.der
ONE_LINE = PEM.replace("\n", " ")
BARE = VAULT.base64
CHAIN = PEM + ISSUING.pem.decode()


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        pytest.param("X-Client-Cert", quote(PEM, safe=""), (DER,), id="nginx"),
        pytest.param("X-Client-Cert", quote(PEM), (DER,), id="nginx, where a slash is left as it is"),
        pytest.param("X-SSL-Client-Cert", ONE_LINE, (DER,), id="Apache"),
        pytest.param("X-Forwarded-Tls-Client-Cert", BARE, (DER,), id="Caddy, HAProxy, Traefik"),
        pytest.param("X-Forwarded-Tls-Client-Cert", f"{BARE},{CA.base64}", (DER, CA.der), id="Traefik with a chain"),
        pytest.param("X-Forwarded-Tls-Client-Cert", quote(BARE, safe=""), (DER,), id="Traefik, escaped"),
        pytest.param("Client-Cert", f":{BARE}:", (DER,), id="RFC 9440"),
        pytest.param("X-Forwarded-Client-Cert", f'Cert="{quote(PEM, safe="")}"', (DER,), id="Envoy"),
        pytest.param(
            "x-forwarded-client-cert",
            f'By=spiffe://a/b;Hash=00ff;Cert="{quote(PEM, safe="")}";Subject="/O=A, B;\\"C\\"/CN=x";URI=;DNS=a;DNS=b',
            (DER,),
            id="Envoy with all details",
        ),
        pytest.param(
            "X-Forwarded-Client-Cert",
            f'Cert="{quote(PEM, safe="")}";Chain="{quote(CHAIN, safe="")}"',
            (DER, ISSUING.der),
            id="Envoy with the chain, which has the certificate once more",
        ),
    ],
)
def test_each_proxy_is_understood(name: str, value: str, found: tuple[bytes, ...]) -> None:
    assert certificates_in(name, value) == found


def test_rfc_9440_has_the_chain_in_a_header_of_its_own() -> None:
    chain = f":{ISSUING.base64}:, :{CA.base64}:"
    assert certificates_in("client-cert", f":{BARE}:", chain) == (DER, ISSUING.der, CA.der)
    # To others it means nothing.
    assert certificates_in("X-Client-Cert", BARE, chain) == (DER,)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("Client-Cert", BARE, "no byte sequence of RFC 9440"),
        ("Client-Cert", f":{BARE}:,:{BARE}:", "no byte sequence of RFC 9440"),
        ("Client-Cert", ":_-_-:", "no byte sequence of RFC 9440"),
        ("Client-Cert", ":AAA:", "no base64"),
        ("Client-Cert", f":{'A' * MAX_SIZE}:", "longer than"),
        ("X-Forwarded-Client-Cert", f"Cert={BARE},Cert={BARE}", "names several clients"),
        ("X-Forwarded-Client-Cert", "Hash=00ff;Subject=x", "needs cert: true"),
        ("X-Forwarded-Client-Cert", "Cert=", "needs cert: true"),
        ("X-Forwarded-Client-Cert", 'Cert="x', "not what Envoy writes"),
        ("X-Forwarded-Client-Cert", BARE, "not what Envoy writes"),
        ("X-Client-Cert", "(null)", "no base64"),
        ("X-Client-Cert", f"{PEM}rubbish", "no certificate in PEM"),
        ("X-Client-Cert", "-----BEGIN CERTIFICATE-----", "no certificate in PEM"),
        ("X-Client-Cert", quote(PEM.replace("CERTIFICATE", "PRIVATE KEY"), safe=""), "no certificate in PEM"),
        ("X-Client-Cert", ",".join([BARE] * 6), "more than 5 certificates"),
        ("X-Client-Cert", f"{BARE},,{BARE}", "no base64"),
    ],
)
def test_what_is_none_of_them_is_refused_in_words_for_the_administrator(name: str, value: str, why: str) -> None:
    with pytest.raises(CertificateHeaderError, match=why):
        certificates_in(name, value)


NAMES = st.sampled_from(["Client-Cert", "X-Forwarded-Client-Cert", "X-Client-Cert"])


@given(
    name=NAMES,
    value=st.one_of(st.text(max_size=80), st.text('ceCrtEBGIN-=":;,%0aA\\ /+', max_size=200)),
    chain=st.none() | st.text(':,A=" ', max_size=40),
)
def test_whatever_comes_is_certificates_or_refused(name: str, value: str, chain: str | None) -> None:
    try:
        found = certificates_in(name, value, chain)
    except CertificateHeaderError:
        return
    assert found
    assert all(found)


@given(name=NAMES, der=st.binary(min_size=1, max_size=300))
def test_what_was_written_in_a_form_is_read_again(name: str, der: bytes) -> None:
    text = b64encode(der).decode()
    pem = quote(f"-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n", safe="")
    written = {"Client-Cert": f":{text}:", "X-Forwarded-Client-Cert": f'Cert="{pem}"', "X-Client-Cert": pem}
    assert certificates_in(name, written[name]) == (der,)
