"""Planning, writing and sending digests: `python -m benchmarks.digests [--people N] [--workers N] [--json]`.

Everybody has one daily alert that is due and has found three jobs. `plan_s` is what one worker takes to plan all,
`render_s` to write all mails (measured on a thousand and scaled), `send_s` what `--workers` processes take to claim,
write and hand all of them to a mail server on this machine, `per_s` digests a second of that. Then 10,000 of the people
(or all, when there are fewer) fall due at once, and the same workers plan and send: `due_to_sent_…` is how long after
their minute the mails were handed over. `queries_per_digest` are statements of sending, those of its transactions
included. `rss_mb_…` is the largest worker's memory, early on and at the end. What arrived is read from the mail
server's log.
"""

from benchmarks.harness import answer

if __name__ == "__main__":
    answer("digests", __doc__, people=2_000, workers=2)
