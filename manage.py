#!/usr/bin/env python
"""Run a command of the study application, such as `python manage.py check_protocol FILE`."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studyapp.settings")
    execute_from_command_line(sys.argv)
