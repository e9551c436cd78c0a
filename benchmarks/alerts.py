"""Matching new jobs with alerts: `python -m benchmarks.alerts [--alerts N] [--jobs M] [--json]`.

`match_s` finds every pair (search, job) of the batch by the product's own statement; `write_s` is what its whole run
takes beyond that: claiming the jobs, writing Match, committing. `naive_s` is one query per alert over the same new
jobs, as the search page would ask it, measured on a sample of the alerts by turns and scaled to all of them.
`pairs` counts what is written, one for each distinct search and job; `alert_pairs` one for each alert and job.
`peak_mb` is the most memory of its own that the database process had, shared buffers apart.
"""

from benchmarks.harness import answer

if __name__ == "__main__":
    answer("alerts", "Matching new jobs with alerts", alerts=20_000, jobs=100)
