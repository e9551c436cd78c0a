"""Runs each scenario in a process of its own, since Django keeps the servers it was started with."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from benchmarks.chaos import postfix
from benchmarks.chaos.servers import own_servers
from jobboard.mail_sink import free_port

SCENARIOS = ("asked", "unasked", "postfix")


def main() -> None:
    options = arguments()
    if options.alone:
        print_line(alone(options))
        return
    lines = [line_of(name) for name in options.only or SCENARIOS]
    ran = [line for line in lines if "skipped" not in line]
    asked = [line for line in ran if line["scenario"] != "unasked"]
    summary = {
        "scenarios": len(ran),
        "kills": sum(line["kills"] for line in ran),
        "lost": sum(line["lost"] for line in ran),
        "duplicates": sum(line["duplicates"] for line in asked),
        "duplicates_unasked": sum(line["duplicates"] for line in ran if line not in asked),
    }
    print_line(summary)
    sys.exit(0 if all(map(holds, ran)) else 1)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos")
    parser.add_argument("--digests", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=50, help="how often all four workers are killed")
    parser.add_argument("--redis-wipes", type=int, default=10)
    parser.add_argument("--postgres-restarts", type=int, default=2)
    parser.add_argument("--seed", type=int, default=20261127)
    parser.add_argument("--only", choices=SCENARIOS, action="append")
    parser.add_argument("--alone", choices=SCENARIOS, help=argparse.SUPPRESS)
    return parser.parse_args()


def line_of(name: str) -> dict:
    if name == "postfix" and (reason := postfix.why_not()):
        line = {"scenario": name, "skipped": reason}
    else:
        command = [sys.executable, "-m", "benchmarks.chaos", *sys.argv[1:], "--alone", name]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{name} did not end well")
        line = json.loads(done.stdout.splitlines()[-1])
    print_line(line)
    return line


def alone(options: argparse.Namespace) -> dict:
    """One scenario in a folder of its own; what reads models is imported once Django stands on its servers."""
    numbers = ("digests", "kills", "redis_wipes", "postgres_restarts", "seed")
    with tempfile.TemporaryDirectory(prefix="chaos-") as name:
        folder, port = Path(name), free_port()
        folder.chmod(0o755)  # PostgreSQL and Postfix run as people of their own
        log = folder / "mail.log"
        os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{port}"
        os.environ["MAIL_LOG"] = "" if options.alone == "unasked" else str(log)
        with own_servers(folder / "data"):
            scenarios = import_module("benchmarks.chaos.scenarios")
            plan = scenarios.Plan(**{number: getattr(options, number) for number in numbers})
            return scenarios.run(options.alone, plan, log, port)


def holds(line: dict) -> bool:
    """Nothing lost; nothing twice, or without asking at most one mail for each process that was killed."""
    allowed = line["kills"] if line["scenario"] == "unasked" else 0
    return line["ended"] and line["lost"] == 0 and line["duplicates"] <= allowed


def print_line(line: dict) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
