"""Signed addresses for the footers and headers of alert mails. They only ever switch off."""

from dataclasses import dataclass

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

ALERT, PERSON = "alert", "person"


@dataclass(frozen=True)
class Scope:
    """What a token speaks for: one alert, or all alerts of a person."""

    kind: str
    pk: int

    def __str__(self):
        return f"{self.kind}-{self.pk}"

    def url(self, page: str) -> str:
        """The address of unsubscribe, stop, weekly_instead, short_pause or unsubscribe_all for this scope."""
        return settings.SITE_URL + reverse(f"alerts:{page}", args=[str(self), signature(str(self))])


def signer() -> Signer:
    return Signer(salt="alerts.unsubscribe", sep=":")


def signature(what: str) -> str:
    return signer().signature(what)


def read(what: str, given: str) -> Scope | None:
    """The scope, when the signature belongs to it; also with a key that was rotated out."""
    try:
        kind, _, pk = signer().unsign(f"{what}:{given}").partition("-")
    except BadSignature:
        return None
    return Scope(kind, int(pk))


def mail_url(digest_pk: int) -> str:
    """The address of the page with exactly the jobs of one mail."""
    return settings.SITE_URL + reverse("alerts:mail", args=[digest_pk, mail_signer().signature(str(digest_pk))])


def belongs_to_mail(digest_pk: int, signature: str) -> bool:
    try:
        mail_signer().unsign(f"{digest_pk}:{signature}")
    except BadSignature:
        return False
    return True


def mail_signer() -> Signer:
    # A salt of its own: what opens a list of jobs must not stop an alert.
    return Signer(salt="alerts.mail", sep=":")
