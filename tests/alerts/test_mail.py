"""What an alert's mail says, and what its headers promise."""

import re

import pytest
from django.utils import timezone

from alerts import tokens
from alerts.clicks import opening_url
from alerts.mail import compose
from alerts.models import Digest
from alerts.planning import plan_digests
from alerts.rhythm import Rhythm
from tests.alerts.conftest import find
from tests.factories import CompanyFactory, JobFactory


@pytest.fixture
def composed(keep):
    """The message of a digest of these jobs for an instant alert of the person."""

    def composed(owner, *jobs, words="python", **fields):
        alert = keep(owner, words=words, rhythm=Rhythm.INSTANT, **fields)
        find(alert, *jobs)
        plan_digests(timezone.now())
        digest = Digest.objects.claim(timezone.now())
        return compose(digest, timezone.now())

    return composed


def html_of(message) -> str:
    return message.alternatives[0].content


def test_the_subject_names_a_job_and_how_many_more(seeker, composed):
    acme = CompanyFactory(name="Acme")
    jobs = [
        JobFactory(title="Baker", company=acme, published_at=None),
        JobFactory(title="Cook"),
        JobFactory(title="Chef"),
    ]
    jobs[0].publish(by=None, at=timezone.now())

    message = composed(seeker, *jobs)

    assert message.subject == "Acme is hiring: Baker – and 2 more"


def test_a_single_job_has_no_more(seeker, composed):
    job = JobFactory(title="Baker", company=CompanyFactory(name="Acme"))

    assert composed(seeker, job).subject == "Acme is hiring: Baker"


def test_a_company_written_from_right_to_left_turns_nothing_else_of_the_subject(seeker, composed):
    job = JobFactory(title="Baker", company=CompanyFactory(name="شركة الخبز"))

    assert composed(seeker, job).subject == "\u2068شركة الخبز\u2069 is hiring: Baker"


def test_each_job_says_pay_place_who_may_apply_how_fresh_and_which_alert(seeker, composed):
    job = JobFactory(
        title="Baker",
        company=CompanyFactory(name="Acme"),
        pay_min=50_000_00,
        pay_max=60_000_00,
        pay_currency="EUR",
        pay_period="year",
    )

    message = composed(seeker, job, name="Bread")

    for part in (message.body, html_of(message)):
        for said in ("Baker", "Acme", "€50,000–60,000 a year", "Berlin, Germany", "You may apply from Germany."):
            assert said in part
        assert "Posted 1 hour ago\nFound by" in re.sub(r"<[^>]+>", "", part)
        assert "“Bread”" in part
        assert opening_url(Digest.objects.get().pk, job) in part


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Bread", "“Bread”"),
        ("“nurse”, Berlin", "“nurse”, Berlin"),
        ('"data engineer" or dba', '"data engineer" or dba'),
    ],
)
def test_an_alerts_name_is_in_quotes_once(name, said, seeker, composed):
    message = composed(seeker, JobFactory(), name=name)

    assert f"Found by {said}\n" in message.body


def test_ten_jobs_and_then_where_to_see_all(seeker, composed):
    message = composed(seeker, *JobFactory.create_batch(34))

    assert html_of(message).count('class="job"') == 10
    assert f"See all 34: {Digest.objects.get().jobs_url}\n" in message.body
    assert "All open jobs for “python”, 34 of them new: http://localhost:8000/jobs/?q=python" in message.body
    assert message.subject.endswith("– and 33 more")


def test_a_job_that_two_alerts_found_comes_once_with_both_names(subscriber, keep):
    job = JobFactory()
    for words in ("python", "rust"):
        find(keep(subscriber, words=words, rhythm=Rhythm.INSTANT), job)
    plan_digests(timezone.now())

    message = compose(Digest.objects.claim(timezone.now()), timezone.now())

    assert (html_of(message).count('class="job"'), "Found by “python”, and by “rust”\n" in message.body) == (1, True)
    assert message.extra_headers["List-Unsubscribe"] == f"<{tokens.Scope('person', subscriber.pk).url('unsubscribe')}>"


