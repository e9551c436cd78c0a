"""Matching new jobs with alerts: `python -m benchmarks.alerts [--alerts N] [--jobs M] [--json]`.

`match_s` finds every pair of the batch by the product's own statement; `write_s` is what its whole run takes beyond
that: claiming the jobs, writing Match, committing. `naive_s` is one query per alert over the same new jobs, as the
search page would ask it, measured on a sample of the alerts by turns and scaled to all of them. `…_cpu_s` is what the
database's process computed, which a busy machine distorts less.
`search_pairs` counts what is written, one for each distinct search and job; `pairs` what that stands for, one for each
alert and job, as one query per alert finds them.
`peak_mb` is the most memory of its own that the database process had, shared buffers apart; `making_s` what making
the alerts took.
"""

from benchmarks.harness import answer

if __name__ == "__main__":
    answer("alerts", "Matching new jobs with alerts", alerts=20_000, jobs=100)
