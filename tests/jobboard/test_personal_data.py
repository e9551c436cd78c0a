import json

from django.utils import timezone

from accounts.deletion import delete_account
from accounts.personal_data import personal_data
from alerts.alert import Alert
from alerts.digests import Digest
from alerts.searches import Search
from careers.models import OwnSkill, Skill
from jobs.applications import Application
from jobs.marks import JobMark
from jobs.search import JobSearch
from tests.factories import JobFactory


def test_someones_data_holds_what_each_app_keeps_of_them_and_of_nobody_else(seeker, stranger):
    job, now = JobFactory(title="Gardener", company__name="Green"), timezone.now()
    search = Search.objects.keep(JobSearch(keywords="gardener"))
    skill = Skill.objects.create(name="pruning", kind="technical")
    OwnSkill.objects.keep(seeker, [skill], at=now)
    for person in (seeker, stranger):
        JobMark.objects.create(user=person, job=job)
        Application.objects.note(user=person, job=job, at=now)
        Alert.objects.keep(person, search=search, name=f"For {person.name}", rhythm="daily", hour=8, weekday=0, at=now)

    data = json.loads(json.dumps(personal_data(seeker), default=str))

    assert sorted(data) == [
        "account",
        "alert_devices",
        "alert_jobs_opened",
        "alert_mail_stopped",
        "alert_mails",
        "alert_requests",
        "alerts",
        "applications_opened",
        "checkouts",
        "complimentary_plus",
        "own_skills",
        "payments",
        "plan_changes",
        "saved_jobs",
        "subscriptions",
    ]
    assert [(saved["title"], saved["company"]) for saved in data["saved_jobs"]] == [("Gardener", "Green")]
    assert data["applications_opened"] == [
        {"title": "Gardener", "company": "Green", "applied_at": str(now), "removed_at": None}
    ]
    assert [own["name"] for own in data["own_skills"]] == ["pruning"]
    assert [(alert["name"], alert["search"]) for alert in data["alerts"]] == [("For Sina Seeker", "q=gardener")]
    assert "Stan" not in str(data)


def test_where_mails_went_is_told_and_forgotten_with_the_account(seeker, stranger):
    for person in (seeker, stranger):
        facts = {"window": "2026-11-23T08", "message_id": f"<{person.pk}@localhost>", "sent_to": f"old-{person.email}"}
        Digest.objects.create(recipient=person, next_attempt_at=timezone.now(), **facts)

    told = [mail["to"] for mail in personal_data(seeker)["alert_mails"]]
    delete_account(seeker)

    assert told == ["old-seeker@example.com"]
    assert list(Digest.objects.order_by("pk").values_list("sent_to", flat=True)) == ["", f"old-{stranger.email}"]
