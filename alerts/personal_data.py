"""What alerts know about a person, for taking it away (settings.PERSONAL_DATA) and for forgetting it."""

from accounts.addresses import canonical_email
from alerts.clicks import Click
from alerts.requests import AlertRequest
from alerts.suppressions import Suppression


def personal_data(user) -> dict:
    """Alerts with their searches, the mails sent, and what is known about the address; times in ISO 8601."""
    return {
        "alerts": [alert_data(alert) for alert in user.alerts.select_related("search", "feed").order_by("pk")],
        "alert_mails": [
            {"slot": window, "state": state, "jobs": jobs, "to": to, "sent_at": sent_at and sent_at.isoformat()}
            for window, state, jobs, to, sent_at in user.digests.order_by("pk").values_list(
                "window", "state", "job_count", "sent_to", "sent_at"
            )
        ],
        "alert_jobs_opened": [
            {"alert": alert, "title": title, "opened_at": opened_at.isoformat()}
            for alert, title, opened_at in Click.objects.filter(alert__owner=user)
            .order_by("clicked_at", "job")
            .values_list("alert__name", "job__title", "clicked_at")
        ],
        "alert_devices": [
            {"name": device.name, "allowed_at": device.allowed_at.isoformat()} for device in user.devices.for_list()
        ],
        "alert_requests": list(AlertRequest.objects.of(user.email).order_by("pk").values_list("name", flat=True)),
        "alert_mail_stopped": list(
            Suppression.objects.in_force().filter(address=canonical_email(user.email)).values_list("reason", flat=True)
        ),
    }


def forget_addresses(user) -> None:
    """The mails of a deleted account stay as figures, without where they went (settings.BEFORE_ACCOUNT_DELETION)."""
    user.digests.exclude(sent_to="").update(sent_to="")


def alert_data(alert) -> dict:
    times = {
        name: moment and moment.isoformat()
        for name in ("created_at", "activated_at", "paused_at", "deleted_at", "chosen_at", "next_due_at")
        for moment in [getattr(alert, name)]
    }
    rhythm = {name: getattr(alert, name) for name in ("rhythm", "hour", "weekday", "quiet_weekends")}
    rhythm["has_feed"] = hasattr(alert, "feed")
    return {"name": alert.name, "search": alert.search.query_string} | rhythm | times
