"""Khmer pages; words of days come from ``khmer.dates``."""

from config.formats.shared import *  # noqa: F403 - Django reads the names from here
