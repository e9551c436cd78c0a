"""What hostile or odd people send to alerts, and what breaks while they are sent: where each is shown to do no harm.

`INPUTS` are cases of a catalogue of bad inputs, by its ids; `FAULTS` are what may happen to a mail on its way. Each
names the tests that show it, and fails when one of those is gone. What had no better place is tested here.
"""

import ast
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts import digest_tasks
from alerts.mail import compose
from alerts.models import Digest
from alerts.planning import plan_digests
from alerts.rhythm import Rhythm
from jobs.models import Job
from tests.alerts.conftest import find
from tests.alerts.mail_server import mailroom
from tests.factories import JobFactory

TESTS = Path(__file__).parents[1]
INPUTS = {
    "C01": ("an alert for somebody else's address", "alerts/test_requests.py::test_the_link_alone_starts_nothing"),
    "C03": (
        "a thousand addresses from one place",
        "alerts/test_requests.py::test_five_requests_an_hour_from_one_place",
    ),
    "C05": (
        "the eleventh alert",
        "alerts/test_alert.py::test_the_eleventh_alert_of_a_subscriber_waits",
        "alerts/test_alert.py::test_the_database_refuses_an_eleventh_slot",
        "alerts/test_cap.py::test_fifty_starts_at_once_fill_the_places_and_no_more",
    ),
    "C07": (
        "an alert for everything",
        "alerts/test_pages.py::test_an_alert_for_every_job_is_refused_with_a_clear_sentence",
    ),
    "C09": (
        "an alert that finds thousands of jobs",
        "alerts/test_bad_inputs_and_faults.py::test_an_alert_that_finds_thousands_of_jobs_costs_no_more_and_stays_short",
    ),
    "C11": (
        "an hour that the clocks skip",
        "alerts/test_planning.py::test_exactly_one_digest_on_a_day_when_the_clocks_change",
        "alerts/test_rhythm.py::test_half_past_two_on_the_day_clocks_spring_forward_is_half_past_three",
    ),
    "C13": ("a clock that jumps", "alerts/test_planning.py::test_an_outage_of_three_days_gives_one_merged_digest"),
    "C15": (
        "a job edited after its mail",
        "alerts/test_planning.py::test_a_job_edited_after_its_mail_is_not_mailed_again",
        "alerts/test_matching.py::test_an_edited_and_a_republished_job_are_not_matched_again",
    ),
    "C17": (
        "paused or unsubscribed between plan and send",
        "alerts/test_sending.py::test_what_stopped_between_plan_and_send_is_not_sent",
    ),
    "C19": (
        "deleted between plan and send",
        "alerts/test_sending.py::test_what_stopped_between_plan_and_send_is_not_sent",
    ),
    "C21": ("a title that wants to be a header", "alerts/test_mail.py::test_nothing_in_a_title_becomes_a_header"),
    "C23": (
        "a company named like a sender",
        "alerts/test_mail.py::test_a_company_is_named_but_never_the_sender",
        "alerts/test_mail.py::test_markup_in_an_advert_is_only_text",
    ),
    "C25": (
        "one click without cookie, form token or login",
        "alerts/test_mail_as_received.py::test_posting_what_the_headers_say_stops_the_alert_at_once",
    ),
    "C27": (
        "one click twice and a hundred times at once",
        "alerts/test_unsubscribing.py::test_stopping_twice_is_stopping_once",
        "alerts/test_unsubscribing.py::test_a_hundred_clicks_at_once",
    ),
    "C29": (
        "the token of another alert",
        "alerts/test_unsubscribing.py::test_the_token_of_one_alert_changes_no_other",
    ),
    "C31": (
        "a token in an address",
        "alerts/test_unsubscribing.py::test_pages_with_a_token_leak_nothing",
        "alerts/test_clicks.py::test_the_address_leaks_nowhere",
    ),
    "C33": (
        "a link of a mail with another target",
        "alerts/test_clicks.py::test_nobody_can_count_clicks_with_an_address_of_their_own",
    ),
    "C35": (
        "a bounce told a hundred times",
        "alerts/test_mail_events.py::test_an_event_told_a_hundred_times_counts_once",
    ),
    "C37": (
        "a bounce made up for somebody",
        "alerts/test_mail_events.py::test_a_bounce_of_a_mail_nobody_sent_is_only_noted",
        "alerts/test_mail_events.py::test_a_bounce_of_an_old_mail_is_not_believed",
    ),
    "C39": (
        "a complaint",
        "alerts/test_mail_events.py::test_a_complaint_switches_everything_off_at_once_and_no_click_undoes_it",
    ),
}
FAULTS = {
    "a worker dies before the dot": ("alerts/test_sending.py::test_a_dead_workers_digest_is_sent_by_another",),
    "a worker dies at the dot": (
        "alerts/test_sending.py::test_a_worker_that_died_at_the_dot_is_sent_again_when_nobody_knows",
        "alerts/test_sending.py::test_a_worker_that_died_after_the_dot_is_found_in_the_mail_servers_log",
    ),
    "a worker that was taken for dead goes on": (
        "alerts/test_sending.py::test_a_worker_that_lost_its_row_sends_no_dot",
    ),
    "all workers die, Redis is emptied, PostgreSQL restarts, beat runs twice": (
        "alerts/test_chaos.py::test_nothing_is_lost_and_nothing_sent_twice_when_everything_dies",
    ),
    "a matching worker dies": (
        "alerts/test_workers.py::test_workers_share_many_jobs_and_lose_none_when_one_is_killed",
        "alerts/test_matching.py::test_what_a_killed_worker_left_is_made_good_by_the_next",
    ),
    "a match is committed late": ("alerts/test_planning.py::test_a_match_that_was_committed_late_is_still_sent",),
    "many plan, many send at once": (
        "alerts/test_planning.py::test_two_planners_at_once_write_each_digest_once",
        "alerts/test_sending.py::test_many_senders_at_once_send_each_digest_once",
    ),
    "nobody plans for days": ("alerts/test_planning.py::test_an_outage_of_three_days_gives_one_merged_digest",),
    "no mail server for a day": (
        "alerts/test_outage.py::test_after_a_day_without_mail_server_everybody_gets_one_mail_with_all_of_it",
    ),
    "a temporary refusal, and one that lasts a day": (
        "alerts/test_sending.py::test_a_temporary_refusal_is_tried_again_a_minute_later",
        "alerts/test_sending.py::test_after_a_day_of_refusals_the_jobs_are_owed_to_the_next_digest",
    ),
    "the connection breaks at the dot": (
        "alerts/test_sending.py::test_a_connection_that_breaks_at_the_dot_leaves_the_row_to_the_reaper",
    ),
    "the database goes away while SMTP is spoken": (
        "alerts/test_sending.py::test_a_database_that_goes_away_before_the_dot_leaves_no_half_mail",
    ),
    "a mail that can't be written": (
        "alerts/test_sending.py::test_a_digest_that_cannot_be_written_keeps_nobody_waiting",
        "alerts/test_sending.py::test_a_digest_that_cannot_be_written_is_set_aside_at_the_third_try_with_its_jobs",
    ),
    "a mail that workers die of": ("alerts/test_sending.py::test_a_digest_whose_workers_die_of_it_is_set_aside",),
    "control characters in a header": ("alerts/test_mail.py::test_nothing_in_a_title_becomes_a_header",),
    "an alert that fails": (
        "alerts/test_planning.py::test_a_person_whose_plan_fails_is_tried_an_hour_later_and_stops_nobody",
    ),
    "an address that bounces": (
        "alerts/test_sending.py::test_an_address_that_does_not_exist_is_suppressed_at_the_second_hard_bounce",
        "alerts/test_mail_events.py::test_thirty_quiet_days_forgive",
    ),
    "our own login is refused": (
        "alerts/test_sending.py::test_a_login_that_the_mail_server_refuses_is_our_trouble_and_not_the_persons",
    ),
    "a plan that shrinks on the way": (
        "alerts/test_sending.py::test_a_plan_that_shrank_between_plan_and_send_leaves_out_what_it_no_longer_holds",
    ),
    "a job that closes on the way": ("alerts/test_sending.py::test_a_job_that_closed_is_left_out_and_the_others_go",),
    "no Redis": (
        "alerts/test_bad_inputs_and_faults.py::test_digests_are_planned_and_sent_without_redis",
        "accounts/test_log_in.py::test_people_log_in_while_redis_is_away",
        "jobs/test_life.py::test_a_job_is_published_while_redis_is_away",
        "accounts/test_mail.py::test_without_redis_the_page_sends_by_itself",
    ),
    "a mail scanner that follows every link": (
        "alerts/test_mail_as_received.py::test_a_scanner_that_follows_every_link_changes_nothing",
        "alerts/test_clicks.py::test_a_program_that_follows_the_links_of_a_mail_is_led_there_and_not_counted",
    ),
    "an address bombed with confirmations": (
        "alerts/test_requests.py::test_one_confirmation_a_day_and_three_until_confirmed",
    ),
    "a device that is gone, or a push service that is busy": (
        "alerts/test_pushing.py::test_a_device_that_is_gone_is_forgotten_and_the_others_are_told",
        "alerts/test_pushing.py::test_a_busy_service_is_asked_again_when_it_says_or_a_minute_later",
    ),
    "a worker dies while telling a device": (
        "alerts/test_pushing.py::test_a_worker_that_died_while_telling_is_not_followed_by_another",
    ),
    "an endpoint that is no push service": ("alerts/test_pushing.py::test_only_known_push_services_are_ever_called",),
}


