"""Calling addresses that others chose: none leads into our own network, none holds us for longer than we say."""

import socket
import ssl
import time

import pytest

from jobs.outbound import AddressRefused, NoAnswer, ask
from tests.web_server import web_server

PUBLIC = "93.184.216.34"
NOT_PUBLIC = [
    # IPv4: this network, private, shared, loopback, link-local (the clouds' metadata), special, multicast, broadcast
    *("0.0.0.1", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1"),
    *("172.31.255.255", "192.0.0.1", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1"),
    *("224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
    # IPv6: unspecified, loopback, wrapped IPv4 in each way, private, link-local, multicast, Teredo, 6to4
    *("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "fc00::1"),
    *("fd12:3456::1", "fe80::1", "fec0::1", "ff02::1", "2001::1", "2002:7f00:1::1", "2002:a00:1::"),
]  # fmt: skip
SPELT_OTHERWISE = [
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://127.1/",
    "http://127.0.1/",
    "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/",
    "http://127.0.0.1./",
    "http://localhost/",
    "http://LOCALHOST./",
    "http://printer.local/",
    "http://intranet/",
    "http://%31%32%37.0.0.1/",
]
NOT_THE_WEB = [
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://example.com/",
    "javascript:alert(1)",
    "//example.com/",
    "example.com",
    "",
    "http://user:secret@example.com/",
    "http://example.com@127.0.0.1/",
    "http://example.com:22/",
    "http://example.com:6379/",
    "https://example.com:8443/",
    "http://example.com:99999/",
    "http://exa mple.com/",
    "http://example.com/\r\nX-Header: 1",
    "http://example.com\\@127.0.0.1/",
    "http:///path",
    "http://[::1/",
]


@pytest.fixture
def server(settings):
    with web_server() as server:
        settings.OUTBOUND_TEST_SERVERS = [server.origin]
        yield server


@pytest.fixture
def names(monkeypatch):
    """What names lead to, instead of what a name server says; `names.asked` counts."""
    real = socket.getaddrinfo
    known = {}

    def getaddrinfo(host, port, *args, **options):
        if host not in known:
            return real(host, port, *args, **options)
        asked.append(host)
        found = known[host]
        addresses = found.pop(0) if isinstance(found[0], list) else found
        return [info for address in addresses for info in real(address, port, type=socket.SOCK_STREAM)]

    asked = known["asked"] = []
    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return known


@pytest.fixture
def connections(monkeypatch):
    """Where the client connected to; nobody answers there."""
    made = []

    def connect(address, timeout=None):
        made.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    return made


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_public_is_refused_however_it_is_reached(address, names, connections):
    spelt = f"[{address}]" if ":" in address else address
    names["rebound.example.com"] = [address]
    names["both.example.com"] = [PUBLIC, address]

    for host in (spelt, "rebound.example.com", "both.example.com"):
        for scheme in ("http", "https"):
            with pytest.raises(AddressRefused):
                ask(f"{scheme}://{host}/")

    assert connections == []


@pytest.mark.parametrize("url", [*SPELT_OTHERWISE, *NOT_THE_WEB])
def test_an_address_that_is_no_public_web_address_is_refused(url, connections):
    with pytest.raises(AddressRefused):
        ask(url)

    assert connections == []


def test_the_connection_goes_to_what_was_looked_at_whatever_the_name_says_next(names, connections):
    names["example.com"] = [[PUBLIC], ["127.0.0.1"]]

    with pytest.raises(NoAnswer):
        ask("http://example.com/")

    assert (names["asked"], connections) == (["example.com"], [(PUBLIC, 80)])


@pytest.mark.parametrize("url", ["https://example.com/", "https://EXAMPLE.com:443/a", "http://example.com:443/"])
def test_public_addresses_are_called_at_their_port(url, names, connections):
    names["example.com"] = [PUBLIC]

    with pytest.raises(NoAnswer):
        ask(url)

    assert connections == [(PUBLIC, 443)]


@pytest.mark.parametrize("target", [
    "http://127.0.0.1:1/", "http://169.254.169.254/latest/meta-data/", "http://[::1]/", "http://localhost/",
    "//10.0.0.1/", "file:///etc/passwd", "http://2130706433/", "ftp://example.com/", "http://user@example.com/",
    "http://rebound.example.com/",
])  # fmt: skip
def test_a_redirect_is_looked_at_like_any_address(target, server, names):
    names["rebound.example.com"] = ["127.0.0.1"]
    server.says["/moved"] = 302, {"Location": target}

    with pytest.raises(AddressRefused):
        ask(f"{server.origin}/moved")

    assert [path for _, path, _ in server.asked] == ["/moved"]


def test_redirects_are_followed_to_where_they_lead(server):
    server.says |= {
        "/a": (301, {"Location": "b?q=\xc3\xbc"}),
        "/b?q=%C3%BC": (308, {"Location": f"{server.origin}/c"}),
        "/c": 200,
    }

    answer = ask(f"{server.origin}/a")

    assert (answer.status, answer.url, answer.content) == (200, f"{server.origin}/c", b"hello")


def test_redirects_in_a_circle_end(server):
    server.says["/round"] = 302, {"Location": "/round"}

    with pytest.raises(NoAnswer, match=r"It redirects more than 5 times\."):
        ask(f"{server.origin}/round")

    assert len(server.asked) == 6


def test_nothing_secret_is_sent_and_the_site_says_its_name(server, settings, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    settings.SITE_NAME, settings.SITE_URL = "Jobs für\r\n alle", "https://jobs.test"
    server.says |= {"/first": (302, {"Location": "/page", "Set-Cookie": "a=b"}), "/page": 200}

    ask(f"{server.origin}/first", most=500)

    host = server.origin.removeprefix("http://")
    agent = "Jobs fr alle (+https://jobs.test)"
    wanted = {"Host": host, "Accept-Encoding": "identity", "User-Agent": agent, "Accept": "*/*", "Range": "bytes=0-499"}
    assert [sent for *_, sent in server.asked] == [wanted | {"Connection": "close"}] * 2


def test_no_more_is_read_than_asked_for(server):
    server.says["/large"] = lambda handler: handler.answer(200, body=b"x" * 5_000_000)

    assert ask(f"{server.origin}/large", most=10).content == b"x" * 10


def drip(handler):
    """A byte now and then, which no timeout of a socket notices."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        handler.wfile.write(b"X-More: 1\r\n")
        time.sleep(0.05)


@pytest.mark.parametrize("says", [drip, lambda handler: time.sleep(3)])
def test_a_server_that_holds_us_is_left(says, server):
    server.says["/slow"] = says

    with pytest.raises(NoAnswer, match=r"It took too long\."):
        ask(f"{server.origin}/slow", seconds=0.4)


def test_a_name_that_nobody_knows(names):
    with pytest.raises(NoAnswer, match=r"Nobody knows its name\."):
        ask("https://no-such-name.example.invalid.test/")


def test_what_is_not_http_is_no_answer(server):
    server.says["/odd"] = lambda handler: handler.wfile.write(b"\x00\x01 nothing\r\n\r\n")

    with pytest.raises(NoAnswer, match=r"The connection failed\."):
        ask(f"{server.origin}/odd")


def test_a_certificate_that_nobody_vouches_for_is_told(settings, tmp_path):
    with web_server() as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(own_certificate(tmp_path))
        server.socket = context.wrap_socket(server.socket, server_side=True)
        origin = server.origin.replace("http:", "https:")
        settings.OUTBOUND_TEST_SERVERS = [origin]

        with pytest.raises(NoAnswer, match=r"Its certificate isn't valid\."):
            ask(f"{origin}/")


def own_certificate(folder):
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, datetime.now(UTC), datetime.now(UTC) + timedelta(1))
    file = folder / "own.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return file
