"""`manage.py up` as a person meets it: started, looked at, stopped; and each thing that may be in its way."""

import http.cookiejar
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request

import psutil
import pytest
import stripe
from django.conf import settings

from jobboard import embedded, payment_sandbox
from jobboard.embedded import CannotStart
from jobboard.mail_sink import free_port
from jobboard.supervisor import Program, port_of

PATIENCE = 90  # seconds, for a machine that is busy with the rest of the suite


@pytest.fixture
def folder(tmp_path):
    tmp_path.chmod(0o755)
    return tmp_path / "site"


@pytest.fixture
def start():
    """Starts `manage.py up`; what a failed test left of it is stopped."""
    processes = []

    def start_up(folder, port):
        servers = ("DATABASE_URL", "REDIS_URL", "DEVELOPMENT", "SECRET_KEY", "EMAIL_URL", "STRIPE_SECRET_KEY")
        environment = {name: value for name, value in os.environ.items() if name not in servers}
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--port", str(port)],
            cwd=settings.BASE_DIR,
            env=environment | {"DATA_DIR": str(folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        processes.append(process)
        return process

    yield start_up
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)


def banner_of(process):
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "Ctrl-C stops everything" in line:
            return "".join(lines)
    raise AssertionError("".join(lines))


def running_below(folder):
    """Command lines of the processes that have the folder in theirs."""
    lines = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout.splitlines()
    return [line for line in lines if str(folder) in line]


def wait_until(happened):
    until = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.1)


def kill_and_wait_for_the_next(pid_file):
    server = psutil.Process(int(pid_file.read_text().split()[0]))
    server.kill()
    server.wait(PATIENCE)
    wait_until(lambda: embedded.lives(pid_file))


