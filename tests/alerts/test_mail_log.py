"""What Postfix's log proves about a message, with lines as Postfix 3.7 writes them."""

import pytest

from alerts import mail_log

ONE, OTHER = "<one@jobs.example.org>", "<other@jobs.example.org>"
READING = "2026-11-27T12:00:01.1+00:00 mail postfix/cleanup[204]: {queue}: message-id={id}"
ACCEPTED = (
    "2026-11-27T12:00:01.2+00:00 mail postfix/qmgr[101]: {queue}: from=<jobs@example.org>, size=9041, nrcpt=1"
    " (queue active)"
)
REMOVED = "2026-11-27T12:00:02.0+00:00 mail postfix/qmgr[101]: {queue}: removed"


@pytest.fixture
def log(settings, tmp_path):
    settings.MAIL_LOG = str(tmp_path / "mail.log")

    def write(*lines, rotated=False, **names):
        text = "".join(line.format(**{"id": ONE, "queue": "4XyZ1"} | names) + "\n" for line in lines)
        with (tmp_path / ("mail.log.1" if rotated else "mail.log")).open("a") as file:
            file.write(text)

    return write


def test_a_message_that_reached_the_queue_was_taken(log):
    log(READING, ACCEPTED, REMOVED)

    assert mail_log.taken([ONE, OTHER]) == {ONE}


def test_a_message_that_was_only_begun_was_not_taken(log):
    log(READING)
    log(READING, ACCEPTED, queue="4XyZ2", id=OTHER)

    assert mail_log.taken([ONE]) == set()


def test_a_queue_id_used_again_for_another_message_proves_nothing(log):
    log(READING)
    log(READING, ACCEPTED, id=OTHER)

    assert mail_log.taken([ONE]) == set()


def test_a_message_begun_twice_and_taken_once_was_taken(log):
    log(READING)
    log(READING, ACCEPTED, queue="4XyZ2")

    assert mail_log.taken([ONE]) == {ONE}


def test_the_log_that_was_rotated_out_last_is_read_too(log):
    log(READING, rotated=True)
    log(ACCEPTED)

    assert mail_log.taken([ONE]) == {ONE}


def test_a_log_that_cannot_be_read_knows_nothing(settings, tmp_path):
    settings.MAIL_LOG = str(tmp_path / "missing.log")

    assert mail_log.taken([ONE]) == set()