def test_the_headers(seeker, composed):
    message = composed(seeker, JobFactory())

    digest, alert = Digest.objects.get(), seeker.alerts.get()
    assert message.extra_headers == {
        "Message-ID": digest.message_id,
        "List-Unsubscribe": f"<{tokens.Scope('alert', alert.pk).url('unsubscribe')}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"<alert-{alert.pk}.alerts.localhost>",
        "Auto-Submitted": "auto-generated",
        "Feedback-ID": "instant:digest:alerts:localhost",
    }
    assert message.from_email.endswith("<jobs@example.org>")


@pytest.mark.parametrize(
    "title", ["\r\nBcc: v@x.test", "Baker\x0bCook", "Baker\x00", "Baker\u2028Cook", "=?utf-8?q?x?=", "Baker\x7f\t" * 20]
)
def test_nothing_in_a_title_becomes_a_header(seeker, composed, title):
    job = JobFactory(title="Baker")
    type(job).objects.filter(pk=job.pk).update(title=title.replace("\x00", ""))

    raw = composed(seeker, job).message().as_bytes()

    head = raw.partition(b"\n\n")[0]
    names = re.findall(rb"(?m)^([A-Za-z-]+):", head)
    assert b"Bcc" not in names
    assert names.count(b"Subject") == 1


def test_a_company_is_named_but_never_the_sender(seeker, composed):
    job = JobFactory(company=CompanyFactory(name="PayPal <service@paypal.com>"))

    message = composed(seeker, job)

    headers = message.message()
    assert headers["From"].endswith("<jobs@example.org>")
    assert "Reply-To" not in headers
    assert "PayPal &lt;service@paypal.com&gt;" in html_of(message)


def test_markup_in_an_advert_is_only_text(seeker, composed):
    job = JobFactory(title='<img src="https://evil.test/x">', company=CompanyFactory(name="<script>x</script>"))

    html = html_of(composed(seeker, job, name="<b>me</b>"))

    assert re.findall(r"<img|<script|<b>", html) == []


def test_every_link_stays_here_and_no_picture_tells_who_looked(seeker, composed):
    message = composed(seeker, *JobFactory.create_batch(3))

    links = re.findall(r'href="([^"]+)"', html_of(message))
    assert {link.split("/")[2] for link in links} == {"localhost:8000"}
    assert "<img" not in html_of(message)


@pytest.mark.django_db
def test_no_link_logs_anybody_in(seeker, composed, client):
    message = composed(seeker, *JobFactory.create_batch(3))

    for link in re.findall(r'href="([^"]+)"', html_of(message)):
        client.get(link.removeprefix("http://localhost:8000"), headers={"Sec-Fetch-Mode": "navigate"})

    assert "_auth_user_id" not in client.session


def test_the_largest_mail_is_under_thirty_kilobytes(subscriber, keep):
    jobs = JobFactory.create_batch(40, title="Facharzt für Kinder- und Jugendpsychiatrie " * 4)
    for n in range(10):
        alert = keep(subscriber, words="w" * 150 + str(n), name="n" * 155 + str(n), rhythm=Rhythm.INSTANT)
        find(alert, *jobs)
    plan_digests(timezone.now())

    message = compose(Digest.objects.claim(timezone.now()), timezone.now())

    assert len(html_of(message).encode()) < 30_000


def test_an_ordinary_mail_is_under_thirty_kilobytes(seeker, composed):
    message = composed(seeker, *JobFactory.create_batch(40))

    assert len(message.message().as_bytes()) < 30_000


def test_the_styles_are_in_the_tags_and_dark_mode_is_kept(seeker, composed):
    html = html_of(composed(seeker, JobFactory()))

    assert 'style="' in html
    assert "prefers-color-scheme: dark" in html


@pytest.mark.parametrize("jobs", [1, 10])
def test_composing_costs_the_same_queries(seeker, keep, jobs, django_assert_num_queries):
    find(keep(seeker, rhythm=Rhythm.INSTANT), *JobFactory.create_batch(jobs, regions=["europe"]))
    plan_digests(timezone.now())
    digest = Digest.objects.claim(timezone.now())

    with django_assert_num_queries(4):
        compose(digest, timezone.now())
