"""How long pages take while many jobs are matched: `python -m benchmarks.burst [--alerts N] [--publish M] [--json]`.

M jobs appear at once among `--jobs` that are open, and `--workers` Celery workers match them with the searches of
N alerts. Meanwhile two visitors ask the site (gunicorn with two workers) for one search page after the other, each for
other words: `before_…_ms` is what a page takes before, `during_…_ms` until the last job is matched, `matching_s` later.
"""

from benchmarks.harness import answer

if __name__ == "__main__":
    answer("burst", __doc__, alerts=20_000, publish=2_000, jobs=20_000, workers=1)
