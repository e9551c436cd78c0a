"""Searching the open jobs: JobSearch says what is wanted, search_jobs() in page.py finds a page of it."""

from jobs.search.wanted import Criterion, JobSearch

__all__ = ["Criterion", "JobSearch"]
