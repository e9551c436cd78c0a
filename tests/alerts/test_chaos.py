"""The short version of `make chaos`: real workers, beats, servers and a mail server, killed and restarted."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

from benchmarks.chaos import postfix

SMALL = ["--digests", "60", "--kills", "2", "--redis-wipes", "1", "--postgres-restarts", "1"]


@pytest.mark.parametrize(
    "scenario",
    [
        "asked",
        pytest.param("postfix", marks=pytest.mark.skipif(bool(postfix.why_not()), reason=postfix.why_not() or "runs")),
    ],
)
def test_nothing_is_lost_and_nothing_sent_twice_when_everything_dies(scenario):
    command = [sys.executable, "-m", "benchmarks.chaos", *SMALL, "--only", scenario]

    done = subprocess.run(command, cwd=settings.BASE_DIR, env=os.environ, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr[-2000:]
    line, summary = map(json.loads, done.stdout.splitlines())
    happened = {"kills": 8, "redis_wipes": 1, "postgres_restarts": 1, "beats": 2, "lost": 0, "duplicates": 0}
    assert {name: line[name] for name in happened} == happened
    assert summary == {"scenarios": 1, "kills": 8, "lost": 0, "duplicates": 0, "duplicates_unasked": 0}
