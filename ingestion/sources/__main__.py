"""Loads one source alone: ``python -m ingestion.sources <name>``."""

import sys

from ingestion.sources import SOURCES, print_load

if len(sys.argv) != 2 or sys.argv[1] not in SOURCES:
    sys.exit(f"name one of the sources: {', '.join(SOURCES)}")
sys.exit(print_load(sys.argv[1]))
