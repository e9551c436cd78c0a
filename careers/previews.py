"""Links that show a guide which isn't published yet to whoever has them, for a day."""

from datetime import timedelta

from django.core import signing
from django.urls import reverse

SALT = "careers.preview"
VALID_FOR = timedelta(days=1)


def preview_path(guide) -> str:
    return reverse("careers:preview", args=[signing.dumps(guide.pk, salt=SALT)])


def guide_of(token: str) -> int:
    """The guide's key. Raises signing.BadSignature when the link is forged or too old."""
    return signing.loads(token, salt=SALT, max_age=VALID_FOR)
