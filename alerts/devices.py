"""The browsers that somebody allowed to be told of new jobs (web push, RFC 8030)."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from hmac import compare_digest
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.db import models, transaction

MOST_DEVICES = 10
LONGEST_ENDPOINT = 1000
KEY_BYTES, AUTH_BYTES = 65, 16


class NoDevice(ValueError):
    """What came isn't a subscription that a browser makes with a push service that we know."""


class DeviceQuerySet(models.QuerySet):
    def allow(self, owner, *, endpoint: str, key: str, auth: str, name: str, at: datetime) -> Device:
        """Keep a browser's subscription; the same browser again, also for somebody else, is one row.

        The oldest goes when a person has more than MOST_DEVICES. Raises NoDevice.
        """
        check(endpoint, key, auth)
        facts = {"owner": owner, "key": key, "auth": auth, "name": name[:60], "allowed_at": at}
        device, _ = self.update_or_create(endpoint=endpoint, defaults=facts)
        newest = self.filter(owner=owner).order_by("-allowed_at", "-pk").values("pk")[:MOST_DEVICES]
        self.filter(owner=owner).exclude(pk__in=list(newest.values_list("pk", flat=True))).delete()
        return device

    @transaction.atomic
    def renew(self, *, endpoint: str, auth: str, new_endpoint: str, new_key: str, new_auth: str) -> bool:
        """A browser has another subscription now; it is known by the secret of the one before.

        Says whether there was such a device. Raises NoDevice.
        """
        device = self.filter(endpoint=endpoint).select_for_update().first()
        if device is None or not compare_digest(device.auth.encode(), auth.encode()):
            return False
        check(new_endpoint, new_key, new_auth)
        self.filter(endpoint=new_endpoint).exclude(pk=device.pk).delete()
        device.endpoint, device.key, device.auth = new_endpoint, new_key, new_auth
        device.save(update_fields=["endpoint", "key", "auth"])
        return True

    def for_list(self):
        return self.order_by("-allowed_at", "-pk")


class Device(models.Model):
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="devices")
    endpoint = models.CharField(max_length=LONGEST_ENDPOINT, unique=True)
    # The browser's public key and its secret, in base64url: what it is told is encrypted for it alone (RFC 8291).
    key = models.CharField(max_length=100)
    auth = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    allowed_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)

    objects = DeviceQuerySet.as_manager()

    def __str__(self):
        return self.name


def check(endpoint: str, key: str, auth: str) -> None:
    """Raises NoDevice. Only hosts of settings.PUSH_HOSTS are ever called."""
    if len(endpoint) > LONGEST_ENDPOINT or not may_be_called(endpoint):
        raise NoDevice("The push service of this browser is not one that we know.")
    point, secret = decoded(key), decoded(auth)
    if len(point) != KEY_BYTES or len(secret) != AUTH_BYTES:
        raise NoDevice("The keys of this browser can't be read.")
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError as error:
        raise NoDevice("The keys of this browser can't be read.") from error


def may_be_called(endpoint: str) -> bool:
    """Whether the address is one of a known push service, over TLS, at its usual port, with no login in it."""
    try:
        url = urlsplit(endpoint)
        port = url.port
    except ValueError:
        return False
    if f"{url.scheme}://{url.netloc}" in settings.PUSH_TEST_SERVERS:
        return True
    has_usual_door = url.scheme == "https" and port in (None, 443) and "@" not in url.netloc
    return has_usual_door and is_known(url.hostname or "") and is_plain(endpoint)


def is_known(host: str) -> bool:
    return any(fits(host, pattern) for pattern in settings.PUSH_HOSTS)


def fits(host: str, pattern: str) -> bool:
    """ ".example.org" stands for every host below it, a name without the dot for itself alone."""
    return host.endswith(pattern) if pattern.startswith(".") else host == pattern


def is_plain(address: str) -> bool:
    """Whether every program reads it the same way."""
    return address.isascii() and address.isprintable() and not {" ", "\\"} & set(address)


def decoded(text: str) -> bytes:
    """base64url without padding; b"" when it isn't that."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return b""


def name_of(user_agent: str) -> str:
    """'Firefox on Android', as far as the browser says."""
    browsers = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrom": "Chrome", "Safari": "Safari"}
    systems = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows", "Mac OS": "Mac"}
    browser = next((name for sign, name in browsers.items() if sign in user_agent), "A browser")
    system = next((name for sign, name in (systems | {"Linux": "Linux"}).items() if sign in user_agent), "")
    return f"{browser} on {system}" if system else browser
