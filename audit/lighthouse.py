"""make audit: starts the site and holds its pages to Lighthouse's scores on a phone (needs Node 18 and Chromium).

`python audit/lighthouse.py /guides/` looks at the named pages only.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
PORT = 8765
SITE = f"http://127.0.0.1:{PORT}"
PATHS = [
    "/",
    "/jobs/",
    "/jobs/?q=data",
    "/guides/",
    "/guides/machine-learning-engineer/",
    "/guides/map/",
    "/guides/compare/?guide=data-engineer&guide=data-scientist",
    "/guides/my-skills/",
    "/guides/data-engineer/salary/",
    "/plans/",
    "/alerts/new/?q=data",
    "/accounts/login/",
    "/accounts/signup/",
]
# On a list of jobs, the links to a job and to its company.
JOB, COMPANY = r"/jobs/\d+/[\w-]+/", r"/companies/[\w-]+/"
LEAST = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
# Pages that search engines are told to leave out lose Lighthouse's points for being found. One of them is a salary page
# without pay, as the few sample jobs make it.
NOT_FOR_SEARCH_ENGINES = ("/accounts/", "/alerts/", "/jobs/?", "/guides/compare/?", "/guides/data-engineer/salary/")
RUNS = 3  # of each page; the median counts
TRIES = 3  # of each run: now and then Chromium ends before Lighthouse has spoken with it
PATIENCE = 120


def main() -> int:
    site = subprocess.Popen(
        [sys.executable, HERE.parent / "manage.py", "up", "--host", "127.0.0.1", "--port", str(PORT)],
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_for_the_site()
        faults = [fault for path in sys.argv[1:] or all_paths() for fault in faults_of(path)]
    finally:
        os.killpg(site.pid, signal.SIGINT)
        site.wait(timeout=30)
    say(*faults)
    return 1 if faults else 0


def all_paths() -> list[str]:
    job = first_link("/jobs/", JOB)
    return [*PATHS, job, first_link(job, COMPANY)]


def say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def wait_for_the_site() -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"{SITE}/healthz", timeout=5).close()
            return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(1)
    raise SystemExit(f"The site did not answer at {SITE} within {PATIENCE} seconds.")


def first_link(path: str, pattern: str) -> str:
    with urllib.request.urlopen(f"{SITE}{path}", timeout=30) as page:
        return re.search(f'href="({pattern})"', page.read().decode())[1]


def faults_of(path: str) -> list[str]:
    runs = [scores_of(path) for _ in range(RUNS)]
    scores = {name: median(run[name] for run in runs) for name in LEAST}
    say(" ".join([f"{path:60}", *(f"{name} {score:3}" for name, score in scores.items())]))
    return [
        f"{path}: {name} is {scores[name]} and should be {least}"
        for name, least in LEAST.items()
        if scores[name] < least and not is_left_out(name, path)
    ]


def is_left_out(name: str, path: str) -> bool:
    return name == "seo" and path.startswith(NOT_FOR_SEARCH_ENGINES)


def scores_of(path: str) -> dict[str, int]:
    """Lighthouse's scores from 0 to 100 on its simulated phone."""
    command = [HERE / "node_modules" / ".bin" / "lighthouse", f"{SITE}{path}", "--output=json", "--quiet"]
    flags = ["--chrome-flags=--headless=new --no-sandbox", f"--only-categories={','.join(LEAST)}"]
    chromium = {"CHROME_PATH": os.environ.get("CHROMIUM", "/usr/bin/chromium")}
    for _ in range(TRIES):
        answer = subprocess.run([*command, *flags], env=os.environ | chromium, capture_output=True, timeout=300)
        if answer.returncode == 0:
            break
    else:
        raise SystemExit(f"Lighthouse failed at {path} {TRIES} times: {answer.stderr.decode().strip()}")
    categories = json.loads(answer.stdout)["categories"]
    return {name: round(100 * category["score"]) for name, category in categories.items()}


if __name__ == "__main__":
    sys.exit(main())
