"""A real Postfix from a configuration of its own: on loopback only, and everything it takes is thrown away."""

import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

from benchmarks.chaos.mail_server import wait_for_port

# Nothing leaves: every transport is "discard", and no name is looked up.
MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/state
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = chaos.localhost
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
mydestination =
alias_maps =
alias_database =
local_recipient_maps =
local_transport = discard:
default_transport = discard:
relay_transport = discard:
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_peername_lookup = no
smtpd_client_event_limit_exceptions = 127.0.0.0/8
smtp_dns_support_level = disabled
maillog_file = {log}
maillog_file_prefixes = {log_folder}
"""
MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
postlog unix-dgram n - n - 1 postlogd
"""


def why_not() -> str:
    """Why Postfix can't run here; "" when it can."""
    if not shutil.which("postfix", path="/usr/sbin:/usr/bin:" + os.environ.get("PATH", "")):
        return "Postfix isn't installed (Debian: apt-get install postfix)"
    return "" if os.geteuid() == 0 else "Postfix can be started by root only"


@contextmanager
def running(port: int, log: Path):
    """Postfix on the port, writing its log where it is told to; stopped at the end."""
    folder = log.parent / "postfix"
    for part in ("config", "spool", "state"):
        (folder / part).mkdir(parents=True)
    shutil.chown(folder / "state", "postfix")
    config = folder / "config"
    (config / "main.cf").write_text(MAIN.format(folder=folder, log=log, log_folder=log.parent))
    (config / "master.cf").write_text(MASTER.format(port=port))
    control(config, "start")
    try:
        wait_for_port(port)
        yield
    finally:
        control(config, "stop")


def control(config: Path, command: str) -> None:
    subprocess.run(["/usr/sbin/postfix", "-c", str(config), command], check=True, capture_output=True)