@pytest.mark.parametrize("case", [*INPUTS, *FAULTS])
def test_each_case_is_shown_by_tests_that_are_there(case):
    named = INPUTS[case][1:] if case in INPUTS else FAULTS[case]

    missing = [name for name in named if name.partition("::")[2] not in names_in(name.partition("::")[0])]

    assert (missing, len(named) > 0) == ([], True)


@cache
def names_in(file: str) -> set[str]:
    tree = ast.parse((TESTS / file).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_an_alert_that_finds_thousands_of_jobs_costs_no_more_and_stays_short(seeker, stranger, keep):
    one = JobFactory()
    fields = {field.attname: getattr(one, field.attname) for field in Job._meta.concrete_fields}
    del fields["id"]
    many = Job.objects.bulk_create(Job(**fields) for _ in range(2000))
    narrow, broad = keep(seeker, words="narrow"), keep(stranger, words="broad")
    find(narrow, one)
    find(broad, *many)
    due_at = timezone.now() + timedelta(days=1)

    counts = []
    for alert in (narrow, broad):
        type(alert).objects.exclude(pk=alert.pk).update(next_due_at=None)
        type(alert).objects.filter(pk=alert.pk).update(next_due_at=due_at)
        with CaptureQueriesContext(connection) as queries:
            plan_digests(due_at)
            digest = Digest.objects.claim(due_at)
            mail = compose(digest, due_at).message().as_bytes()
        counts.append((len(queries), digest.job_count, mail.count(b"/alerts/opened/") // 2))
        assert len(mail) < 30_000

    assert counts[1][0] <= counts[0][0]
    assert [count[1:] for count in counts] == [(1, 1), (2000, 10)]


def test_digests_are_planned_and_sent_without_redis(seeker, keep, dead_redis, settings):
    find(keep(seeker, rhythm=Rhythm.INSTANT), JobFactory())

    with mailroom(settings) as room:
        digest_tasks.plan_digests()
        digest_tasks.send_digests()

    assert [recipients for recipients, _ in room.mails] == [[seeker.email]]
