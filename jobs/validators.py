"""What a title and a text may be, and an address that adverts send people to."""

import ipaddress
import re
import unicodedata
from datetime import date, timedelta
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format

from jobs.html import says_something

LONGEST_DESCRIPTION = 100_000
# A day to publish on or a last day further away is a slip, or a source's way of saying that there is none.
FURTHEST_DAY = timedelta(days=731)
OURS_ALONE = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "onion", "invalid")
GLOBAL_V6 = ipaddress.ip_network("2000::/3")
# Teredo and other special ranges, and 6to4, both of which can wrap a private IPv4 address.
WRAPPING_V6 = (ipaddress.ip_network("2001::/23"), ipaddress.ip_network("2002::/16"))


def validate_title(title: str) -> None:
    if sum(character.isalpha() for character in title) < 2:
        raise ValidationError("Write a title in words, such as “Data engineer”.", code="invalid")


def validate_description(text: str) -> None:
    if len(text) > LONGEST_DESCRIPTION:
        said = f"The text has {len(text):,} characters; {LONGEST_DESCRIPTION:,} is the most."
        raise ValidationError(said, code="max_length")
    if not says_something(text):
        raise ValidationError("Nothing of this text can be read. Say what the job is about.", code="empty")


def validate_within_two_years(day: date) -> None:
    furthest = timezone.now().date() + FURTHEST_DAY
    if day > furthest:
        said = f"This day is more than two years away; {date_format(furthest)} is the furthest."
        raise ValidationError(said, code="too_far")


def may_be_founded_in(year: int) -> bool:
    return 1000 <= year <= timezone.now().year


def validate_founded_year(year: int) -> None:
    if not may_be_founded_in(year):
        raise ValidationError(f"Give a year from 1000 to {timezone.now().year}.", code="no_year")


def validate_apply_url(url: str) -> None:
    """Refuse what isn't a public web address: URLValidator alone lets loopback hosts and userinfo pass."""
    if re.search(r"[\s\\\x00-\x1f\x7f]", url):
        raise ValidationError("Remove the spaces and backslashes from the address.", code="invalid")
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        raise ValidationError("Enter a whole web address, such as https://example.com/apply.", code="invalid") from None
    if parts.scheme not in ("http", "https"):
        raise ValidationError("Start the address with https:// or http://.", code="scheme")
    if "@" in parts.netloc:
        raise ValidationError("Remove what stands before the @: it hides where the link leads.", code="userinfo")
    if not is_public_host(host):
        raise ValidationError("Give an address that everybody on the internet can reach.", code="private")


def is_public_host(host: str) -> bool:
    """Whether a name or number can be a public host, however it is spelt ('①②⑦.⓪.⓪.①' is 127.0.0.1)."""
    plain = unicodedata.normalize("NFKC", host).replace("。", ".").rstrip(".").lower()
    try:
        return is_public_address(ipaddress.ip_address(plain))
    except ValueError:
        pass  # not an address in numbers, so it is a name
    labels = plain.split(".")
    # A last label of digits is how inet_aton writes addresses ('127.1', '0x7f000001'), never a top-level domain.
    is_number = re.fullmatch(r"\d+|0x[0-9a-f]*", labels[-1]) is not None
    return len(labels) > 1 and not is_number and labels[-1] not in OURS_ALONE


def is_public_address(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast
    return address in GLOBAL_V6 and not any(address in network for network in WRAPPING_V6)
