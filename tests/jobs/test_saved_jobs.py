import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from jobs.models import Application, Job, JobMark
from tests.factories import JobFactory

pytestmark = pytest.mark.django_db


def save(client, job, **fields):
    return client.post(reverse("jobs:save", args=[job.pk]), fields)


def unsave(client, job, **fields):
    return client.post(reverse("jobs:unsave", args=[job.pk]), fields)


def saved_titles(client, **query):
    response = client.get(reverse("jobs:saved"), query)
    return [row.title for row in response.context["rows"]]


def test_a_seeker_saves_a_job_and_finds_it_on_the_list(seeker, seeker_client):
    job = JobFactory(title="Data engineer")

    response = save(seeker_client, job)

    assert response.url == job.get_absolute_url()
    assert JobMark.objects.get().user == seeker
    assert saved_titles(seeker_client) == ["Data engineer"]


def test_saving_twice_is_saving_once(seeker_client):
    job = JobFactory()

    save(seeker_client, job)
    save(seeker_client, job)

    assert JobMark.objects.count() == 1


def test_a_visitor_is_asked_to_log_in_and_comes_back_to_the_job(visitor_client):
    job = JobFactory()

    response = save(visitor_client, job)

    assert response.url == f"{reverse('account_login')}?next={job.get_absolute_url()}"
    assert JobMark.objects.count() == 0


def test_removing_is_undone_by_one_button(seeker_client):
    job = JobFactory(title="Data engineer")
    save(seeker_client, job)

    response = seeker_client.post(reverse("jobs:unsave", args=[job.pk]), {"next": reverse("jobs:saved")}, follow=True)

    page = response.content.decode()
    assert response.redirect_chain == [(reverse("jobs:saved"), 302)]
    assert f'action="{reverse("jobs:save", args=[job.pk])}"' in page
    assert "Undo</button>" in page
    assert response.context["rows"] == []


def test_a_title_with_markup_is_harmless_in_the_message(seeker_client):
    job = JobFactory(title="<img src=x onerror=alert(1)>")
    save(seeker_client, job)

    response = seeker_client.post(reverse("jobs:unsave", args=[job.pk]), follow=True)

    assert b"<img src=x" not in response.content


def test_nobody_is_led_off_the_site_after_saving(seeker_client):
    job = JobFactory()

    addresses = [
        save(seeker_client, job, next=evil).url for evil in ("https://evil.example/", "//evil.example", "javascript:x")
    ]

    assert addresses == [job.get_absolute_url()] * 3


def test_what_a_stranger_saved_is_not_mine_to_remove(seeker_client, stranger_client, stranger):
    job = JobFactory()
    save(stranger_client, job)

    assert unsave(seeker_client, job).url == job.get_absolute_url()
    assert JobMark.objects.get().user == stranger


def test_removing_what_another_tab_removed_says_so_on_the_list(seeker_client):
    job, other = JobFactory(title="Data engineer"), JobFactory(title="Nurse")
    save(seeker_client, job)
    save(seeker_client, other)
    back = reverse("jobs:saved")

    unsave(seeker_client, job, next=back)
    seeker_client.get(back)
    response = seeker_client.post(reverse("jobs:unsave", args=[job.pk]), {"next": back}, follow=True)

    page = response.content.decode()
    assert response.redirect_chain == [(back, 302)]
    assert "<bdi>Data engineer</bdi> was removed from your saved jobs already." in page
    assert f'action="{reverse("jobs:save", args=[job.pk])}"' in page
    assert [row.title for row in response.context["rows"]] == ["Nurse"]


def test_removing_a_draft_and_a_job_that_never_was_is_told_alike(seeker_client):
    draft = JobFactory(title="Secret", published_at=None)

    answers = [
        seeker_client.post(reverse("jobs:unsave", args=[pk]), follow=True) for pk in (draft.pk, draft.pk + 1, 10**18)
    ]

    assert [answer.redirect_chain for answer in answers] == [[(reverse("jobs:saved"), 302)]] * 3
    assert [[str(message) for message in answer.context["messages"]] for answer in answers] == [
        ["The job isn’t saved any more."]
    ] * 3


