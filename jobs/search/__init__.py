"""Searching the open jobs: JobSearch says what is wanted, search_jobs() finds a page of it."""

from jobs.search.page import SearchPage, UnknownPage, count_since, job_ids_of, newest_titles, search_jobs
from jobs.search.wanted import Criterion, JobSearch

__all__ = [
    "Criterion",
    "JobSearch",
    "SearchPage",
    "UnknownPage",
    "count_since",
    "job_ids_of",
    "newest_titles",
    "search_jobs",
]
