"""Taking a burst of Stripe's events: `python -m benchmarks.webhooks [--events N] [--json]`.

Signed thin events of a hundred people are posted by twenty connections to gunicorn with two workers, while a Celery
worker acts on them. `per_s`, `p50_ms` and `p99_ms` are about the answers to the posts; `stripe_calls` counts the
questions asked of Stripe (the sandbox) from the first post until nothing waits any more. `verified` says that every
event was answered 200 and written down once, and that everybody has the plan that Stripe says.
"""

from benchmarks.harness import answer

if __name__ == "__main__":
    answer("webhooks", "Taking a burst of Stripe's events", events=400)
