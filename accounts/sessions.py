"""Where a person is logged in. allauth's own list asks the database three times for each session."""

from allauth.usersessions.models import UserSession
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import User


def live_sessions(user: User) -> list[UserSession]:
    """The sessions that still let someone in, the newest first; two queries."""
    known = UserSession.objects.filter(user=user).order_by("-created_at", "-pk")
    alive = live_keys(user, [session.session_key for session in known])
    return [session for session in known if session.session_key in alive]


def live_keys(user: User, keys: list[str]) -> set[str]:
    """Those that are not over and were not ended by a change of the password."""
    now_valid = {user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()}
    rows = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    return {row.session_key for row in rows if row.get_decoded().get(HASH_SESSION_KEY) in now_valid}


def end_other_sessions(user: User, present_key: str) -> None:
    others = UserSession.objects.filter(user=user).exclude(session_key=present_key)
    Session.objects.filter(session_key__in=others.values("session_key")).delete()
    others.delete()
