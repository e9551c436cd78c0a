"""An alert as a feed, at an address that only its owner knows and can take back.

The address is a signature over the alert and a number that is drawn anew with each address: the database alone doesn't
give it away, and drawing again, or deleting the row, ends the old one. It shows jobs and can change nothing.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import models
from django.urls import reverse

from accounts.characters import legible
from alerts.alert import Alert
from alerts.forms import kept_search
from jobs.models import Job
from jobs.search.page import search_jobs
from jobs.views.feeds import TextAtom, entry

SIZE = 50
FORMATS = {"atom": "application/atom+xml; charset=utf-8", "json": "application/feed+json; charset=utf-8"}


class FeedQuerySet(models.QuerySet):
    def draw(self, alert: Alert, at: datetime) -> tuple[Feed, bool]:
        """Give the alert a feed at a new address; the one before ends. Says, too, whether it is the first."""
        return self.update_or_create(alert=alert, defaults={"drawn": uuid.uuid4(), "made_at": at})

    def at_address(self, alert_id: int, signature: str) -> Feed | None:
        feed = self.filter(alert=alert_id).select_related("alert__search", "alert__owner").first()
        return feed if feed and feed.is_signed_by(signature) else None


class Feed(models.Model):
    alert = models.OneToOneField(Alert, models.CASCADE, primary_key=True, related_name="feed")
    drawn = models.UUIDField()
    made_at = models.DateTimeField()

    objects = FeedQuerySet.as_manager()

    def __str__(self):
        return f"feed of alert {self.alert_id}"

    @property
    def name(self) -> str:
        return f"{self.alert_id}-{self.drawn.hex}"

    def is_signed_by(self, signature: str) -> bool:
        """Also with a key that was rotated out."""
        try:
            signer().unsign(f"{self.name}:{signature}")
        except BadSignature:
            return False
        return True

    def url(self, form: str) -> str:
        return settings.SITE_URL + reverse("alerts:feed", args=[self.alert_id, signer().signature(self.name), form])

    @property
    def atom_url(self) -> str:
        return self.url("atom")

    @property
    def json_url(self) -> str:
        return self.url("json")

    def jobs(self) -> list[Job]:
        """The newest open jobs that the alert finds; of one that is paused those from before its pause."""
        found = search_jobs(kept_search(self.alert), size=SIZE).jobs
        paused_at = self.alert.paused_at
        return [job for job in found if paused_at is None or job.published_at <= paused_at]

    @property
    def title(self) -> str:
        paused = "" if self.alert.is_active else " (paused)"
        return legible(f"{settings.SITE_NAME}: {self.alert.name}{paused}")


def signer() -> Signer:
    return Signer(salt="alerts.feed", sep=":")


class SteadyAtom(TextAtom):
    """An empty feed is as old as its address, and not new at each look."""

    def latest_post_date(self):
        return super().latest_post_date() if self.items else self.feed["made_at"]


def atom(feed: Feed) -> str:
    page = SteadyAtom(
        title=feed.title,
        link=settings.SITE_URL + feed.alert.search_url,
        feed_url=feed.atom_url,
        description="",
        language="en",
        made_at=feed.made_at,
    )
    for job in feed.jobs():
        page.add_item(**entry(job))
    return page.writeString("utf-8")


def json_feed(feed: Feed) -> dict:
    """JSON Feed 1.1 (jsonfeed.org)."""
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": settings.SITE_URL + feed.alert.search_url,
        "feed_url": feed.json_url,
        "items": [json_item(entry(job)) for job in feed.jobs()],
    }


def json_item(said: dict) -> dict:
    return {
        "id": said["unique_id"],
        "url": said["link"],
        "title": said["title"],
        "content_text": said["description"],
        "date_published": said["pubdate"].isoformat(),
        "authors": [{"name": said["author_name"]}],
        "tags": said["categories"],
    }
