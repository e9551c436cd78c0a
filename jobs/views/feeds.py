"""Any search as an Atom feed."""

from dataclasses import replace

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import conditional_page, require_safe

from accounts.characters import legible
from jobs import wording
from jobs.pay import pay_in_words
from jobs.search import JobSearch
from jobs.search.page import search_jobs

SIZE = 50


class TextAtom(Atom1Feed):
    """Atom with summaries of plain text: Django calls them HTML, in which the "<" of a place would begin a tag."""

    def add_item_elements(self, handler, item):
        super().add_item_elements(handler, item | {"description": None})
        handler.addQuickElement("summary", item["description"], {"type": "text"})


@require_safe
@conditional_page
def feed(request):
    search = replace(JobSearch.from_query(request.GET), sort="newest").comparable()
    response = HttpResponse(atom(search), content_type="application/atom+xml; charset=utf-8")
    patch_cache_control(response, public=True, max_age=300)
    return response


def atom(search: JobSearch) -> str:
    query = search.query_string()
    page = TextAtom(
        title=legible(f"{settings.SITE_NAME}: {search.in_words()}"),
        link=f"{settings.SITE_URL}{reverse('jobs:search')}?{query}",
        feed_url=f"{settings.SITE_URL}{reverse('jobs:feed')}?{query}",
        description="",
        language="en",
    )
    for job in search_jobs(search, size=SIZE).jobs:
        page.add_item(**entry(job))
    return page.writeString("utf-8")


def entry(job) -> dict:
    address = settings.SITE_URL + job.get_absolute_url()
    facts = (wording.where(job), wording.who_may_apply_briefly(job), pay_in_words(job), wording.kind(job))
    return {
        "title": legible(f"{job.title} at {job.company.name}"),
        "link": address,
        "unique_id": f"{settings.SITE_URL}{reverse('jobs:job_by_number', args=[job.pk])}",
        "description": legible(" · ".join(fact for fact in facts if fact)),
        "pubdate": job.published_at,
        "updateddate": job.published_at,
        "author_name": legible(job.company.name),
        "categories": [job.category.name],
    }
