"""The one client for addresses that others chose: links to check, feeds, logos. It can't be led into our own network.

Each address is looked at, resolved once and its every answer looked at; the connection goes to what was resolved, so
that a name which changes meanwhile (DNS rebinding) changes nothing. Redirects are new addresses, looked at like any.
It sends no cookie and no password, knows no proxy, and reads no more than it is told, for no longer than it is told.
"""

import http.client
import ipaddress
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from threading import Timer
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError

from jobs.validators import is_public_address, validate_apply_url

PORTS = {"http": 80, "https": 443}
REDIRECTS = {301, 302, 303, 307, 308}
MOST_REDIRECTS = 5


class AddressRefused(Exception):
    """We don't call this address; the message says why, in words for staff."""


class NoAnswer(Exception):
    """Nothing usable came back; the message says what happened, in words for staff."""


@dataclass(frozen=True)
class Answer:
    """`url` is where the redirects led; `content` is the beginning of what came back."""

    status: int
    url: str
    content: bytes


def ask(url: str, *, method: str = "GET", most: int = 1_000, seconds: float = 15) -> Answer:
    """Ask for at most `most` bytes, within `seconds` for everything but the name's look-up.

    Raises AddressRefused for an address, or one that it redirects to, which isn't a public one on the web; NoAnswer
    when no answer came or none that could be read.
    """
    ends_at = time.monotonic() + seconds
    for _ in range(MOST_REDIRECTS + 1):
        answer, leads_to = ask_once(url, method, most, ends_at)
        if leads_to is None:
            return answer
        url = urljoin(url, leads_to)
    raise NoAnswer(f"It redirects more than {MOST_REDIRECTS} times.")


def ask_once(url: str, method: str, most: int, ends_at: float) -> tuple[Answer, str | None]:
    """The answer, and where it redirects to."""
    refuse_unfit(url)
    parts = urlsplit(url)
    path = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
    connection = PinnedConnection(parts, address_of(parts), ends_at)
    try:
        connection.request(method, in_ascii(path), headers=headers(most))
        response = connection.getresponse()
        answer = Answer(response.status, url, response.read(most))
        if time.monotonic() >= ends_at:  # what was cut off may look whole
            raise TimeoutError
        return answer, target_of(response)
    except ssl.SSLCertVerificationError as error:
        raise NoAnswer("Its certificate isn't valid.") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        is_late = isinstance(error, TimeoutError) or time.monotonic() >= ends_at
        raise NoAnswer("It took too long." if is_late else "The connection failed.") from error
    finally:
        connection.close()


def target_of(response: http.client.HTTPResponse) -> str | None:
    """Where it redirects to; header lines come as bytes in disguise, and most servers mean UTF-8."""
    said = response.getheader("Location") if response.status in REDIRECTS else None
    return said.encode("latin-1").decode("utf-8", "replace") if said else None


def refuse_unfit(url: str) -> None:
    """Raises AddressRefused for what can be seen in the address itself."""
    if is_test_server(url):
        return
    try:
        validate_apply_url(url)
    except ValidationError as error:
        raise AddressRefused(error.messages[0]) from None
    parts = urlsplit(url)
    if parts.port not in (None, *PORTS.values()):
        raise AddressRefused("Only the ports 80 and 443 are called.")


def address_of(parts) -> str:
    """The address that its name has now. Raises AddressRefused when one of its addresses isn't public, NoAnswer."""
    try:
        found = socket.getaddrinfo(parts.hostname, port_of(parts), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NoAnswer("Nobody knows its name.") from error
    addresses = [place[0] for *_, place in found]
    if not is_test_server(parts.geturl()) and not all(is_public(address) for address in addresses):
        raise AddressRefused("Its name leads to an address that isn't public.")
    return addresses[0]


def is_public(address: str) -> bool:
    return is_public_address(ipaddress.ip_address(address))


def port_of(parts) -> int:
    return parts.port or PORTS[parts.scheme]


def is_test_server(url: str) -> bool:
    return any(url.startswith(f"{origin}/") for origin in settings.OUTBOUND_TEST_SERVERS)


def in_ascii(path: str) -> str:
    """What is written in other letters in its percent form; what has one already stays."""
    return "".join(one if one.isascii() else "".join(f"%{byte:02X}" for byte in one.encode()) for one in path)


def headers(most: int) -> dict[str, str]:
    name = " ".join(settings.SITE_NAME.encode("ascii", "ignore").decode().split())
    return {
        "User-Agent": f"{name} (+{settings.SITE_URL})",
        "Accept": "*/*",
        "Range": f"bytes=0-{most - 1}",
        "Connection": "close",
    }


class PinnedConnection(http.client.HTTPConnection):
    """Connects to the address given, whatever the name says now, and hangs up when its time is over.

    A timeout of the socket alone would let a server send a byte now and then for ever.
    """

    def __init__(self, parts, address: str, ends_at: float):
        super().__init__(parts.hostname, port_of(parts))
        self.address = address
        self.is_secure = parts.scheme == "https"
        self.ends_at = ends_at
        self.timer: Timer | None = None

    def connect(self):
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.sock = socket.create_connection((self.address, self.port), timeout=left)
        self.timer = Timer(left, hang_up, [self.sock.dup()])
        self.timer.daemon = True
        self.timer.start()
        if self.is_secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)

    def close(self):
        super().close()
        if self.timer:
            self.timer.cancel()
            self.timer.args[0].close()
            self.timer = None


def hang_up(connection: socket.socket) -> None:
    with suppress(OSError):  # when it is over already
        connection.shutdown(socket.SHUT_RDWR)
