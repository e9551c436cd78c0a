"""The nightly survey of roles: `python -m benchmarks.market [--jobs N] [--json]`.

`read_s` is what reading every advert for skills takes once; each is read when it appears. `survey_s` is the nightly
task over all sample guides, `again_s` the same when nothing changed. `skills_ms` is what it takes to say which guides
and jobs fit somebody's skills.
"""

from benchmarks.harness import answer

if __name__ == "__main__":
    answer("market", "The nightly survey of roles", jobs=20_000)
