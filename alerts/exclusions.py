"""What to leave out of an alert for it to bring less like a certain job: its company, or a word of its title."""

import re
from dataclasses import replace
from datetime import datetime

from alerts.previews import SPAN, Proposal
from jobs.models import Job
from jobs.search import JobSearch
from jobs.search.counting import count_since
from jobs.search.wanted import LONGEST_KEYWORDS
from jobs.words import STOP_WORDS, words

MOST_WORDS = 3
SHORTEST_WORD = 3


def exclusions(search: JobSearch, job: Job, at: datetime) -> list[Proposal]:
    """The search without the job's company, and without each of a few words of its title, with what would be left.

    What would leave nothing is not proposed.
    """
    others = [*without_company(search, job), *without_words(search, job)]
    proposals = [Proposal(label, other, count_since(other, at - SPAN)) for label, other in others]
    return [proposal for proposal in proposals if proposal.count]


def without_company(search: JobSearch, job: Job) -> list[tuple[str, JobSearch]]:
    if job.company.slug in (*search.companies, *search.companies_out):
        return []
    return [(f"Without {job.company.name}", search.with_value("not_company", job.company.slug))]


def without_words(search: JobSearch, job: Job) -> list[tuple[str, JobSearch]]:
    known = set(words(search.keywords)) | STOP_WORDS
    title = dict.fromkeys(word for word in words(job.title) if word.isalpha() and len(word) >= SHORTEST_WORD)
    wanted = [(word, excluding(search.keywords, word)) for word in title if word not in known][:MOST_WORDS]
    return [
        (f"Without the word “{word}”", replace(search, keywords=keywords))
        for word, keywords in wanted
        if len(keywords) <= LONGEST_KEYWORDS
    ]


def excluding(keywords: str, word: str) -> str:
    """The keywords with "-word" in each of the alternatives that `or` parts."""
    parts = re.findall(r'-?["“„][^"”]*["”]?|\S+', keywords)
    with_word = [f"-{word} or" if part.lower() == "or" else part for part in parts]
    return " ".join([*with_word, f"-{word}"])
