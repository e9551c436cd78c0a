"""How often somebody may do something that costs others: an hour is an hour, and of many at once none slips through."""

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from accounts.turns import take_turns

AN_HOUR = 60 * 60
A_DAY = 24 * AN_HOUR


@transaction.atomic
def within_limit(key: str, *, most: int, seconds: int) -> bool:
    """Count this one; False once there were `most` in the period that began with the first and lasts `seconds`.

    The cache's own counting is no help: in the database it reads and then writes, and forgets when a key ends.
    """
    take_turns(key)
    now = timezone.now().timestamp()
    ends_at, count = cache.get(key) or (now + seconds, 0)
    if ends_at <= now:
        ends_at, count = now + seconds, 0
    cache.set(key, (ends_at, count + 1), timeout=ends_at - now)
    return count < most
