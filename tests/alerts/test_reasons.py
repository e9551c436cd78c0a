"""Why a job matched an alert or didn't, in words."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from alerts.matching import match_pending
from alerts.models import Alert, Digest, Search
from alerts.planning import plan_digests
from alerts.reasons import verdict_of
from jobs.models import Job
from jobs.search import JobSearch
from tests.factories import CompanyFactory, JobFactory

WHY = reverse("alerts:why")


@pytest.fixture
def kept(seeker):
    def kept(search: JobSearch, *, at=None, owner=seeker, rhythm="instant") -> Alert:
        return Alert.objects.keep(
            owner,
            search=Search.objects.keep(search),
            name=search.in_words(),
            rhythm=rhythm,
            hour=8,
            weekday=0,
            at=at or timezone.now() - timedelta(hours=2),
        )

    return kept


def conditions(alert, job) -> list[tuple[str, bool | None]]:
    return [(one.wanted, one.holds) for one in verdict_of(alert, job, timezone.now()).conditions]


def test_each_word_phrase_and_filter_is_judged_by_itself(kept):
    acme = CompanyFactory(name="Acme")
    job = JobFactory(
        title="Senior baker", company=acme, level="senior", pay_min=5_000_000, pay_currency="USD", pay_period="year"
    )
    alert = kept(
        JobSearch(
            keywords='baker "night shift" -senior',
            levels=("junior", "senior"),
            countries=("FR",),
            pay_min=40_000,
            companies_out=("acme",),
        )
    )

    assert conditions(alert, job) == [
        ("The word “baker”", True),
        ("The phrase “night shift”", False),
        ("Without the word “senior”", False),
        ("Level: Junior or Senior", True),
        ("Country: France", False),
        ("Company: not Acme", False),
        ("Pay: at least $40,000 a year", True),
    ]


def test_words_joined_by_or_are_one_condition(kept):
    alert = kept(JobSearch(keywords="baker or cook"))

    assert conditions(alert, JobFactory(title="Cook")) == [("The words: baker or cook", True)]


@pytest.mark.parametrize(
    "search",
    [
        JobSearch(keywords="-baker"),
        JobSearch(keywords="the baker"),
        JobSearch(pay_min=90_000),
        JobSearch(regions=("europe",), workplaces=("remote",)),
        JobSearch(companies_out=("crust",)),
        JobSearch(keywords='"night shift" or cook -chef'),
    ],
)
def test_the_verdict_is_that_of_the_search_page(kept, search):
    crust = CompanyFactory(name="Crust")
    jobs = [
        JobFactory(title="Baker", company=crust, regions=["europe"]),
        JobFactory(title="Cook", workplace="onsite", pay_min=9_500_000, pay_currency="USD", pay_period="year"),
        JobFactory(title="Chef cook on the night shift"),
    ]
    alert = kept(search)

    verdicts = {job.pk for job in jobs if verdict_of(alert, job, timezone.now()).fits}

    assert verdicts == set(Job.objects.matching(search).values_list("pk", flat=True))


def test_a_job_that_was_sent_says_when(kept):
    alert, job = kept(JobSearch(keywords="baker")), JobFactory(title="Baker")
    match_pending()
    plan_digests(timezone.now())

    history = verdict_of(alert, job, timezone.now()).history

    assert history == "It was found, and is in a message that is about to be sent."


@pytest.mark.parametrize(
    ("became", "history"),
    [
        (
            lambda digest, at: digest.put_aside("no template", at),
            "It was found, and is in a message that could not be written. Our staff know, and may try again.",
        ),
        (
            lambda digest, at: digest.postpone(451, "later", at),
            "It was found, and is in a message that could not be handed over yet. That is tried again for a day.",
        ),
        (
            lambda digest, at: digest.fail("not taken within a day", 451, "later", at),
            "It was found, and comes with the alert's next message if it is open then.",
        ),
    ],
    ids=["set aside", "postponed", "failed"],
)
def test_a_message_that_is_not_through_is_told_as_it_is(kept, became, history):
    alert, job, at = kept(JobSearch(keywords="baker")), JobFactory(title="Baker"), timezone.now()
    match_pending()
    plan_digests(at)
    became(Digest.objects.claim(at), at)

    assert verdict_of(alert, job, at).history == history


def test_what_is_owed_to_an_alert_that_was_paused_or_started_anew_is_not_promised(kept):
    alert, job, at = kept(JobSearch(keywords="baker")), JobFactory(title="Baker"), timezone.now()
    match_pending()
    plan_digests(at)
    Digest.objects.claim(at).fail("not taken within a day", 451, "later", at)

    alert.pause(at, by="person")
    paused = verdict_of(alert, job, at).history
    alert.activate(at + timedelta(days=2))
    started_anew = verdict_of(alert, job, at + timedelta(days=2)).history

    assert paused == "It was found. The alert is paused, so nothing of it is sent."
    assert "before the alert was changed or started again, so it is not sent." in started_anew


def test_a_job_older_than_the_alert_says_so(kept):
    job = JobFactory(title="Baker")
    match_pending()
    alert = kept(JobSearch(keywords="baker"), at=timezone.now() + timedelta(seconds=1))

    assert "before the alert began to look" in verdict_of(alert, job, timezone.now()).history


def test_a_job_that_was_changed_since_says_that_it_did_not_fit_then(kept):
    alert, job = kept(JobSearch(keywords="baker")), JobFactory(title="Cook")
    match_pending()
    job.title = "Baker"
    job.save()
    job.refresh_document()

    verdict = verdict_of(alert, job, timezone.now())

    assert (verdict.fits, "it didn't fit yet" in verdict.history) == (True, True)


def test_a_job_that_fitted_when_it_appeared_is_said_to_come(kept):
    alert, job = kept(JobSearch(keywords="baker")), JobFactory(title="Baker")
    match_pending()
    job.title = "Cook"
    job.save()
    job.refresh_document()

    verdict = verdict_of(alert, job, timezone.now())
    plan_digests(timezone.now())

    assert (verdict.fits, alert.items.count()) == (False, 1)
    assert verdict.history == (
        "It fitted when it appeared, and a job is compared once: it comes with the alert's next message."
    )


def test_a_closed_job_is_not_compared(kept):
    verdict = verdict_of(kept(JobSearch(keywords="baker")), JobFactory(title="Baker", closed=True), timezone.now())

    assert (verdict.fits, [one.holds for one in verdict.conditions]) == (None, [None])
    assert "isn't open any more" in verdict.history


def test_the_owner_pastes_the_address_of_a_job(seeker_client, kept):
    alert, job = kept(JobSearch(keywords="baker", levels=("junior",))), JobFactory(title="Baker")

    page = seeker_client.get(
        WHY, {"alert": alert.pk, "job": f"http://localhost:8000{job.get_absolute_url()}?x=1"}
    ).content.decode()

    assert "1 of 2 conditions isn’t met." in " ".join(page.split())
    assert "The job: <bdi>Senior</bdi>" in page


def test_from_a_job_all_ones_alerts_are_held_against_it(subscriber_client, subscriber, kept):
    job = JobFactory(title="Baker")
    for words in ("baker", "cook"):
        kept(JobSearch(keywords=words), owner=subscriber)

    page = subscriber_client.get(WHY, {"job": job.pk}).content.decode()

    assert ["<bdi>“baker”</bdi>: fits" in page, "<bdi>“cook”</bdi>: doesn’t fit" in page] == [True, True]


@pytest.mark.parametrize("named", ["", "x", "99999999999999999999999", "/jobs/0/", "\x00", "https://evil.test/jobs/5"])
def test_what_names_no_job_is_told_at_the_field(seeker_client, kept, named):
    kept(JobSearch(keywords="baker"))

    response = seeker_client.get(WHY, {"job": named})

    assert response.status_code == 200
    assert 'aria-invalid="true"' in response.content.decode()


def test_a_draft_is_not_given_away(seeker_client, kept):
    draft = JobFactory(title="Secret baker", published_at=None)

    assert "Secret" not in seeker_client.get(WHY, {"job": draft.pk}).content.decode()


def test_nobody_asks_about_somebody_elses_alert(stranger_client, kept):
    alert = kept(JobSearch(keywords="baker"))

    assert stranger_client.get(WHY, {"alert": alert.pk, "job": 1}).status_code == 404


def test_staff_see_the_same_in_the_admin(admin_client, kept):
    alert, job = kept(JobSearch(keywords="baker")), JobFactory(title="Baker")
    change, why = (reverse(f"admin:alerts_alert_{page}", args=[alert.pk]) for page in ("change", "why"))

    linked, page = admin_client.get(change), admin_client.get(why, {"job": job.pk})

    assert why in linked.content.decode()
    assert "It fits this alert" in page.content.decode()


@pytest.mark.parametrize("count", [3, 30])
def test_the_page_costs_the_same_queries_however_many_alerts(
    subscriber, subscriber_client, kept, count, django_assert_num_queries
):
    for n in range(count):
        kept(JobSearch(keywords=f"word{n}"), owner=subscriber)
    job = JobFactory()
    first = subscriber.alerts.first()

    with django_assert_num_queries(10):
        subscriber_client.get(WHY, {"alert": first.pk, "job": job.pk})
