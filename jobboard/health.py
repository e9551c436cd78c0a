"""Two questions that a balancer asks: is this process alive, and can it do its work?"""

import ipaddress

from django.conf import settings
from django.core.cache import cache
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import Redis, RedisError

from jobboard import __version__

BEAT_KEY = "beat"
BEAT_MAY_BE_SILENT = 300  # seconds


@require_safe
@never_cache
def healthz(request):
    return JsonResponse({"version": __version__})


@require_safe
@never_cache
def readyz(request):
    """503 with the reasons while something the site needs is missing; only for who asks from our own network."""
    if not asked_from_inside(request):
        raise Http404
    checks = {
        "database": database_problem,
        "migrations": migrations_problem,
        "redis": redis_problem,
        "beat": beat_problem,
    }
    problems = {}
    for name, check in checks.items():
        if problem := check():
            problems[name] = problem
        if name == "database" and problem:
            break
    return JsonResponse({"ready": not problems, "problems": problems}, status=503 if problems else 200)


def asked_from_inside(request) -> bool:
    """Not through a proxy, and from an address that isn't public (a socket has none)."""
    if "X-Forwarded-For" in request.headers:
        return False
    address = request.META.get("REMOTE_ADDR")
    return not address or not ipaddress.ip_address(address).is_global


def database_problem() -> str:
    try:
        connection.ensure_connection()
    except Error:
        return "no connection"
    return ""


def migrations_problem() -> str:
    executor = MigrationExecutor(connection)
    return "not all applied" if executor.migration_plan(executor.loader.graph.leaf_nodes()) else ""


def redis_problem() -> str:
    try:
        Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2).ping()
    except RedisError:
        return "no connection"
    return ""


def beat_problem() -> str:
    beaten_at = cache.get(BEAT_KEY)
    if beaten_at is None or (timezone.now() - beaten_at).total_seconds() > BEAT_MAY_BE_SILENT:
        return "no sign of it in the last five minutes"
    return ""


def note_beat() -> None:
    cache.set(BEAT_KEY, timezone.now(), timeout=None)
