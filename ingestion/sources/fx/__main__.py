"""Loads this source alone."""

import sys

from ingestion.sources import print_load

sys.exit(print_load("fx"))
