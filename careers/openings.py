"""The jobs behind a guide: the search that finds them, the same search narrowed, and the newest of them."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.http import QueryDict
from django.urls import reverse

from careers.models import Guide, GuideSkill, Stage
from jobs.models import Job
from jobs.search import JobSearch
from jobs.search.counting import count_since
from jobs.search.wanted import LONGEST_KEYWORDS

SHOWN = 5
EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Openings:
    """`total` counts every open job of the search; `jobs` are the newest of them."""

    search: JobSearch
    total: int
    jobs: list[Job]

    @property
    def path(self) -> str:
        return search_path(self.search)

    @property
    def alert_path(self) -> str:
        return f"{reverse('alerts:new')}?{self.search.alert_query_string()}"


def openings_of(guide: Guide) -> Openings | None:
    """None when the guide has no search; two queries."""
    search = job_search(guide)
    if search.is_empty:
        return None
    newest = Job.objects.matching(search).for_cards().order_by("-published_at", "-pk")[:SHOWN]
    return Openings(search, total=count_since(search, EVER), jobs=list(newest))


def job_search(guide: Guide) -> JobSearch:
    return JobSearch.from_query(QueryDict(guide.search))


def role_path(guide: Guide) -> str:
    return search_path(job_search(guide))


def region_path(guide: Guide, region) -> str:
    """Jobs of the role in a region, or in one that a market names with its slug."""
    slug = region if isinstance(region, str) else region.slug
    return search_path(replace(job_search(guide), regions=(slug,)))


def stage_path(guide: Guide, stage: Stage) -> str:
    """Jobs of the role at the stage's level."""
    return search_path(replace(job_search(guide), levels=(stage.level,)))


def skill_path(asked: GuideSkill) -> str:
    """Jobs whose advert names the skill by any of its names; one of several words is looked for as it stands."""
    names = [quoted(name) for name in asked.skill.names_in_adverts()]
    while len(" or ".join(names)) > LONGEST_KEYWORDS and len(names) > 1:
        names.pop()
    return search_path(JobSearch(keywords=" or ".join(names)))


def named_skill_path(name: str) -> str:
    return search_path(JobSearch(keywords=quoted(name)))


def quoted(name: str) -> str:
    return f'"{name}"' if " " in name else name


def search_path(search: JobSearch) -> str:
    return f"{reverse('jobs:search')}?{search.query_string()}"