def test_a_closed_job_stays_on_the_list_and_says_so(seeker_client):
    job = JobFactory(title="Data engineer")
    save(seeker_client, job)
    job.close(by=None, at=timezone.now(), reason=Job.CloseReason.FILLED)

    response = seeker_client.get(reverse("jobs:saved"))

    assert [(row.title, row.is_open) for row in response.context["rows"]] == [("Data engineer", False)]
    assert b'<span class="badge badge--warning">Closed</span>' in response.content


def test_a_draft_can_not_be_saved(seeker_client):
    assert save(seeker_client, JobFactory(published_at=None)).status_code == 404


def test_the_list_is_paged_without_repeating_or_losing_any(seeker_client):
    jobs = JobFactory.create_batch(45)
    for job in jobs:
        save(seeker_client, job)

    seen, cursor = [], ""
    for _ in range(3):
        response = seeker_client.get(reverse("jobs:saved"), {"cursor": cursor} if cursor else {})
        seen += [row.pk for row in response.context["rows"]]
        assert ("Back to the first jobs" in response.content.decode()) is bool(cursor)
        cursor = response.context["page"].more

    assert seen == [job.pk for job in jobs[::-1]]
    assert cursor is None


def test_whoever_removes_the_last_job_of_a_later_page_comes_to_the_first(seeker, seeker_client):
    jobs = JobFactory.create_batch(21)
    mark_all(seeker, jobs)
    address = f"{reverse('jobs:saved')}?cursor={seeker_client.get(reverse('jobs:saved')).context['page'].more}"

    response = seeker_client.post(reverse("jobs:unsave", args=[jobs[0].pk]), {"next": address}, follow=True)

    assert [to for to, _ in response.redirect_chain] == [address, reverse("jobs:saved")]
    assert len(response.context["rows"]) == 20


@pytest.mark.parametrize("cursor", ["x", "-1", "0", "9" * 40, "1e3", "１", "\x00", "99999999"])
def test_a_cursor_that_is_not_mine_is_the_first_page(seeker_client, cursor):
    save(seeker_client, JobFactory(title="Data engineer"))

    assert saved_titles(seeker_client, cursor=cursor) == ["Data engineer"]


def test_the_list_needs_a_login_and_is_kept_by_no_cache(visitor_client, seeker_client):
    assert visitor_client.get(reverse("jobs:saved")).url == f"{reverse('account_login')}?next=/jobs/saved/"
    assert "no-store" in seeker_client.get(reverse("jobs:saved"))["Cache-Control"]


def test_the_list_asks_as_many_questions_with_three_as_with_thirty(seeker_client, seeker, django_assert_num_queries):
    mark_all(seeker, JobFactory.create_batch(3))
    seeker_client.get(reverse("jobs:saved"))
    with django_assert_num_queries(5):
        seeker_client.get(reverse("jobs:saved"))

    mark_all(seeker, JobFactory.create_batch(27))

    with django_assert_num_queries(5):
        seeker_client.get(reverse("jobs:saved"))


def mark_all(user, jobs):
    for job in jobs:
        JobMark.objects.keep(user=user, job=job, at=timezone.now())


def test_rows_say_what_their_reader_saved_and_applied_for(seeker, seeker_client):
    saved, applied, both, neither = JobFactory.create_batch(4)
    mark_all(seeker, [saved, both])
    for job in (applied, both):
        seeker_client.post(reverse("jobs:apply", args=[job.pk]))

    page = seeker_client.get(reverse("jobs:search")).content.decode()

    assert {job: badge_of(page, job) for job in (saved, applied, both, neither)} == {
        saved: "Saved",
        applied: "Applied",
        both: "Applied",
        neither: "New",
    }
    assert Application.objects.filter(user=seeker).count() == 2


def badge_of(page, job):
    row = page.split(f'data-job="{job.pk}"')[1].split("data-job=")[0]
    return strip_tags('<span class="' + row.split('<span class="badge')[1].split("</span>")[0]).strip()