def ask_for_a_new_password(address, email):
    """As a browser does: the page's form, with its cookie and its token."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    page = browser.open(f"{address}/accounts/password/reset/").read().decode()
    token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    form = urllib.parse.urlencode({"csrfmiddlewaretoken": token, "email": email})
    browser.open(f"{address}/accounts/password/reset/", form.encode()).close()


@pytest.mark.xdist_group("up")
def test_it_starts_greets_serves_and_leaves_nothing_running(start, folder):
    port = free_port()
    process = start(folder, port)

    banner = banner_of(process)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/dev/mailbox/") as page:
        answered = page.status
    head = urllib.request.Request(f"http://127.0.0.1:{port}/plans/", method="HEAD")
    with urllib.request.urlopen(head) as page:
        length = int(page.headers["Content-Length"])
    process.send_signal(signal.SIGINT)
    last_words, _ = process.communicate(timeout=40)

    assert f"http://localhost:{port}/" in banner
    assert "admin@example.com" in banner
    assert answered == 200
    assert (length > 1000, "no-body response" in last_words) == (True, False)
    assert last_words.splitlines()[-1] == "Everything is stopped."
    assert (process.returncode, running_below(folder)) == (0, [])


@pytest.mark.xdist_group("up")
def test_servers_that_die_are_started_again_and_pages_and_worker_go_on(start, folder):
    port = free_port()
    process = start(folder, port)
    banner_of(process)

    kill_and_wait_for_the_next(folder / "postgres" / "postmaster.pid")
    kill_and_wait_for_the_next(folder / "valkey" / "valkey.pid")
    ask_for_a_new_password(f"http://127.0.0.1:{port}", "seeker@example.com")
    wait_until(lambda: list((folder / "mail").glob("*.eml")))
    process.send_signal(signal.SIGINT)
    words, _ = process.communicate(timeout=40)

    assert [line for line in words.splitlines() if "started again" in line] == [
        "PostgreSQL had ended and was started again.",
        "Valkey had ended and was started again.",
    ]
    assert "Traceback" not in words
    assert (process.returncode, running_below(folder)) == (0, [])


@pytest.mark.xdist_group("up")
def test_without_a_key_plus_is_sold_by_a_sandbox_that_comes_back_with_what_it_knew(start, folder):
    process = start(folder, free_port())
    address = re.search(r"Payments go to +(http://127\.0\.0\.1:\d+)/", banner_of(process))[1]
    stripe_client = stripe.StripeClient("sk_test_any", base_addresses={"api": address}, max_network_retries=0)

    def prices():
        found = stripe_client.v1.prices.list({"lookup_keys": ["plus_monthly", "plus_yearly"]})
        return {price.lookup_key: price.id for price in found}

    before = prices()
    [sandbox] = [one for one in psutil.Process(process.pid).children() if "stripe_sandbox" in one.cmdline()]
    time.sleep(1)  # it writes its file twice a second
    sandbox.kill()
    port = int(address.rpartition(":")[2])
    wait_until(lambda: sandbox.pid not in psutil.pids() and listens(port))
    after = prices()
    process.send_signal(signal.SIGINT)
    words, _ = process.communicate(timeout=40)

    assert (sorted(before), after) == (["plus_monthly", "plus_yearly"], before)
    assert "The Stripe sandbox had ended and was started again." in words.splitlines()
    assert (process.returncode, running_below(folder)) == (0, [])


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_with_a_key_there_is_no_sandbox(monkeypatch):
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_mine")
    with_key = payment_sandbox.is_wanted()
    monkeypatch.setenv("STRIPE_SECRET_KEY", "")

    assert (with_key, payment_sandbox.is_wanted()) == (False, True)


@pytest.mark.xdist_group("up")
def test_a_second_site_in_the_same_folder_is_one_plain_sentence(start, folder):
    port = free_port()
    first = start(folder, port)
    banner_of(first)

    second = start(folder, free_port())
    words, _ = second.communicate(timeout=PATIENCE)

    where = f"http://localhost:{port}/ (its data is in {folder})"
    assert words == f"The site runs already at {where}. Stop it first, or use that one.\n"
    assert second.returncode == 1
    assert urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz").status == 200


def test_the_number_a_crash_left_behind_may_be_another_programs_by_now(tmp_path):
    file = tmp_path / "valkey.pid"
    file.write_text(f"{os.getpid()}\n")

    assert not embedded.lives(file)


@pytest.mark.xdist_group("up")
def test_a_port_in_use_is_one_plain_sentence(start, folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        process = start(folder, port)
        words, _ = process.communicate(timeout=40)

    assert words == (
        f"Port {port} on 127.0.0.1 can't be used (Address already in use). Choose another: make run PORT={port + 1}\n"
    )
    assert (process.returncode, running_below(folder)) == (1, [])


@pytest.mark.parametrize("port", ["abc", "0", "70000", "-1", "", "8000 --host=x", "８０８０", "9" * 5000])
def test_a_port_that_cannot_be_is_one_plain_sentence(port):
    with pytest.raises(CannotStart) as refused:
        port_of(port)

    assert str(refused.value) == (
        f"There is no port “{port[:40]}”: a port is a number from 1 to 65535, as in make run PORT=8000"
    )


def test_a_port_mistyped_for_make_run_is_that_sentence_alone(start, folder):
    process = start(folder, "abc")
    words, _ = process.communicate(timeout=40)

    said = "There is no port “abc”: a port is a number from 1 to 65535, as in make run PORT=8000\n"
    assert (words, process.returncode) == (said, 1)


def test_a_folder_that_cannot_be_written_is_one_plain_sentence(start):
    process = start("/proc/nowhere/site", free_port())
    words, _ = process.communicate(timeout=40)

    assert words == (
        "Nothing can be written to /proc/nowhere/site (No such file or directory). Set DATA_DIR to a folder of yours.\n"
    )


def test_a_program_that_keeps_failing_is_given_up():
    program = Program("It", [sys.executable, "-c", "raise SystemExit(1)"])

    for _ in range(5):
        program.start()
        while not program.has_ended():
            time.sleep(0.01)

    assert program.keeps_failing()


def test_commands_at_the_same_moment_start_one_server(folder):
    environment = os.environ | {"DATA_DIR": str(folder)}
    code = "from jobboard import embedded; embedded.start_valkey()"
    command = [sys.executable, "-c", code]

    together = [subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR, text=True) for _ in range(5)]
    endings = [process.wait(30) for process in together]
    os.kill(int((folder / "valkey" / "valkey.pid").read_text()), signal.SIGTERM)

    log = (folder / "valkey" / "log").read_text()
    assert (endings, log.count("Ready to accept connections")) == ([0] * 5, 1)
