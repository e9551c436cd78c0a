"""A person's own alerts, through the pages."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from alerts import records, stopping, tokens
from alerts.alert import MOST_KEPT_ALERTS
from alerts.models import Alert, Digest, DigestItem, Suppression
from alerts.planning import plan_digests, wake_instant_alerts
from alerts.records import records_of
from alerts.searches import Search
from jobs.search import JobSearch
from tests.alerts.conftest import find
from tests.factories import CompanyFactory, JobFactory

NEW = reverse("alerts:new")
LIST = reverse("alerts:list")
TIMING = {"rhythm": "daily", "hour": "8", "weekday": "0"}


def kept(query: str) -> Search:
    from django.http import QueryDict

    return Search.objects.keep(JobSearch.from_query(QueryDict(query)))


def text(response) -> str:
    return response.content.decode()


@pytest.mark.parametrize("client_name", ["visitor_client", "seeker_client"])
def test_the_preview_says_how_many_would_have_matched_and_shows_three(client_name, db, request):
    for n in range(5):
        JobFactory(title=f"Python developer {n}", published_at=timezone.now() - timedelta(days=n + 1))
    JobFactory(title="Python developer of old", published_at=timezone.now() - timedelta(days=40))

    page = text(request.getfixturevalue(client_name).get(f"{NEW}?q=python"))

    assert "<b>5</b> open jobs of the last 30 days fit, about <b>1</b> a week" in page
    assert [n for n in range(5) if f"Python developer {n}" in page] == [0, 1, 2]


def test_a_narrow_search_is_told_so_with_what_to_drop(visitor_client, db):
    JobFactory.create_batch(3, title="Python developer", level="senior")
    JobFactory.create_batch(4, title="Python developer", level="junior")

    page = text(visitor_client.get(f"{NEW}?q=python&level=senior"))

    assert "This is narrow" in page
    assert "Without Senior: 7 in 30 days" in page
    assert f'href="{NEW}?q=python"' in page


def test_a_narrow_search_is_not_told_to_take_a_company_back_in(visitor_client, db):
    crust = CompanyFactory(name="Crust")
    JobFactory.create_batch(4, title="Python developer", company=crust)
    JobFactory.create_batch(2, title="Python developer", level="junior")
    JobFactory(title="Python developer", level="senior")

    page = text(visitor_client.get(f"{NEW}?q=python&level=junior&not_company={crust.slug}"))

    assert re.findall(r"With[^<]* in 30 days", page) == ["Without Junior: 3 in 30 days"]


def test_a_broad_search_is_told_so_with_what_to_add(visitor_client, db, monkeypatch):
    monkeypatch.setattr("alerts.previews.MANY_A_WEEK", 1)
    JobFactory.create_batch(5, title="Python developer", level="senior")
    JobFactory.create_batch(3, title="Python developer", level="junior")

    page = text(visitor_client.get(f"{NEW}?q=python"))

    assert "This is broad" in page
    assert "Only Senior: 5 in 30 days" in page


def test_an_alert_is_made_of_a_search_in_one_step(seeker, seeker_client):
    response = seeker_client.post(NEW, {"q": "python", "level": ["senior", ""], "sort": "pay", **TIMING})

    alert = seeker.alerts.get()
    assert (response.status_code, response.url) == (302, LIST)
    assert (alert.search.query_string, alert.name) == ("q=python&level=senior", "“python”, Senior")
    assert (alert.is_active, alert.rhythm, alert.hour) == (True, "daily", 8)


@pytest.mark.parametrize("query", ["", "q=", "posted=7", "sort=pay", "region=&category="])
def test_an_alert_for_every_job_is_refused_with_a_clear_sentence(query, seeker, seeker_client):
    response = seeker_client.post(f"{NEW}", dict(pair.split("=") for pair in query.split("&") if pair) | TIMING)

    assert response.status_code == 200
    assert "an alert for every job would fill your mailbox" in text(response)
    assert seeker.alerts.count() == 0


def test_an_alert_that_only_leaves_jobs_out_is_refused_while_the_search_page_finds_the_others(seeker, seeker_client):
    JobFactory(title="Baker")
    JobFactory(title="Diver")

    refused = text(seeker_client.post(NEW, {"q": "-diver", **TIMING}))
    preview = text(seeker_client.get(reverse("alerts:preview"), {"q": "-diver"}))
    found = seeker_client.get("/jobs/", {"q": "-diver"})

    assert "This only leaves jobs out. Say what you look for, too" in refused
    assert ('value="-diver"' in refused, seeker.alerts.count()) == (True, 0)
    assert "Add a word, a place or a category" in preview
    assert [job.title for job in found.context["page"].jobs] == ["Baker"]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("pay", "1234.567", "Enter a whole amount, such as 60000 or 60k."),
        ("pay", "a lot", "Enter a whole amount, such as 60000 or 60k."),
        ("rhythm", "hourly", "Select a valid choice"),
        ("hour", "25", "Select a valid choice"),
        ("hour", "", "This field is required"),
        ("weekday", "x", "Select a valid choice"),
    ],
)
def test_a_bad_value_is_told_at_its_field_and_what_was_typed_stays(field, value, said, seeker, seeker_client):
    response = seeker_client.post(NEW, {"q": "python", **TIMING, field: value})

    page = text(response)
    assert (response.status_code, seeker.alerts.count()) == (200, 0)
    assert said in page
    assert 'value="python"' in page


def test_the_same_search_twice_leads_to_the_alert_that_is_there(subscriber, subscriber_client):
    subscriber_client.post(NEW, {"q": "python", **TIMING})

    response = subscriber_client.post(NEW, {"q": "Python ", "sort": "pay", **TIMING})

    assert (response.url, subscriber.alerts.count()) == (subscriber.alerts.get().get_absolute_url(), 1)


def test_at_the_cap_the_alert_is_kept_and_the_page_offers_to_pause_one_or_plus(seeker, seeker_client):
    seeker_client.post(NEW, {"q": "python", **TIMING})

    response = seeker_client.post(NEW, {"q": "rust", **TIMING}, follow=True)

    waiting = seeker.alerts.get(search__query_string="q=rust")
    page = text(response)
    assert (response.redirect_chain[-1][0], waiting.is_waiting) == (reverse("alerts:place", args=[waiting.pk]), True)
    assert "On your plan one alert can run at a time" in page
    assert reverse("alerts:swap", args=[waiting.pk, seeker.alerts.active().get().pk]) in page
    assert reverse("subscriptions:plans") in page


def test_one_press_pauses_another_and_starts_the_new_one(seeker, seeker_client, keep):
    first, second = keep(seeker, words="python"), keep(seeker, words="rust")

    seeker_client.post(reverse("alerts:swap", args=[second.pk, first.pk]))

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.is_active, second.is_active) == (False, True)


def test_pause_and_resume(seeker, seeker_client, keep):
    alert = keep(seeker)

    seeker_client.post(reverse("alerts:pause", args=[alert.pk]))
    alert.refresh_from_db()
    paused = alert.is_active, alert.paused_by
    seeker_client.post(reverse("alerts:resume", args=[alert.pk]))

    alert.refresh_from_db()
    assert (paused, alert.is_active) == ((False, "person"), True)


def test_resuming_at_the_cap_leads_to_the_page_of_places(seeker, seeker_client, keep):
    keep(seeker, words="python")
    second = keep(seeker, words="rust")

    response = seeker_client.post(reverse("alerts:resume", args=[second.pk]))

    assert response.url == reverse("alerts:place", args=[second.pk])


def test_what_staff_paused_the_person_cannot_resume(seeker, seeker_client, keep):
    alert = keep(seeker)
    alert.pause(timezone.now(), by=Alert.PausedBy.STAFF)

    page = text(seeker_client.post(reverse("alerts:resume", args=[alert.pk]), follow=True))

    alert.refresh_from_db()
    assert alert.is_active is False
    assert "Our staff have stopped this alert" in page


def test_the_card_of_what_staff_stopped_says_whom_to_write_to_and_offers_no_resuming(seeker, seeker_client, keep):
    alert = keep(seeker)
    alert.pause(timezone.now(), by=Alert.PausedBy.STAFF)

    page = text(seeker_client.get(LIST))

    assert "Stopped by our staff" in page
    assert f'please write to <a href="mailto:{settings.SITE_CONTACT}">{settings.SITE_CONTACT}</a>' in page
    assert reverse("alerts:resume", args=[alert.pk]) not in page


def test_what_staff_paused_the_person_cannot_start_in_the_place_of_another(seeker, seeker_client, keep):
    held = keep(seeker, words="python")
    held.pause(timezone.now(), by=Alert.PausedBy.STAFF)
    running = keep(seeker, words="rust")

    place = seeker_client.get(reverse("alerts:place", args=[held.pk]))
    page = text(seeker_client.post(reverse("alerts:swap", args=[held.pk, running.pk]), follow=True))

    held.refresh_from_db()
    running.refresh_from_db()
    assert (place.url, held.is_active, running.is_active) == (LIST, False, True)
    assert "Our staff have stopped this alert" in page


def test_a_place_that_is_free_again_is_offered_and_nothing_is_paused_for_it(seeker, seeker_client, keep):
    first, second = keep(seeker, words="python"), keep(seeker, words="rust")
    waiting = text(seeker_client.get(LIST))
    seeker_client.post(reverse("alerts:delete", args=[first.pk]))

    page = text(seeker_client.get(LIST))
    staying = text(seeker_client.get(reverse("alerts:staying")))
    place = text(seeker_client.get(reverse("alerts:place", args=[second.pk])))

    assert ("Waiting for a place" in waiting, "Choose which one runs" in waiting) == (True, True)
    assert ("Paused: a place is free" in page, "Choose which one runs" in page) == (True, False)
    assert "is paused, and a place is free for it." in staying
    assert ("A place is free for the alert" in place, "waits for a place" in place) == (True, False)


def test_a_swap_takes_a_free_place_first(subscriber, subscriber_client, keep):
    first, second = keep(subscriber, words="python"), keep(subscriber, words="rust")
    second.pause(timezone.now(), by=Alert.PausedBy.PERSON)

    page = text(subscriber_client.post(reverse("alerts:swap", args=[second.pk, first.pk]), follow=True))

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.is_active, second.is_active, "rust runs; python runs, too." in page) == (True, True, True)


def test_delete_and_undo_without_scripts(seeker, seeker_client, keep):
    alert = keep(seeker)

    page = text(seeker_client.post(reverse("alerts:delete", args=[alert.pk]), follow=True))
    alert.refresh_from_db()
    deleted_at = alert.deleted_at
    seeker_client.post(reverse("alerts:undo", args=[alert.pk]))

    alert.refresh_from_db()
    assert reverse("alerts:undo", args=[alert.pk]) in page
    assert (deleted_at is not None, alert.deleted_at, alert.is_active) == (True, None, True)


def test_an_edit_shows_what_is_kept_and_keeps_the_change(seeker, seeker_client):
    seeker_client.post(NEW, {"q": "python", "level": "senior", **TIMING})
    alert = seeker.alerts.get()

    page = text(seeker_client.get(alert.get_absolute_url()))
    seeker_client.post(
        alert.get_absolute_url(), {"q": "rust", "name": "My rust", "rhythm": "weekly", "hour": "18", "weekday": "4"}
    )

    alert.refresh_from_db()
    assert 'value="senior" checked' in page
    assert (alert.search.query_string, alert.name, alert.rhythm, alert.hour, alert.weekday) == (
        "q=rust",
        "My rust",
        "weekly",
        18,
        4,
    )


def test_an_edit_to_a_search_that_is_kept_already_is_refused(subscriber, subscriber_client):
    for words in ("python", "rust"):
        subscriber_client.post(NEW, {"q": words, **TIMING})
    alert = subscriber.alerts.get(search__query_string="q=rust")

    page = text(subscriber_client.post(alert.get_absolute_url(), {"q": "python", **TIMING}))

    alert.refresh_from_db()
    assert "You keep an alert for exactly this already: “python”." in page
    assert alert.search.query_string == "q=rust"


def test_the_preview_button_changes_nothing_and_keeps_what_was_typed(seeker, seeker_client):
    seeker_client.post(NEW, {"q": "python", **TIMING})
    alert = seeker.alerts.get()

    edited = seeker_client.post(reverse("alerts:edit_preview", args=[alert.pk]), {"q": "rust", **TIMING, "hour": "3"})
    made = seeker_client.post(reverse("alerts:preview"), {"q": "go", **TIMING})

    alert.refresh_from_db()
    assert (alert.search.query_string, seeker.alerts.count()) == ("q=python", 1)
    assert 'value="rust"' in text(edited)
    assert '<option value="3" selected>' in text(edited)
    assert 'value="go"' in text(made)


def test_the_preview_alone_is_a_piece_of_the_page(visitor_client, db):
    JobFactory(title="Python developer")

    page = text(visitor_client.get(reverse("alerts:preview"), {"q": "python", "for": "7"}))

    assert page.lstrip().startswith('<section id="preview"')
    assert "<b>1</b> open job of the last 30 days fits" in page


def test_the_list_says_when_the_next_mail_comes_in_the_persons_own_time(seeker, seeker_client, keep):
    seeker.time_zone = "Asia/Tokyo"
    seeker.save()
    alert = keep(seeker, hour=7)

    page = text(seeker_client.get(LIST))

    local = alert.next_due_at.astimezone(seeker.zone)
    assert f"{local:%a} {local.day} {local:%b}, 7:00, if there is a job" in page


def test_a_card_tells_what_the_alert_has_brought(seeker, seeker_client, keep):
    alert, at = keep(seeker), timezone.now()
    digest = Digest.objects.create(
        recipient=seeker, window="x", message_id="<x@x>", state="sent", sent_at=at, next_attempt_at=at
    )
    jobs = JobFactory.create_batch(3)
    for job in jobs[:2]:
        DigestItem.objects.create(alert=alert, job=job, digest=digest)
    DigestItem.objects.create(alert=alert, job=jobs[2])

    page = text(seeker_client.get(LIST))

    assert "3 found, 2 sent" in page
    assert "2 jobs on" in page


def test_what_a_search_matched_is_found_before_the_next_mail(subscriber, subscriber_client, keep):
    at = timezone.now()
    alert, other = (keep(subscriber, words=words, rhythm="weekly", at=at - timedelta(days=2)) for words in ("a", "b"))
    planned, waiting, early, closed = JobFactory(), JobFactory(), JobFactory(), JobFactory(closed=True)
    find(alert, planned, waiting, closed, at=at - timedelta(hours=1))
    find(alert, early, at=at - timedelta(days=3))
    DigestItem.objects.create(alert=alert, job=planned)
    find(other, waiting, at=at - timedelta(hours=1))

    found = {one.name: records_of([one], at)[one.pk].found for one in (alert, other)}
    page = text(subscriber_client.get(LIST))

    assert found == {"a": 2, "b": 1}
    assert ("2 found, 0 sent" in page, "1 found, 0 sent" in page) == (True, True)


def test_counting_what_was_found_ends_where_it_would_take_long(seeker, seeker_client, keep, monkeypatch):
    monkeypatch.setattr(records, "MOST_COUNTED", 2)
    at = timezone.now()
    alert = keep(seeker, at=at - timedelta(days=1))
    find(alert, *JobFactory.create_batch(3), at=at)

    assert "more than 2 found, 0 sent" in text(seeker_client.get(LIST))


def test_a_paused_alert_finds_nothing_more(seeker, keep):
    alert = keep(seeker, at=timezone.now() - timedelta(days=1))
    find(alert, JobFactory())
    alert.pause(timezone.now(), by="person")

    assert records_of([alert], timezone.now())[alert.pk].found == 0


@pytest.mark.parametrize("alerts", [3, 30])
def test_the_list_costs_the_same_queries_however_long(
    alerts, subscriber, subscriber_client, keep, django_assert_num_queries
):
    for n in range(alerts):
        keep(subscriber, words=f"word{n}")
    subscriber_client.get(LIST)

    with django_assert_num_queries(10):
        page = text(subscriber_client.get(LIST))

    assert page.count('id="alert-') == alerts


def test_mail_that_was_stopped_can_be_allowed_again(seeker, seeker_client):
    Suppression.objects.add(seeker.email, reason="unsubscribed", at=timezone.now())

    page = text(seeker_client.get(LIST))
    seeker_client.post(reverse("alerts:resume_mail"))

    assert reverse("alerts:resume_mail") in page
    assert Suppression.objects.stops(seeker.email) is False


STOPPED = "so none is sent to you"


def stopped_all(person, at=None):
    stopping.stop_all(tokens.Scope(tokens.PERSON, person.pk), at or timezone.now())


def test_resuming_one_alert_after_stopping_all_lets_its_mail_flow_again(subscriber, subscriber_client, keep):
    alert, other = keep(subscriber, words="python"), keep(subscriber, words="rust")
    stopped_all(subscriber)

    before = text(subscriber_client.get(LIST))
    after = text(subscriber_client.post(reverse("alerts:resume", args=[alert.pk]), follow=True))

    other.refresh_from_db()
    assert (STOPPED in before, STOPPED in after) == (True, False)
    assert "The alert runs again. You get its mails again; alerts that are paused stay paused." in after
    assert (Suppression.objects.stops(subscriber.email), other.is_active) == (False, False)


def test_keeping_an_alert_after_stopping_all_lets_its_mail_flow_again(seeker, seeker_client):
    stopped_all(seeker)

    page = text(seeker_client.post(NEW, {"q": "python", **TIMING}, follow=True))

    assert "The alert is kept and runs. You get its mails again" in page
    assert (Suppression.objects.stops(seeker.email), STOPPED in page) == (False, False)


def test_bringing_an_alert_back_after_stopping_all_lets_its_mail_flow_again(seeker, seeker_client, keep):
    alert = keep(seeker)
    alert.discard(timezone.now())
    stopped_all(seeker)

    page = text(seeker_client.post(reverse("alerts:undo", args=[alert.pk]), follow=True))

    assert "The alert is back and runs. You get its mails again" in page
    assert Suppression.objects.stops(seeker.email) is False


def test_bringing_a_paused_alert_back_leaves_mail_stopped(seeker, seeker_client, keep):
    alert = keep(seeker)
    stopped_all(seeker)
    alert.refresh_from_db()
    alert.discard(timezone.now())

    page = text(seeker_client.post(reverse("alerts:undo", args=[alert.pk]), follow=True))

    assert "The alert is back, paused as it was." in page
    assert (Suppression.objects.stops(seeker.email), STOPPED in page) == (True, True)


def test_an_alert_resumed_for_an_address_that_bounces_is_told_to_run_without_mail(seeker, seeker_client, keep):
    alert = keep(seeker)
    alert.pause(timezone.now(), by="person")
    Suppression.objects.add(seeker.email, reason="bounced", at=timezone.now())

    page = text(seeker_client.post(reverse("alerts:resume", args=[alert.pk]), follow=True))

    assert f"The alert runs again. But no alert can be mailed to {seeker.email}: below it says why." in page
    assert "Runs without mail" in page
    assert "None: above it says why" in page
    assert Suppression.objects.stops(seeker.email) is True


def test_a_bounced_address_cannot_be_allowed_by_the_person(seeker, seeker_client):
    Suppression.objects.add(seeker.email, reason="bounced", at=timezone.now())

    page = text(seeker_client.get(LIST))
    seeker_client.post(reverse("alerts:resume_mail"))

    assert "We can’t mail alerts" in page
    assert Suppression.objects.stops(seeker.email) is True


def test_a_deletion_can_be_undone_up_to_as_many_alerts_as_one_person_may_keep(seeker, seeker_client, keep):
    first, *_ = (keep(seeker, words=f"word{n}") for n in range(MOST_KEPT_ALERTS))
    undo = reverse("alerts:undo", args=[first.pk])

    first.discard(timezone.now())
    seeker_client.post(undo)
    at_the_most = seeker.alerts.kept().count()
    first.discard(timezone.now())
    keep(seeker, words="another")
    page = text(seeker_client.post(undo, follow=True))

    assert (at_the_most, seeker.alerts.kept().count()) == (MOST_KEPT_ALERTS, MOST_KEPT_ALERTS)
    assert f"You keep {MOST_KEPT_ALERTS} alerts, the most we can hold. Delete one to undo this." in page
    assert seeker.alerts.recently_deleted(timezone.now()).get() == first


def test_deleting_twice_says_so_and_can_be_undone(seeker, seeker_client, keep):
    alert = keep(seeker, name="My python")
    alert.discard(timezone.now() - timedelta(days=29))
    deleted_at = alert.deleted_at

    answer = seeker_client.post(reverse("alerts:delete", args=[alert.pk]), follow=True)

    alert.refresh_from_db()
    said = [str(message) for message in answer.context["messages"]]
    assert (answer.redirect_chain, alert.deleted_at) == ([(LIST, 302)], deleted_at)
    assert "The alert <bdi>My python</bdi> is deleted already." in said[0]
    assert f'action="{reverse("alerts:undo", args=[alert.pk])}"' in said[0]


def test_what_can_no_longer_be_undone_is_not_deleted_twice(seeker, seeker_client, keep):
    alert = keep(seeker)
    alert.discard(timezone.now() - timedelta(days=31))

    assert seeker_client.post(reverse("alerts:delete", args=[alert.pk])).status_code == 404


def test_a_stranger_is_not_told_that_an_alert_was_deleted(seeker, stranger_client, keep):
    alert = keep(seeker)
    alert.discard(timezone.now())

    assert stranger_client.post(reverse("alerts:delete", args=[alert.pk])).status_code == 404


OF_ONE_ALERT = ["edit", "edit_preview", "pause", "resume", "test", "delete", "place", "draw_feed", "end_feed", "why"]


@pytest.mark.parametrize("name", OF_ONE_ALERT)
def test_in_an_old_tab_a_deleted_alert_is_told_to_be_deleted_and_offered_back(name, seeker, seeker_client, keep):
    alert = keep(seeker, name="My python")
    alert.discard(timezone.now())
    before = Alert.objects.values().get()

    press = seeker_client.get if name in ("edit", "place", "why") else seeker_client.post
    address = (
        f"{reverse('alerts:why')}?alert={alert.pk}" if name == "why" else reverse(f"alerts:{name}", args=[alert.pk])
    )
    answer = press(address, follow=True)

    said = [str(message) for message in answer.context["messages"]]
    assert (answer.redirect_chain, Alert.objects.values().get()) == ([(LIST, 302)], before)
    assert "The alert <bdi>My python</bdi> is deleted already." in said[0]
    assert f'action="{reverse("alerts:undo", args=[alert.pk])}"' in said[0]


def test_the_place_of_an_alert_that_was_deleted_meanwhile_is_taken(seeker, seeker_client, keep):
    other, alert = keep(seeker, words="python"), keep(seeker, words="rust")
    other.discard(timezone.now())

    page = text(seeker_client.post(reverse("alerts:swap", args=[alert.pk, other.pk]), follow=True))

    alert.refresh_from_db()
    assert alert.is_active
    assert "rust runs; python is deleted." in page


STRANGERS = ["edit", "edit_preview", "pause", "resume", "delete", "undo", "place"]


@pytest.mark.parametrize("name", STRANGERS)
def test_a_stranger_cannot_touch_an_alert(name, seeker, stranger_client, keep):
    alert = keep(seeker)
    before = Alert.objects.filter(pk=alert.pk).values().get()
    url = reverse(f"alerts:{name}", args=[alert.pk])

    answers = {stranger_client.get(url).status_code, stranger_client.post(url, {"q": "x", **TIMING}).status_code}

    assert answers <= {404, 405}
    assert Alert.objects.filter(pk=alert.pk).values().get() == before


def test_a_stranger_cannot_swap(seeker, stranger, stranger_client, keep):
    mine, theirs = keep(seeker), keep(stranger, words="rust")

    first = stranger_client.post(reverse("alerts:swap", args=[theirs.pk, mine.pk]))
    second = stranger_client.post(reverse("alerts:swap", args=[mine.pk, theirs.pk]))

    mine.refresh_from_db()
    assert (first.status_code, second.status_code, mine.is_active) == (404, 404, True)


@pytest.mark.parametrize("name", ["pause", "resume", "delete", "undo"])
def test_nothing_changes_by_get(name, seeker, seeker_client, keep):
    alert = keep(seeker)

    response = seeker_client.get(reverse(f"alerts:{name}", args=[alert.pk]))

    assert response.status_code == 405


def test_a_visitor_sees_what_alerts_are(visitor_client, db):
    page = text(visitor_client.get(LIST))

    assert "Job alerts" in page
    assert NEW in page


def test_an_alert_of_a_company_page_keeps_the_company(seeker, seeker_client):
    job = JobFactory()

    page = text(seeker_client.get(NEW, {"company": job.company.slug}))
    seeker_client.post(NEW, {"company": job.company.slug, **TIMING})

    assert job.company.name in page
    assert seeker.alerts.get().search.query_string == f"company={job.company.slug}"


@pytest.mark.parametrize("client_name", ["visitor_client", "seeker_client"])
def test_a_word_that_is_too_common_is_told_so_and_kept_in_the_form(client_name, db, request):
    client = request.getfixturevalue(client_name)

    page = text(client.post(NEW, {"q": "other", "email": "someone@example.org", **TIMING}))

    assert "“other” is too common a word to look for. Add a job title or a skill, or choose a place" in page
    assert 'name="q" value="other"' in page
    assert "would fill your mailbox" not in page
    assert Alert.objects.count() == 0


def test_the_preview_says_that_a_word_is_too_common(visitor_client, db):
    page = text(visitor_client.get(reverse("alerts:preview"), {"q": "the"}))

    assert "“the” is too common a word to look for." in page


@pytest.mark.parametrize("can_get_plus", [True, False])
def test_at_the_cap_the_first_thing_to_do_is_to_pause_the_other(seeker, seeker_client, keep, settings, can_get_plus):
    settings.DEVELOPMENT = can_get_plus
    keep(seeker, words="python")
    waiting = keep(seeker, words="rust")

    page = text(seeker_client.get(reverse("alerts:place", args=[waiting.pk])))

    main = page.split("<main")[1].split("</main>")[0]
    assert re.findall(r'class="button">.*?<span>(.*?)</span></button>', main) == ["Pause <bdi>python</bdi> for it"]
    assert ("It can’t be bought on this site yet." in main) is not can_get_plus
    assert ("button--secondary" in main) is can_get_plus


def test_an_instant_alert_whose_jobs_were_all_sent_waits_for_new_ones(seeker_client, seeker, keep):
    find(keep(seeker, rhythm="instant"), JobFactory())
    plan_digests(timezone.now())

    woken = wake_instant_alerts(timezone.now())

    assert woken == 0
    assert "When a job appears, at most once an hour" in text(seeker_client.get(LIST))


def test_an_instant_alert_that_gathers_says_when_its_jobs_come(seeker_client, seeker, keep):
    find(keep(seeker, rhythm="instant"), JobFactory())
    Alert.objects.update(next_due_at=None)

    waiting_for_jobs = text(seeker_client.get(LIST))
    wake_instant_alerts(timezone.now())
    gathering = text(seeker_client.get(LIST))

    at = Alert.objects.get().next_due_at.astimezone(seeker.zone)
    assert "When a job appears, at most once an hour" in waiting_for_jobs
    assert f"<dd>{at.hour}:{at:%M}, if a job is waiting</dd>" in gathering
    assert "1 found, 0 sent" in gathering


def test_what_staff_stopped_stays_stopped_though_it_is_deleted_and_kept_anew(seeker, seeker_client, keep):
    held = keep(seeker, search=kept("q=python"))
    held.pause(timezone.now(), by=Alert.PausedBy.STAFF)
    seeker_client.post(reverse("alerts:delete", args=[held.pk]))

    page = text(seeker_client.post(NEW, {"q": "python"} | TIMING, follow=True))

    assert [(alert.paused_by, alert.is_active) for alert in Alert.objects.kept()] == [("staff", False)]
    assert "Our staff have stopped this alert. Please write to us to start it again." in page
    assert "The alert is kept and runs" not in page


@pytest.mark.parametrize("page", ["unsubscribe", "stop", "unsubscribe_all"])
def test_a_link_that_was_cut_off_tells_how_to_stop_all_the_same(visitor_client, seeker, keep, page):
    address = tokens.Scope("alert", keep(seeker).pk).url(page)
    cut_off = address.removesuffix("/stop/").removesuffix("/all/").rstrip("/")[:-3] + "/"

    answer = visitor_client.get(cut_off)

    assert (answer.status_code, answer["Referrer-Policy"]) == (404, "no-referrer")
    assert "This link is broken" in text(answer)
    assert f'href="{LIST}"' in text(answer)
