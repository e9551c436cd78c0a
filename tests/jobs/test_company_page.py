import pytest
from django.utils import timezone

from jobs.models import Job
from tests.factories import CompanyFactory, JobFactory

pytestmark = pytest.mark.django_db


def test_a_company_shows_its_facts_and_its_open_jobs(visitor_client):
    company = CompanyFactory(name="Acme", website="https://jobs.acme.test/about", size="51 to 200", founded_year=1999)
    JobFactory(company=company, title="Data engineer")
    JobFactory(company=company, title="Gone", closed=True)
    JobFactory(title="Of another")

    response = visitor_client.get(company.get_absolute_url())

    page = " ".join(response.content.decode().split())
    assert [job.title for job in response.context["page"].jobs] == ["Data engineer"]
    assert "<dt>Open jobs</dt><dd>1</dd>" in page
    assert "<dt>Closed jobs</dt><dd>1</dd>" in page
    assert (
        '<a href="https://jobs.acme.test/about" rel="nofollow noopener noreferrer ugc">jobs.<wbr>acme.<wbr>test</a>'
        in page
    )
    assert "51 to 200" in page


def test_a_company_without_open_jobs_offers_an_alert(visitor_client):
    company = CompanyFactory()

    response = visitor_client.get(company.get_absolute_url())

    assert response.status_code == 200
    assert "No open job at the moment" in response.content.decode()
    assert f"/alerts/new/?company={company.slug}" in response.content.decode()


def test_the_pages_of_a_company_hold_each_job_once(visitor_client):
    company = CompanyFactory()
    jobs = JobFactory.create_batch(45, company=company)

    seen, cursor = [], ""
    for _ in range(3):
        response = visitor_client.get(company.get_absolute_url(), {"cursor": cursor} if cursor else {})
        seen += response.context["page"].jobs
        cursor = response.context["page"].next_cursor

    assert [job.pk for job in seen] == sorted((job.pk for job in jobs), reverse=True)


def test_a_company_nobody_knows_is_not_found(visitor_client):
    assert visitor_client.get("/companies/nobody/").status_code == 404


def test_drafts_are_counted_neither_as_open_nor_as_closed(visitor_client):
    company = CompanyFactory()
    JobFactory(company=company, published_at=None)
    JobFactory(company=company).close(by=None, at=timezone.now(), reason=Job.CloseReason.FILLED)

    response = visitor_client.get(company.get_absolute_url())

    assert (response.context["page"].total, response.context["over_count"]) == (0, 1)


def test_a_company_page_asks_as_many_questions_with_three_jobs_as_with_thirty(
    seeker_client, django_assert_max_num_queries
):
    company = CompanyFactory()
    JobFactory.create_batch(3, company=company)
    seeker_client.get(company.get_absolute_url())
    with django_assert_max_num_queries(7):
        seeker_client.get(company.get_absolute_url())

    JobFactory.create_batch(27, company=company)

    with django_assert_max_num_queries(7):
        seeker_client.get(company.get_absolute_url())
