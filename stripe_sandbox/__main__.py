import argparse
import signal
import sys
import threading
from pathlib import Path

from stripe_sandbox.sandbox import Sandbox
from stripe_sandbox.server import Server, serve


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m stripe_sandbox", description="A stand-in for Stripe; see its README."
    )
    parser.add_argument("--port", type=int, default=12111, help="0 takes a free one")
    parser.add_argument("--webhook-url", help="where thin events of every kind go")
    parser.add_argument("--webhook-events", default="*", help="of these kinds only, by commas")
    parser.add_argument("--webhook-secret", default="whsec_sandbox")
    parser.add_argument("--data", type=Path, help="a file that keeps everything for the next start")
    parser.add_argument("--quiet", action="store_true", help="don't say where it is")
    options = parser.parse_args()

    stop = threading.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: stop.set())
    server = Server(options.port)
    server.sandbox = Sandbox(server.address, options.webhook_secret, options.data)
    if options.webhook_url:
        server.sandbox.deliver_to(options.webhook_url, options.webhook_events.split(","))
    if not options.quiet:
        sys.stdout.write(f"Stripe sandbox at {server.address}\n")
        sys.stdout.flush()
    serve(server, stop)


if __name__ == "__main__":
    main()
