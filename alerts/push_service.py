"""The push services of browsers: encrypting a message for one browser and handing it over, signed with our key."""

import json
import time
from datetime import timedelta
from functools import cache

from django.conf import settings
from django.utils.http import parse_http_date_safe

from alerts.devices import Device, may_be_called

# Seconds that a service keeps a message for a device that is off, and that we wait for its answer.
KEPT_FOR = 12 * 60 * 60
TIMEOUT = 10
GONE = (404, 410)
TOO_MANY, FAULTY = 429, 500
LONGEST_WAIT = 24 * 60 * 60


class DeviceGone(Exception):
    """The browser has taken its permission back."""


class NotTold(Exception):
    """The service did not take the message, or could not be reached."""


class Busy(NotTold):
    """The service takes nothing now; `wait` is how long it asks to be left alone, None when it doesn't say."""

    def __init__(self, status: int, wait: timedelta | None):
        super().__init__(f"the service answered {status}")
        self.wait = wait


def is_set_up() -> bool:
    return bool(settings.PUSH_PRIVATE_KEY)


@cache
def public_key(private_key: str) -> str:
    """What browsers are given to subscribe with: the key's point, uncompressed, in base64url."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from py_vapid import Vapid02, b64urlencode  # with its libraries slow to import, and few processes need it

    key = Vapid02.from_string(private_key).public_key
    return b64urlencode(key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def tell(device: Device, message: dict) -> None:
    """Hand a message of at most 3 KB to the device's service. Raises DeviceGone, Busy, NotTold.

    Follows no redirect.
    """
    import requests
    from pywebpush import WebPushException, webpush

    if not may_be_called(device.endpoint):
        raise NotTold("its push service is not one that we know any more")
    with requests.Session() as session:
        session.max_redirects = 0
        session.trust_env = False
        try:
            webpush(
                {"endpoint": device.endpoint, "keys": {"p256dh": device.key, "auth": device.auth}},
                json.dumps(message, ensure_ascii=False),
                vapid_private_key=settings.PUSH_PRIVATE_KEY,
                vapid_claims={"sub": f"mailto:{settings.SITE_CONTACT}"},
                ttl=KEPT_FOR,
                timeout=TIMEOUT,
                requests_session=session,
            )
        except WebPushException as error:
            raise refusal(error.response) from error
        except (requests.RequestException, ValueError) as error:
            raise NotTold(type(error).__name__) from error


def refusal(response) -> Exception:
    """What a service's answer means; None when there is none."""
    status = response.status_code if response is not None else 0
    if status in GONE:
        return DeviceGone()
    if status == TOO_MANY or status >= FAULTY:
        return Busy(status, wait_of(response.headers.get("Retry-After", "")))
    return NotTold(f"the service answered {status}")


def wait_of(retry_after: str) -> timedelta | None:
    """Seconds or a date (RFC 9110, 10.2.3); None for anything else."""
    if retry_after.isascii() and retry_after.isdigit():
        return timedelta(seconds=min(int(retry_after[:9]), LONGEST_WAIT))
    at = parse_http_date_safe(retry_after)
    return at and timedelta(seconds=min(max(0, at - time.time()), LONGEST_WAIT))
