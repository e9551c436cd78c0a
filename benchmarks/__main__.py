"""`make bench`: every benchmark at its small size, each in a process of its own, into benchmarks/results.md."""

import json
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

SMALL = {
    "search": ["--jobs", "20000"],
    "alerts": ["--alerts", "20000", "--jobs", "100"],
    "digests": ["--people", "500"],
    "market": ["--jobs", "20000"],
    "pages": [],
    "webhooks": ["--events", "400"],
}
RESULTS = Path(__file__).with_name("results.md")


def main() -> None:
    results = {name: result_of(name, options) for name, options in SMALL.items()}
    RESULTS.write_text(report(results))
    sys.exit(0 if all(result.get("verified") for result in results.values()) else 1)


def result_of(name: str, options: list[str]) -> dict:
    sys.stderr.write(f"benchmarks.{name} {' '.join(options)}\n")
    command = [sys.executable, "-m", f"benchmarks.{name}", *options, "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    return json.loads(done.stdout) if done.stdout else {"verified": False}


def report(results: dict) -> str:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout
    machine = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    head = f"# Benchmarks\n\n{machine}; {datetime.now(UTC):%Y-%m-%d}; commit {commit.strip()}\n"
    return "\n".join([head, *(section(name, result) for name, result in results.items())])


def section(name: str, result: dict) -> str:
    return f"## {name}\n\n```json\n{json.dumps(result, indent=2)}\n```\n"


if __name__ == "__main__":
    main()
