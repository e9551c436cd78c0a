"""Crashes on purpose: `make chaos`, or `python -m benchmarks.chaos [--digests N] [--kills N] [--only NAME]`.

Four Celery workers send digests of three jobs to a mail server on this machine, nudged by two beats, while all workers
are killed (SIGKILL) at random moments, Redis is killed and emptied, and PostgreSQL is restarted, once politely and once
by crash. The moments are drawn from a printed seed and counted in mails, so that all of them fall into the sending.
What arrived is read from the mail server's log. One line for each scenario:

    asked      the reaper may look into that log: nothing lost, nothing twice
    unasked    it may not: nothing lost, at most one mail twice for each process that was killed
    postfix    as "asked", with a real Postfix in front and its own log; skipped where it isn't installed
"""
