"""The list of where a person went on to apply, which is their own and no figure of the staff's."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from jobs.models import Application, ApplyClick, Job
from tests.factories import JobFactory

pytestmark = pytest.mark.django_db

LIST = "/jobs/applied/"


def apply(client, job):
    return client.post(reverse("jobs:apply", args=[job.pk]))


def remove(client, job, **fields):
    return client.post(reverse("jobs:remove_application", args=[job.pk]), fields)


def restore(client, job, **fields):
    return client.post(reverse("jobs:restore_application", args=[job.pk]), fields)


def titles(client, **query):
    return [row.title for row, _ in client.get(LIST, query).context["rows"]]


def note_all(user, jobs, at=None):
    for number, job in enumerate(jobs):
        Application.objects.note(user=user, job=job, at=(at or timezone.now()) + timedelta(minutes=number))


def test_pressing_apply_puts_the_job_on_top_of_ones_own_list_and_nobody_elses(seeker_client, stranger_client):
    first, second = JobFactory(title="Cook"), JobFactory(title="Baker", apply_email="jobs@acme.test")

    apply(seeker_client, first)
    apply(seeker_client, second)

    assert titles(seeker_client) == ["Baker", "Cook"]
    assert titles(stranger_client) == []


def test_going_on_to_apply_again_is_one_row_with_the_latest_time(seeker, seeker_client):
    first, second = JobFactory(title="Cook"), JobFactory(title="Baker")
    a_week_ago = timezone.now() - timedelta(days=7)
    note_all(seeker, [first, second], a_week_ago)

    apply(seeker_client, first)

    assert titles(seeker_client) == ["Cook", "Baker"]
    assert Application.objects.get(job=first).applied_at > a_week_ago + timedelta(days=6)


def test_a_row_says_title_company_place_and_the_day_where_the_reader_lives(seeker, seeker_client):
    job = JobFactory(title="Cook", company__name="Acme", location="Oslo, Norway")
    Application.objects.note(user=seeker, job=job, at=datetime(2026, 3, 1, 23, 30, tzinfo=UTC))
    type(seeker).objects.update(time_zone="Europe/Oslo")

    page = seeker_client.get(LIST).content.decode()

    for said in (f'href="{job.get_absolute_url()}"', "<bdi>Acme</bdi>", "Oslo, Norway", ">2 March 2026</time>"):
        assert said in page
    assert ">New<" not in page


def test_a_closed_job_stays_on_the_list_and_says_so(seeker_client):
    job = JobFactory(title="Cook")
    apply(seeker_client, job)
    job.close(by=None, at=timezone.now(), reason=Job.CloseReason.FILLED)

    response = seeker_client.get(LIST)

    assert [(row.title, row.is_open) for row, _ in response.context["rows"]] == [("Cook", False)]
    assert b'<span class="badge badge--warning">Closed</span>' in response.content


def test_removing_is_undone_by_one_button_and_the_row_stands_where_it_stood(seeker, seeker_client):
    jobs = [JobFactory(title=title) for title in ("Cook", "Baker", "Waiter")]
    note_all(seeker, jobs)
    application = Application.objects.get(job=jobs[1])

    response = seeker_client.post(reverse("jobs:remove_application", args=[jobs[1].pk]), {"next": LIST}, follow=True)
    undo = reverse("jobs:restore_application", args=[jobs[1].pk])

    page = response.content.decode()
    assert response.redirect_chain == [(LIST, 302)]
    assert f'action="{undo}"' in page
    assert "Undo</button>" in page
    assert [row.title for row, _ in response.context["rows"]] == ["Waiter", "Cook"]

    assert restore(seeker_client, jobs[1], next=LIST).url == LIST
    assert titles(seeker_client) == ["Waiter", "Baker", "Cook"]
    assert Application.objects.get(job=jobs[1]).applied_at == application.applied_at


def test_removing_takes_the_badges_too_and_leaves_the_staffs_figures(seeker_client):
    job = JobFactory()
    apply(seeker_client, job)
    pages = [job.get_absolute_url(), reverse("jobs:search")]
    assert [b"badge--success" in seeker_client.get(page).content for page in pages] == [True, True]

    remove(seeker_client, job)

    assert [b"badge--success" in seeker_client.get(page).content for page in pages] == [False, False]
    assert ApplyClick.objects.count() == 1


def test_a_second_press_of_either_button_changes_nothing_more(seeker_client):
    job = JobFactory(title="Cook")
    apply(seeker_client, job)

    removed = [remove(seeker_client, job).status_code for _ in range(2)]
    assert (removed, titles(seeker_client)) == ([302, 302], [])

    restored = [restore(seeker_client, job).status_code for _ in range(2)]
    assert (restored, titles(seeker_client)) == ([302, 302], ["Cook"])


def test_applying_again_brings_a_removed_job_back(seeker_client):
    job = JobFactory(title="Cook")
    apply(seeker_client, job)
    remove(seeker_client, job)

    apply(seeker_client, job)

    assert titles(seeker_client) == ["Cook"]


def test_what_a_stranger_applied_for_is_not_mine_to_remove_or_bring_back(seeker_client, stranger_client):
    job, removed = JobFactory(title="Cook"), JobFactory(title="Baker")
    for each in (job, removed):
        apply(stranger_client, each)
    remove(stranger_client, removed)

    assert remove(seeker_client, job).status_code == 404
    assert restore(seeker_client, removed).status_code == 404
    assert (titles(seeker_client), titles(stranger_client)) == ([], ["Cook"])


def test_nobody_is_led_off_the_site_after_removing(seeker_client):
    job = JobFactory()
    apply(seeker_client, job)

    for change in (remove, restore):
        assert {change(seeker_client, job, next=evil).url for evil in ("https://evil.example/", "//evil.example")} == {
            LIST
        }


def test_the_list_is_paged_without_repeating_or_losing_any(seeker, seeker_client):
    jobs = JobFactory.create_batch(45)
    at = timezone.now()
    # The first page ends among those of one time.
    for job in jobs[:30]:
        Application.objects.note(user=seeker, job=job, at=at)
    note_all(seeker, jobs[30:], at + timedelta(minutes=1))

    seen, cursor = [], ""
    for _ in range(3):
        response = seeker_client.get(LIST, {"cursor": cursor} if cursor else {})
        seen += [row.pk for row, _ in response.context["rows"]]
        assert ("Back to the latest" in response.content.decode()) is bool(cursor)
        cursor = response.context["page"].more

    assert seen == [job.pk for job in jobs[::-1]]
    assert cursor is None


def test_whoever_removes_the_last_row_of_a_later_page_comes_to_the_first(seeker, seeker_client):
    jobs = JobFactory.create_batch(21)
    note_all(seeker, jobs)
    address = f"{LIST}?cursor={seeker_client.get(LIST).context['page'].more}"

    response = seeker_client.post(reverse("jobs:remove_application", args=[jobs[0].pk]), {"next": address}, follow=True)

    assert [to for to, _ in response.redirect_chain] == [address, LIST]
    assert len(response.context["rows"]) == 20
    assert b"Undo</button>" in response.content


@pytest.mark.parametrize("cursor", ["x", "-1", "0", "9" * 40, "１", "\x00", "99999999"])
def test_a_cursor_that_is_not_mine_is_the_first_page(seeker_client, cursor):
    apply(seeker_client, JobFactory(title="Cook"))

    assert titles(seeker_client, cursor=cursor) == ["Cook"]


def test_the_list_needs_a_login_and_is_kept_by_no_cache(visitor_client, seeker_client):
    assert visitor_client.get(LIST).url == f"{reverse('account_login')}?next={LIST}"
    assert seeker_client.get(LIST)["Cache-Control"] == seeker_client.get(reverse("jobs:saved"))["Cache-Control"]
    assert "no-store" in seeker_client.get(LIST)["Cache-Control"]


def test_the_list_asks_as_many_questions_with_three_as_with_thirty(seeker, seeker_client, django_assert_num_queries):
    note_all(seeker, JobFactory.create_batch(3))
    seeker_client.get(LIST)
    with django_assert_num_queries(4):
        assert len(titles(seeker_client)) == 3

    note_all(seeker, JobFactory.create_batch(27))

    with django_assert_num_queries(4):
        assert len(titles(seeker_client)) == 20


def test_the_page_of_an_email_advert_names_the_list_to_those_who_have_one(visitor_client, seeker_client):
    job = JobFactory(apply_email="jobs@acme.test")

    pages = [apply(client, job).content.decode() for client in (visitor_client, seeker_client)]

    assert ["where you applied</a>" in page for page in pages] == [False, True]


def test_the_menu_and_the_badge_on_the_job_lead_to_the_list(seeker_client):
    job = JobFactory()
    link = f'href="{LIST}"'
    assert seeker_client.get(job.get_absolute_url()).content.decode().count(link) == 1

    apply(seeker_client, job)

    assert seeker_client.get(job.get_absolute_url()).content.decode().count(link) == 2
