"""http on a private network: which hosts count as private, and that it must be asked for."""

import pytest

from authserver.protocol.request.redirect_uri import matches, registration_fault

PRIVATE = (
    *("grafana", "grafana.lan", "a.b.home.arpa", "wiki.internal", "nas.local", "app.test", "app.localhost"),
    *("wiki.corp", "nas.home", "wiki.intranet", "wiki.private"),
    *("10.0.0.1", "172.16.0.1", "172.31.255.254", "192.168.1.2", "[fd00::1]"),
)
PUBLIC = (
    *("example.com", "grafana.lan.example.com", "lan.example", "mylan.org", "grafanalan.com", "home.arpa.example"),
    *("8.8.8.8", "172.32.0.1", "172.15.0.1", "11.0.0.1", "192.169.0.1", "100.64.0.1", "169.254.169.254"),
    *("[2001:db8::1]", "[fe80::1]", "[::ffff:10.0.0.1]", "127.0.0.2", "arpa.home.arpa.com"),
)


@pytest.mark.parametrize("host", PRIVATE)
@pytest.mark.parametrize("port", ["", ":3000"])
def test_http_on_a_private_network_may_be_registered_where_the_client_says_so(host: str, port: str) -> None:
    uri = f"http://{host}{port}/login"
    assert registration_fault(uri, "web", private_http=True) is None
    assert "http_on_private_network" in (registration_fault(uri, "web") or "")
    assert registration_fault(uri, "native", private_http=True)


@pytest.mark.parametrize("host", PUBLIC)
def test_http_on_any_other_network_may_never_be_registered(host: str) -> None:
    for private_http in (True, False):
        assert registration_fault(f"http://{host}/login", "web", private_http=private_http)


@pytest.mark.parametrize("host", PRIVATE)
def test_a_uri_on_a_private_network_matches_itself_only(host: str) -> None:
    registered = [f"http://{host}/login"]
    for other in (f"https://{host}/login", f"http://{host}:3000/login", f"http://x.{host}/login", f"http://{host}"):
        assert not matches(registered, other, "web")
