import re
from datetime import timedelta

from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from alerts.alert import follow_plan
from alerts.housekeeping import resume_after_breaks
from alerts.models import Alert, Digest, Suppression
from alerts.planning import plan_digests
from alerts.stopping import BREAK
from subscriptions.plans import FREE
from tests.alerts.conftest import find
from tests.factories import JobFactory

ALERTS = reverse("admin:alerts_alert_changelist")


def test_staff_find_the_alerts_of_somebody_who_wrote_in(admin_client, seeker, stranger, keep):
    keep(seeker, name="Bread jobs")
    keep(stranger, name="Fish jobs")

    page = admin_client.get(ALERTS, {"q": seeker.email}).content.decode()

    assert "Bread jobs" in page
    assert "Fish jobs" not in page


def test_staff_stop_an_alert_and_it_is_logged(admin_client, seeker, keep):
    alert = keep(seeker)

    asked = admin_client.post(ALERTS, {"action": "stop", "_selected_action": [alert.pk]})
    alert.refresh_from_db()
    runs_still = alert.is_active
    admin_client.post(ALERTS, {"action": "stop", "_selected_action": [alert.pk], "confirmed": "yes"})

    alert.refresh_from_db()
    assert (asked.status_code, "1 alert</strong> will be stopped" in asked.content.decode(), runs_still) == (
        200,
        True,
        True,
    )
    assert (alert.is_active, alert.paused_by) == (False, Alert.PausedBy.STAFF)
    assert LogEntry.objects.get().change_message == "Stopped."


def test_staff_stop_what_would_start_by_itself_and_let_it_run_again(admin_client, seeker, keep):
    at = timezone.now()
    on_a_break, waits, paused = (keep(seeker, words=words) for words in ("python", "rust", "go"))
    on_a_break.pause(at, by=Alert.PausedBy.PERSON, resumes_at=at + BREAK)
    Alert.objects.filter(pk=paused.pk).update(paused_by=Alert.PausedBy.PERSON)
    alerts = [on_a_break, waits, paused]
    chosen = {"action": "stop", "_selected_action": [alert.pk for alert in alerts]}

    asked = admin_client.post(ALERTS, chosen).content.decode()
    admin_client.post(ALERTS, chosen | {"confirmed": "yes"})
    resume_after_breaks(at + 2 * BREAK)
    follow_plan(seeker, FREE, at=at)
    stopped = [(alert.paused_by, alert.resumes_at, alert.is_active) for alert in fresh(alerts)]
    admin_client.post(ALERTS, chosen | {"action": "let_run"})

    until = date_format(at + BREAK)
    lines = re.findall(r"<li><bdi>(\w+)</bdi>, seeker@example.com: ([^<]+)</li>", asked.partition("submit-row")[0])
    assert lines == [("python", f"On a break until {until}"), ("rust", "Waiting for a place")]
    assert stopped == [("staff", None, False), ("staff", None, False), ("person", None, False)]
    assert [(alert.is_active, alert.paused_by) for alert in fresh(alerts)] == [
        (True, ""),
        (False, "plan"),
        (False, "person"),
    ]


def fresh(alerts):
    return [Alert.objects.get(pk=alert.pk) for alert in alerts]


def test_staff_let_run_again_what_they_stopped_and_nothing_else(admin_client, seeker, keep):
    own = keep(seeker, words="rust")
    own.pause(timezone.now(), by=Alert.PausedBy.PERSON)
    stopped = keep(seeker, words="python")
    stopped.pause(timezone.now(), by=Alert.PausedBy.STAFF)

    page = admin_client.post(ALERTS, {"action": "let_run", "_selected_action": [stopped.pk, own.pk]}, follow=True)

    stopped.refresh_from_db()
    own.refresh_from_db()
    assert (stopped.is_active, own.is_active, own.paused_by) == (True, False, "person")
    assert "1 alert runs again.</li>" in page.content.decode()
    assert LogEntry.objects.get().change_message == "Let run again."


def test_what_staff_let_run_again_waits_where_no_place_is_left(admin_client, seeker, keep):
    stopped = keep(seeker, words="python")
    stopped.pause(timezone.now(), by=Alert.PausedBy.STAFF)
    keep(seeker, words="rust")

    page = admin_client.post(ALERTS, {"action": "let_run", "_selected_action": [stopped.pk]}, follow=True)

    stopped.refresh_from_db()
    assert ">1 waits for a place.</li>" in page.text
    assert (stopped.is_active, stopped.is_waiting) == (False, True)


def test_an_alerts_page_tells_staff_its_state_and_record(admin_client, seeker, keep):
    alert = keep(seeker, words="python")
    find(alert, JobFactory())
    plan_digests(timezone.now() + timedelta(days=2))

    page = admin_client.get(reverse("admin:alerts_alert_change", args=[alert.pk])).content.decode()

    assert ("Runs" in page, "1 found, 0 sent, 0 opened" in page) == (True, True)


def test_an_editor_does_not_see_whose_alerts_there_are(editor_client):
    assert editor_client.get(ALERTS).status_code == 403


def test_staff_stop_an_address_and_let_it_go_again(admin_client, seeker):
    admin_client.post(reverse("admin:alerts_suppression_add"), {"address": " Seeker@Example.com "})
    stopped = Suppression.objects.stops(seeker.email)
    row = Suppression.objects.get()
    admin_client.post(reverse("admin:alerts_suppression_delete", args=[row.pk]), {"post": "yes"})

    assert (stopped, row.reason, Suppression.objects.stops(seeker.email)) == (True, "staff", False)


def test_an_address_is_stopped_once_in_whatever_spelling(admin_client, seeker):
    Suppression.objects.bounced(seeker.email, score=1, at=timezone.now())
    add = reverse("admin:alerts_suppression_add")

    first = admin_client.post(add, {"address": "Seeker@Example.com"})
    second = admin_client.post(add, {"address": "SEEKER@example.COM"})

    assert (first.status_code, Suppression.objects.get().address) == (302, "seeker@example.com")
    assert second.context["adminform"].form.errors == {"address": ["seeker@example.com gets no alerts already."]}
    assert 'value="SEEKER@example.COM"' in second.content.decode()


def test_each_state_can_be_listed(admin_client, seeker, keep):
    keep(seeker)

    answers = [
        admin_client.get(ALERTS, {"state": state}).status_code
        for state in ("active", "person", "plan", "staff", "deleted", "failing")
    ]

    assert answers == [200] * 6


def test_digests_are_listed_and_cannot_be_changed(admin_client, seeker):
    digest = Digest.objects.create(recipient=seeker, window="x", message_id="<x@x>", next_attempt_at=timezone.now())

    listed = admin_client.get(reverse("admin:alerts_digest_changelist"))
    changed = admin_client.post(reverse("admin:alerts_digest_change", args=[digest.pk]), {"state": "sent"})

    assert (listed.status_code, changed.status_code, Digest.objects.get().state) == (200, 403, "ready")
