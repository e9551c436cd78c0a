"""Telling visitors apart without keeping who they are."""

import ipaddress
import secrets

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from jobs.limits import A_DAY


def visitor_of_today(request: HttpRequest) -> str:
    """A name for whoever asks that is the same all day and means nothing tomorrow: its random salt is thrown away."""
    day = timezone.now().date().isoformat()
    salt = cache.get_or_set(f"visitor-salt-{day}", secrets.token_hex, timeout=A_DAY)
    return keyed_hash(f"visitor-{salt}", identity(request))


def visitor_for(request: HttpRequest, purpose: str) -> str:
    """A name for whoever asks that lasts, but is another for each purpose, so that two can't be put together."""
    return keyed_hash(f"visitor-{purpose}", identity(request))


def keyed_hash(salt: str, value: str) -> str:
    return salted_hmac(salt, value, algorithm="sha256").hexdigest()[:32]


def identity(request: HttpRequest) -> str:
    if request.user.is_authenticated:
        return f"user {request.user.pk}"
    return f"address {network_of(client_address(request))}"


def network_of(address: str) -> str:
    """One household: a whole IPv4 address, or the /64 of an IPv6 one, within which a device picks a new one at will."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network((parsed, 64 if parsed.version == 6 else 32), strict=False))


def client_address(request: HttpRequest) -> str:
    """Where the request comes from; X-Forwarded-For counts only as far as our own proxies wrote it."""
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    if settings.TRUSTED_PROXY_COUNT and len(hops) >= settings.TRUSTED_PROXY_COUNT:
        return hops[-settings.TRUSTED_PROXY_COUNT]
    return request.META.get("REMOTE_ADDR", "")
