"""How long the nightly task takes over all sample guides, and the answer for somebody's skills afterwards."""

import time

from django.utils import timezone

from benchmarks.harness import Stopwatch, median, say
from benchmarks.measuring.corpus import make_jobs
from careers.content.loading import load_samples
from careers.fits import fits_of, fitting_jobs
from careers.mentions import SkillMention, read_adverts
from careers.models import Guide
from careers.survey import refresh_markets

MOST_SECONDS = 30
SKILLS = {"python", "sql", "communication", "excel", "project-management"}


def measure(*, jobs: int) -> dict:
    say(f"making {jobs} jobs")
    make_jobs(jobs, seed=1)
    load_samples()
    say("reading adverts")
    with Stopwatch() as reading:
        read_adverts(until=time.monotonic() + 3600, clock=time.monotonic)
    surveys = [survey() for _ in range(2)]
    pages = [fitting() for _ in range(5)]
    return {
        "jobs": jobs,
        "guides": Guide.objects.count(),
        "mentions": SkillMention.objects.count(),
        "read_s": round(reading.seconds, 1),
        "survey_s": round(surveys[0], 1),
        "again_s": round(surveys[1], 1),
        "skills_ms": round(median(pages) * 1000, 1),
        "verified": max(surveys) <= MOST_SECONDS,
    }


def survey() -> float:
    with Stopwatch() as watch:
        refresh_markets(Guide.objects.all(), at=timezone.now())
    return watch.seconds


def fitting() -> float:
    with Stopwatch() as watch:
        fits_of(SKILLS)
        fitting_jobs(SKILLS)
    return watch.seconds
