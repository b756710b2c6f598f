#!/usr/bin/env python
"""Run a management command of Vedika."""

import os
import sys

from django.core.management import execute_from_command_line

# These change the schema, so they work as its owner and not as the application's own role.
OWNERS_COMMANDS = {"makemigrations", "migrate", "prepare", "sqlmigrate"}

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if OWNERS_COMMANDS.intersection(sys.argv[1:2]):
        os.environ["VEDIKA_AS_OWNER"] = "1"
    execute_from_command_line(sys.argv)
