"""Dagster.

Belongs here: how the rooms are put together: assets, checks, jobs, schedules, and how a run of them goes. Does not: how
a source is read (ingestion), what a figure means (dbt_project), how a snapshot is swapped (serving), commands (cli).
"""
