"""The addresses of a guide's jobs: the search that finds them, and the same search narrowed."""

from dataclasses import replace

from django.http import QueryDict
from django.urls import reverse

from careers.models import Guide, GuideSkill, Stage
from jobs.search import JobSearch
from jobs.search.wanted import LONGEST_KEYWORDS


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
