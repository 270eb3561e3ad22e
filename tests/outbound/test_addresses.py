"""Which addresses are those of the Internet, and which URLs are called at all."""

import pytest

from authserver.outbound.addresses import is_acceptable, is_public


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "1.1.1.1",
        "172.15.255.255",
        "172.32.0.1",
        "100.63.255.255",
        "100.128.0.1",
        "2606:4700:4700::1111",
        "2a00:1450:4001::1",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
    ],
)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        # This machine, and none.
        *("127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "::1", "::"),  # noqa: S104
        # Private networks, and those of providers behind an address translation.
        *("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.127.255.255"),
        *("fc00::1", "fd00:ec2::254", "fec0::1"),
        # The link, where clouds keep what a machine may know of itself.
        *("169.254.169.254", "169.254.0.1", "fe80::1", "fe80::1%eth0", "100.100.100.200", "168.63.129.16"),
        # Groups, tests, documents, what is reserved.
        *("224.0.0.1", "239.255.255.255", "233.252.0.1", "ff02::1", "ff0e::1", "255.255.255.255", "240.0.0.1"),
        *("192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1", "192.0.0.1", "2001:db8::1", "100::1"),
        # An IPv4 address inside.
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::10.0.0.1"),
        *("64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::8.8.8.8", "::ffff:0:8.8.8.8"),
        *("2002:7f00:1::", "2002:a00:1::", "2002:808:808::", "2001:0:7f00:1::"),
        # A scope makes it one of a link; what is no address is none.
        *("2606:4700::1%1", "", "localhost", "example.com", "127.1", "0x7f000001", "2130706433", "0177.0.0.1", "[::1]"),
    ],
)
def test_any_other_is_not(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("url", ["https://id.example/keys", "https://id.example:8443/a?b=c", "https://10.0.0.1/keys"])
def test_https_is_called(url: str) -> None:
    assert is_acceptable(url, may_be_local=False)


@pytest.mark.parametrize("url", ["http://localhost:1/", "http://127.0.0.1/a", "http://[::1]:80/"])
def test_http_is_called_on_this_machine_where_that_is_allowed(url: str) -> None:
    assert is_acceptable(url, may_be_local=True)
    assert not is_acceptable(url, may_be_local=False)


@pytest.mark.parametrize(
    "url",
    [
        *(None, 5, "", "/keys", "//id.example/keys", "https://", "https:///keys", "https://id.example:99999/"),
        *("http://id.example/", "http://10.0.0.1/", "http://127.0.0.2/", "http://localhost.example/"),
        *("file:///etc/passwd", "ftp://id.example/", "gopher://id.example/", "javascript:alert(1)", "data:,x"),
        *("https://user@id.example/", "https://id.example@evil.example/", "https://id.example\\@evil.example/"),
        *("https://id.example/#f", "https://id.example/ a", "https://id.example/\r\nHost: x", "https://idé.example/"),
        *("https://[::1/", "https://id.example/" + "a" * 2000),
    ],
)
def test_no_other_url_is(url: object) -> None:
    assert not is_acceptable(url, may_be_local=True)
