#!/usr/bin/env python
"""Django's command line, with the embedded servers started when no address of real ones is set."""

import os
import sys

from jobboard import embedded

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jobboard.settings")
    embedded.ensure_servers()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
