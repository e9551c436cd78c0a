"""Each kind of page as a person loads it: its time, its statements and the bytes of all it needs."""

import gzip
import re
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from benchmarks.harness import Stopwatch, median, say
from benchmarks.measuring.corpus import make_jobs
from benchmarks.measuring.market import advertise_role, read_by_several
from careers import roles
from careers.content.loading import load_samples
from careers.models import Guide
from careers.tasks import refresh_all_markets
from jobs.models import Job
from jobs.suggestions import refresh_terms

MOST_BYTES = 100_000
MOST_REQUESTS = 15
MOST_QUERIES_OF_A_GUIDE = 12
FEW_GUIDES, MANY_GUIDES = 10, 300


def measure(*, jobs: int, rounds: int) -> dict:
    """Medians by page kind; verified when every page answers 200 and keeps the budget of bytes and requests."""
    pages = prepare(jobs)
    kinds = {}
    for kind, (client, address) in pages.items():
        say(f"{kind}: {address}")
        kinds[kind] = cost(client, address, rounds)
    for guides in (FEW_GUIDES, MANY_GUIDES):
        say(f"guide among {guides}")
        publish_guides(guides)
        kinds[f"guide_of_{guides}"] = cost(*pages["guide"], rounds)
    within = all(k["total_bytes"] <= MOST_BYTES and k["requests"] <= MOST_REQUESTS for k in public(kinds))
    within = within and all(k["sql_queries"] <= MOST_QUERIES_OF_A_GUIDE for k in guides_of(kinds))
    return {"jobs": jobs, "rounds": rounds} | kinds | {"verified": within}


def guides_of(kinds: dict) -> list[dict]:
    return [cost for kind, cost in kinds.items() if kind.startswith("guide")]


def publish_guides(count: int) -> None:
    """Have so many published guides: fewer than there are, or copies of them under other names."""
    Guide.objects.update(withdrawn_at=None)
    there = list(Guide.objects.order_by("pk").prefetch_related("guide_skills", "stages"))
    for number in range(count - len(there)):
        copy_guide(there[number % len(there)], number)
    kept = Guide.objects.order_by("pk").values("pk")[:count]
    Guide.objects.exclude(pk__in=kept).update(withdrawn_at=timezone.now())


def copy_guide(guide: Guide, number: int) -> None:
    skills, stages = list(guide.guide_skills.all()), list(guide.stages.all())
    copied = Guide.objects.get(pk=guide.pk)
    copied.pk, copied.slug, copied.title = None, f"{guide.slug}-{number}", f"{guide.title} {number}"
    copied.save(force_insert=True)
    for part in (*skills, *stages):
        part.pk, part.guide = None, copied
        part.save(force_insert=True)


def public(kinds: dict) -> list[dict]:
    """The budget is for what people load; the admin's stylesheets are Django's own."""
    return [cost for kind, cost in kinds.items() if kind != "admin_list"]


def prepare(jobs: int) -> dict:
    settings.ALLOWED_HOSTS += ["testserver"]
    roles.MARGIN = timedelta()  # nobody writes while we measure: let pages look only at what was written since
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    load_samples()
    make_jobs(jobs, seed=1, vary=advertise_role)
    refresh_terms()
    read_by_several()
    refresh_all_markets()
    return addresses()


def addresses() -> dict:
    """Page kind → (who looks, address)."""
    visitor, seeker, staff = Client(), Client(), Client()
    seeker.force_login(User.objects.create_user("seeker@example.com"))
    staff.force_login(staff_member())
    return {
        "home": (visitor, "/"),
        "search": (visitor, "/jobs/?q=data&workplace=remote"),
        "job": (visitor, Job.objects.order_by("pk").first().get_absolute_url()),
        "guide": (visitor, Guide.objects.order_by("pk").first().get_absolute_url()),
        "pricing": (visitor, "/plans/"),
        "alerts": (seeker, "/alerts/"),
        "account": (seeker, "/account/"),
        "admin_list": (staff, reverse("admin:jobs_job_changelist")),
    }


def staff_member():
    user = User.objects.create_superuser("admin@example.com")
    TOTP.activate(user, generate_totp_secret())
    return user


def cost(client, address: str, rounds: int) -> dict:
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(address)
        asked = len(queries)  # the next request forgets them
    if page.status_code != 200:
        raise SystemExit(f"{address} answered {page.status_code}")
    watches = [timed(client, address) for _ in range(rounds)]
    files = files_of(page.content.decode(), address)
    return {
        "cpu_ms": round(median([watch.cpu for watch in watches]) * 1000, 2),
        "wall_ms": round(median([watch.seconds for watch in watches]) * 1000, 2),
        "sql_queries": asked,
        "html_bytes": len(page.content),
        "total_bytes": sent(page.content, address) + sum(files.values()),
        "requests": 1 + len(files),
    }


def timed(client, address: str) -> Stopwatch:
    with Stopwatch() as watch:
        client.get(address)
    return watch


def files_of(html: str, address: str) -> dict[str, int]:
    """Address → bytes, as a compressing server sends them, of each style, script, font and picture the page loads."""
    waiting, sizes = references_in(html, address), {}
    while waiting:
        file = waiting.pop()
        if file in sizes:
            continue
        text = read(file)
        sizes[file] = sent(text, file)
        if file.endswith(".css"):
            waiting |= {
                urljoin(file, found)
                for found in re.findall(rb"url\([\"']?([^\"')]+)", text)
                for found in [found.decode()]
            }
        if file.endswith(".js") and not file.startswith("/static/admin/"):
            waiting |= {urljoin(file, found.decode()) for found in re.findall(rb"from\s+[\"']([^\"']+)", text)}
    return sizes


def sent(content: bytes, address: str) -> int:
    """Fonts and pictures are compressed already."""
    return len(content) if address.endswith((".woff2", ".png", ".webp")) else len(gzip.compress(content))


def read(file: str) -> bytes:
    path = urlsplit(file).path
    if path.startswith("/static/"):
        if not (found := finders.find(path.removeprefix("/static/"))):
            raise SystemExit(f"a page names {file}, which is not there")
        return Path(found).read_bytes()
    return Client().get(file).content


class References(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = set()

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag == "link" and set(values.get("rel", "").split()) & {
            "stylesheet",
            "icon",
            "preload",
            "modulepreload",
            "manifest",
        }:
            self.found.add(values["href"])
        if tag in ("script", "img") and values.get("src"):
            self.found.add(values["src"])


def references_in(html: str, address: str) -> set[str]:
    parser = References()
    parser.feed(html)
    return {urljoin(address, reference) for reference in parser.found}
