import os
import sys
from pathlib import Path

from django.conf import settings
from django.core.management import BaseCommand, call_command
from django.db import connections

from accounts.models import User
from jobboard import embedded, payment_sandbox, supervisor
from jobboard.mail_sink import MailSink
from jobboard.management.commands.sample_content import SAMPLE_PASSWORD, SAMPLE_PEOPLE


class Command(BaseCommand):
    help = "Runs the whole site on this machine: servers, migrations, sample content, web, worker, beat and mailbox."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", default="8000")

    def handle(self, *, host, port, **options):
        try:
            port = supervisor.port_of(port)
            with embedded.only_site(f"{site_url(host, port)}/"):
                self.run(host, port)
        except embedded.CannotStart as reason:
            sys.exit(str(reason))
        finally:
            embedded.stop_servers()
        self.stdout.write("Everything is stopped.")

    def run(self, host, port):
        supervisor.check_port(host, port)
        os.environ.setdefault("SITE_URL", site_url(host, port))
        self.prepare()
        with MailSink(settings.DATA_DIR / "mail") as sink:
            os.environ.setdefault("EMAIL_URL", f"smtp://127.0.0.1:{sink.port}")
            os.environ.setdefault("PYTHONWARNINGS", "ignore:You're running the worker with superuser")
            programs = [web(host, port), worker()]
            sandbox_port = None
            if payment_sandbox.is_wanted():
                sandbox, sandbox_port = payment_sandbox.prepare(
                    site_port=port, site_url=os.environ["SITE_URL"], data=settings.DATA_DIR / "stripe-sandbox.json"
                )
                programs.insert(0, sandbox)
            leave_the_database()
            supervisor.keep_running(programs, once_started=lambda: self.greet(host, port, sandbox_port), say=self.say)

    def prepare(self):
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        if not User.objects.exists():
            self.stdout.write("Writing the sample content …")
            call_command("sample_content")

    def greet(self, host, port, sandbox_port):
        if sandbox_port is None:
            supervisor.wait_until_listening(port, host)
        else:
            with payment_sandbox.being_set_up(sandbox_port) as complaint:
                supervisor.wait_until_listening(port, host)
                if words := complaint():
                    self.say(f"Plus can't be bought: {words}")
        self.say(banner(os.environ["SITE_URL"], sandbox_port))

    def say(self, words):
        self.stdout.write(words)
        self.stdout.flush()


def site_url(host: str, port: int) -> str:
    """Browsers keep passkeys for names only, so that an address of numbers would rule them out."""
    return f"http://{'localhost' if host == '127.0.0.1' else host}:{port}"


def leave_the_database() -> None:
    """What only waits needs no connections, and mustn't complain when PostgreSQL dies."""
    connections.close_all()
    for connection in connections.all(initialized_only=True):
        connection.close_pool()


def web(host: str, port: int) -> supervisor.Program:
    options = ["--bind", f"{host}:{port}", "--workers", "1", "--threads", "8", "--no-control-socket"]
    quiet = ["--log-level", "warning"]
    return supervisor.Program("The web server", [beside_python("gunicorn"), "jobboard.wsgi", *options, *quiet])


def worker() -> supervisor.Program:
    """One worker with beat inside, which is for one machine only."""
    queues = ",".join(settings.WORKER_QUEUES)
    options = ["--beat", "--concurrency", "1", "--queues", queues, "--loglevel", "WARNING"]
    alone = ["--without-mingle", "--without-gossip"]
    return supervisor.Program(
        "The Celery worker", [beside_python("celery"), "-q", "-A", "jobboard", "worker", *options, *alone]
    )


def beside_python(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def banner(address: str, sandbox_port: int | None) -> str:
    """What a person has to know; `sandbox_port` is None with a key for Stripe itself."""
    sandbox = [] if sandbox_port is None else [f"  Payments go to    http://127.0.0.1:{sandbox_port}/ (no real money)"]
    rows = [f"  {role:<12}{email:<28}{note}" for email, role, note in SAMPLE_PEOPLE]
    return "\n".join(
        [
            "",
            f"  {settings.SITE_NAME} runs at {address}/",
            "",
            *rows,
            f"  Their password is {SAMPLE_PASSWORD}",
            "",
            f"  Mail arrives at   {address}/dev/mailbox/",
            f"  Staff work at     {address}/admin/",
            *sandbox,
            "  Ctrl-C stops everything.",
            "",
        ]
    )
