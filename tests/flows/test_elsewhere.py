"""Who opened the server at another address than the issuer is told which one, and where to go."""

import pytest
from structlog.testing import capture_logs

from tests.flows.conftest import MakeProvider
from tests.flows.provider import Provider
from tests.flows.safety import check_page_answer

PROXY = "10.0.0.5"
BEHIND_A_PROXY = {"issuer": "https://id.example.com", "trusted_proxies": "10.0.0.0/8"}


@pytest.fixture
def provider(make_provider: MakeProvider) -> Provider:
    """The server as `make run` starts it: at a port."""
    return make_provider(issuer="http://localhost:8080")


SAID = "You opened %s, but this server is %s."


def opened(provider: Provider, host: str, path: str = "/sign-in", peer: str = "198.51.100.7", **headers: str) -> str:
    """The page that a GET at this host gets."""
    sent = {"Host": host} | {name.replace("_", "-"): value for name, value in headers.items()}
    answer = provider.app.test_client().get(path, headers=sent, environ_base={"REMOTE_ADDR": peer})
    check_page_answer(answer, provider.issuer)
    return f"{answer.status_code} {answer.text}"


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "[::1]:8080", "192.168.1.5:8080", "localhost", "localhost:80"])
@pytest.mark.parametrize("path", ["/", "/sign-in", "/account", "/authorize?client_id=portal&prompt=none"])
def test_a_page_opened_at_another_address_says_which_and_links_to_the_issuer(
    provider: Provider, host: str, path: str
) -> None:
    page = opened(provider, host, path)
    assert page.startswith("421 ")
    assert SAID % (host, provider.issuer) in page
    assert f'href="{provider.issuer}/"' in page
    assert page.count(" href=") == page.count(f' href="{provider.issuer}/"') + page.count('rel="')


@pytest.mark.parametrize("host", ["localhost:8080", "LOCALHOST:8080"])
def test_a_page_at_the_issuer_is_the_page(provider: Provider, host: str) -> None:
    assert opened(provider, host).startswith("200 ")


@pytest.mark.parametrize(
    "host", ['"><script>alert(1)</script>', "evil\u202e.example", "a b", "[", "x" * 5000, "localhost:8080@evil"]
)
def test_a_host_that_no_address_bar_can_hold_is_not_repeated(provider: Provider, host: str) -> None:
    page = opened(provider, host.encode().decode("latin-1"))
    assert page.startswith("421 ")
    assert SAID % ("another address", provider.issuer) in page


def test_the_style_sheet_is_served_to_that_page_too(provider: Provider) -> None:
    answer = provider.app.test_client().get("http://127.0.0.1:8080/static/pages.css")
    answer.close()
    assert answer.status_code == 200


def test_machines_are_answered_at_every_address(provider: Provider) -> None:
    answer = provider.call("GET", "/jwks.json", headers={"Host": "authserver:8080"})
    assert answer.status_code == 200


def test_behind_a_trusted_proxy_its_word_counts_and_the_inner_host_does_not(make_provider: MakeProvider) -> None:
    provider = make_provider(**BEHIND_A_PROXY)
    names = {"X_Forwarded_Host": "www.example.com", "X_Forwarded_For": "198.51.100.7"}
    assert SAID % ("www.example.com", provider.issuer) in opened(provider, "authserver:8080", peer=PROXY, **names)
    assert opened(provider, "authserver:8080", peer=PROXY).startswith("200 ")
    own = names | {"X_Forwarded_Host": "id.example.com:443"}
    assert opened(provider, "authserver:8080", peer=PROXY, **own).startswith("200 ")


def test_who_goes_around_the_proxy_is_told_and_a_stranger_s_forwarded_host_is_worth_nothing(
    make_provider: MakeProvider,
) -> None:
    provider = make_provider(**BEHIND_A_PROXY)
    assert SAID % ("192.168.1.5:8080", provider.issuer) in opened(provider, "192.168.1.5:8080")
    assert opened(provider, "id.example.com", X_Forwarded_Host="evil.example").startswith("200 ")


def test_a_proxy_that_changes_host_and_is_not_told_of_breaks_nothing(make_provider: MakeProvider) -> None:
    provider = make_provider(issuer="https://id.example.com")
    assert opened(provider, "authserver:8080").startswith("200 ")


@pytest.mark.parametrize("is_told_by_the_browser", [True, False])
def test_a_form_sent_from_our_page_at_another_address_says_which(
    make_provider: MakeProvider, is_told_by_the_browser: bool
) -> None:
    provider = make_provider(issuer="https://id.example.com")
    # Browsers send Sec-Fetch-Site to what is https or this machine, and to nothing else.
    site = {"Sec-Fetch-Site": "same-origin"} if is_told_by_the_browser else {}
    for host in ("10.0.0.7:8080", "id2.example.com"):
        origin = f"http://{host}"
        answer = provider.app.test_client().post(
            "/sign-in", headers={"Host": host, "Origin": origin} | site, data={"username": "ada", "password": "x"}
        )
        assert answer.status_code == 403
        assert SAID % (origin, provider.issuer) in answer.text
        assert f'href="{provider.issuer}/"' in answer.text


@pytest.mark.parametrize("issuer", ["https://ID.example.com", "https://id.example.com:443"])
def test_an_issuer_that_a_browser_writes_in_another_way_takes_its_own_forms(
    make_provider: MakeProvider, issuer: str
) -> None:
    sent = {"Origin": "https://id.example.com", "Sec-Fetch-Site": "same-origin"}
    answer = make_provider(issuer=issuer).app.test_client().post("/sign-in", headers=sent, data={"username": "ada"})
    # The token of the form is asked for next.
    assert answer.status_code == 400


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://[", "http://a\u202eb", "http://x/y"])
@pytest.mark.parametrize("site", ["cross-site", "same-site", None])
def test_the_form_of_another_site_is_not_taken_for_one_of_ours(
    provider: Provider, origin: str, site: str | None
) -> None:
    sent = {"Origin": origin.encode().decode("latin-1")} | ({"Sec-Fetch-Site": site} if site else {})
    answer = provider.app.test_client().post("http://localhost:8080/sign-in", headers=sent, data={"username": "ada"})
    assert answer.status_code == 403
    assert "You opened" not in answer.text
    assert "evil.example" not in answer.text


def test_the_log_names_both_addresses_once(provider: Provider) -> None:
    with capture_logs() as lines:
        for host in ("127.0.0.1:8080", "127.0.0.1:8080", "localhost:8080"):
            opened(provider, host)
    (told,) = [line for line in lines if line["event"] == "http:opened_elsewhere"]
    assert (told["log_level"], told["opened"], told["issuer"]) == ("warning", "127.0.0.1:8080", provider.issuer)
    assert "AUTHSERVER_ISSUER" in told["advice"]


def test_a_scanner_of_names_does_not_fill_the_log(provider: Provider) -> None:
    with capture_logs() as lines:
        for number in range(50):
            opened(provider, f"host-{number}.example")
    assert len([line for line in lines if line["event"] == "http:opened_elsewhere"]) == 32


def test_the_log_says_why_a_form_was_refused(provider: Provider) -> None:
    with capture_logs() as lines:
        for origin in ("http://127.0.0.1:8080", "https://evil.example"):
            provider.app.test_client().post(
                "http://127.0.0.1:8080/sign-in", headers={"Origin": origin}, data={"a": "b"}
            )
    refused = [(line["reason"], line["opened"]) for line in lines if line["event"] == "form:refused"]
    assert refused == [("opened elsewhere", "http://127.0.0.1:8080"), ("another site", None)]
