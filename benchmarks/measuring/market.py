"""How long the nightly task takes over all sample guides, and the answer for somebody's skills afterwards."""

import random
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from functools import cache
from multiprocessing import get_context

import django
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from benchmarks.harness import Stopwatch, median, say
from benchmarks.measuring.corpus import make_jobs
from benchmarks.measuring.plain_market import is_plain_market
from careers import roles
from careers.content.loading import load_samples
from careers.fits import fits_of, fitting_jobs
from careers.market import RoleJob, RoleMarket
from careers.mentions import SkillMention, read_adverts
from careers.models import Guide
from careers.roles import follow_jobs, openings_of
from careers.skills import Skill
from careers.survey import refresh_markets
from jobs.models import Job
from jobs.pay import TIMES_A_YEAR
from jobs.suggestions import refresh_terms

MOST_SECONDS = 30
READERS = 2  # processes that read adverts, as workers do
ROUNDS = 15
VERIFIED = 6  # guides whose markets are computed again in plain Python
SKILLS = {"python", "sql", "communication", "excel", "project-management"}
SKILLS_NAMED = 8  # by an advert, beside those of its tags
CURRENCIES = ["USD", "EUR", "GBP", "JPY"]


def measure(*, jobs: int) -> dict:
    load_samples()
    say(f"making {jobs} jobs")
    make_jobs(jobs, seed=1, vary=advertise_role)
    say("reading adverts")
    with Stopwatch() as reading:
        read_by_several()
    say("surveying")
    roles.MARGIN = timedelta()  # nobody writes while we measure: let pages look only at what was written since
    surveys = [survey() for _ in range(2)]
    say("verifying")
    guides = list(Guide.objects.order_by("pk"))
    wrong = [guide.slug for guide in guides[:: max(1, len(guides) // VERIFIED)] if not is_plain_market(guide)]
    return {
        "jobs": jobs,
        "guides": len(guides),
        "jobs_of_roles": RoleJob.objects.count(),
        "markets": RoleMarket.objects.count(),
        "mentions": SkillMention.objects.count(),
        "read_s": round(reading.seconds, 1),
        "survey_s": round(surveys[0], 1),
        "again_s": round(surveys[1], 1),
        "fits": cost(lambda: fits_of(SKILLS)),
        "fitting_jobs": cost(lambda: fitting_jobs(SKILLS)),
        "openings": cost(*[lambda guide=guide: openings_of(guide) for guide in Guide.objects.for_door()]),
        "follow_s": round(seconds(lambda: follow_jobs(at=timezone.now())), 2),
        "terms_s": [round(seconds(refresh_terms), 2) for _ in range(2)],
        "wrong": wrong,
        "verified": max(surveys) <= MOST_SECONDS and not wrong,
    }


def advertise_role(job: Job, chance: random.Random) -> None:
    """Make of most adverts one for a guide's role, with some skills and pay of any currency and period."""
    if chance.random() < 0.7:
        job.title = f"{chance.choice(['', '', 'Senior ', 'Junior '])}{chance.choice(names_of_roles()).title()}"
    job.description += f"<p>You know {', '.join(chance.sample(names_of_skills(), SKILLS_NAMED))}.</p>"
    if job.pay_min:
        job.pay_currency, job.pay_period = chance.choice(CURRENCIES), chance.choice(list(TIMES_A_YEAR)).value


@cache
def names_of_roles() -> list[str]:
    return list(Guide.objects.order_by("pk").values_list("role", flat=True))


@cache
def names_of_skills() -> list[str]:
    return [name for skill in Skill.objects.order_by("pk") for name in skill.names_in_adverts()]


def read_by_several() -> None:
    with ProcessPoolExecutor(READERS, get_context("spawn"), initializer=django.setup) as readers:
        list(readers.map(read_all, range(READERS)))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE careers_skillmention, careers_readadvert")


def read_all(number: int) -> None:
    read_adverts(until=time.monotonic() + 3600, clock=time.monotonic)


def survey() -> float:
    return seconds(lambda: refresh_markets(Guide.objects.all(), at=timezone.now()))


def cost(*asks) -> dict:
    """Milliseconds by the clock of each of these questions, asked several times, and the statements of the last."""
    times = [seconds(ask) * 1000 for ask in asks for _ in range(ROUNDS)]
    with CaptureQueriesContext(connection) as queries:
        asks[-1]()
    return {"p50_ms": round(median(times), 1), "most_ms": round(max(times), 1), "sql_queries": len(queries)}


def seconds(ask) -> float:
    with Stopwatch() as watch:
        ask()
    return watch.seconds
