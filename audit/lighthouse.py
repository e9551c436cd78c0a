"""make audit: starts the site and holds its pages to Lighthouse's scores on a phone (needs Node 18 and Chromium)."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
PORT = 8765
SITE = f"http://127.0.0.1:{PORT}"
PATHS = ["/", "/jobs/", "/guides/", "/guides/machine-learning-engineer/", "/plans/", "/accounts/login/"]
LEAST = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
# Pages that search engines are told to leave out lose Lighthouse's points for being found.
NOT_FOR_SEARCH_ENGINES = {"/accounts/login/"}
PATIENCE = 120


def main() -> int:
    site = subprocess.Popen(
        [sys.executable, HERE.parent / "manage.py", "up", "--host", "127.0.0.1", "--port", str(PORT)],
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_for_the_site()
        faults = [fault for path in PATHS for fault in faults_of(path)]
    finally:
        os.killpg(site.pid, signal.SIGINT)
        site.wait(timeout=30)
    print(*faults, sep="\n")
    return 1 if faults else 0


def wait_for_the_site() -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"{SITE}/healthz", timeout=5).close()  # noqa: S310 our own address
            return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(1)
    raise SystemExit(f"The site did not answer at {SITE} within {PATIENCE} seconds.")


def faults_of(path: str) -> list[str]:
    scores = scores_of(path)
    print(f"{path:45}", *(f"{name} {score}" for name, score in scores.items()))
    least = {name: score for name, score in LEAST.items() if not (name == "seo" and path in NOT_FOR_SEARCH_ENGINES)}
    return [f"{path}: {name} is {scores[name]}, at least {most}" for name, most in least.items() if scores[name] < most]


def scores_of(path: str) -> dict[str, int]:
    """Lighthouse's scores from 0 to 100 on its simulated phone."""
    command = [HERE / "node_modules" / ".bin" / "lighthouse", f"{SITE}{path}", "--output=json", "--quiet"]
    flags = ["--chrome-flags=--headless=new --no-sandbox", f"--only-categories={','.join(LEAST)}"]
    chromium = {"CHROME_PATH": os.environ.get("CHROMIUM", "/usr/bin/chromium")}
    answer = subprocess.run([*command, *flags], env=os.environ | chromium, check=True, capture_output=True, timeout=300)
    categories = json.loads(answer.stdout)["categories"]
    return {name: round(100 * category["score"]) for name, category in categories.items()}


if __name__ == "__main__":
    sys.exit(main())
