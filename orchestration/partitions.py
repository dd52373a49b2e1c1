"""Days as partitions: what the vendor took in on a day (UTC) of streams that land by the hour.

Belongs here: which days there are, which days a run asks for or has landed. Does not: landing (defs/ingest.py).

A run without a partition goes on from the cursor and marks the days it read. A run for days reads just them again and
moves no cursor, so that a backfill is a click and takes nothing from the next load.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date, timedelta

import dagster as dg

from ingestion import clock
from ingestion.errors import SettingsError
from ingestion.landing import Landed
from ingestion.settings import StartSetting, resolve
from ingestion.sources import Source


def upload_days(source: Source) -> dg.DailyPartitionsDefinition:
    """From the source's first day to today; a made-up company's today does not move while definitions are loaded."""
    try:
        start = resolve(source.name, StartSetting).start
    except SettingsError:
        start = StartSetting().start  # definitions load with any settings; the load itself says what is wrong with them
    is_made_up = "PRODOPS_NOW" in os.environ
    end = (clock.now().date() + timedelta(days=1)).isoformat() if is_made_up else None
    return dg.DailyPartitionsDefinition(start.isoformat(), end_date=end, end_offset=0 if is_made_up else 1)


def days_asked(context: dg.AssetExecutionContext) -> tuple[date, date] | None:
    """The days that a run is for, first and last; None for a run that goes on from the cursor."""
    if not (context.has_partition_key or context.has_partition_key_range):
        return None
    asked = context.partition_key_range
    return date.fromisoformat(asked.start), date.fromisoformat(asked.end)


def days_read(parts: Sequence[Landed], days: dg.DailyPartitionsDefinition) -> list[str]:
    """The partitions that the parts of a load read."""
    read: set[str] = set()
    for part in parts:
        first, last = part.days or (date.max, date.min)
        read.update((first + timedelta(days=number)).isoformat() for number in range((last - first).days + 1))
    return sorted(day for day in read if days.has_partition_key(day))
