"""What each kind of page costs: `python -m benchmarks.pages [--jobs N] [--rounds N] [--json]`."""

from benchmarks.harness import answer

if __name__ == "__main__":
    answer("pages", "Cost of each kind of page", jobs=1000, rounds=15)
