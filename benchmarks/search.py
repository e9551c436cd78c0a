"""How long searches take: python -m benchmarks.search --jobs 100000 [--clients 8] [--json]

Times are what PostgreSQL takes for the list, the counts and the page of twenty together, measured around every
statement of a search; `cpu_…` is what its process computed, which a busy machine distorts less. No answer is given
from memory. A plain method without indexes has to give the same answers.
"""

from benchmarks.harness import answer

if __name__ == "__main__":
    answer("search", __doc__, jobs=5_000, clients=1)
