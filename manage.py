#!/usr/bin/env python
"""Django's command line, with the embedded servers started when no address of real ones is set."""

import os
import sys

from django.core.management import execute_from_command_line

from jobboard import embedded


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jobboard.settings")
    if sys.argv[1:2] == ["up"]:
        os.environ.setdefault("DEVELOPMENT", "true")
    try:
        embedded.ensure_servers()
    except embedded.CannotStart as reason:
        sys.exit(str(reason))
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
