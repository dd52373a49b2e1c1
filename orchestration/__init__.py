"""Dagster and the command line.

Belongs here: how the rooms are put together: assets, checks, jobs, schedules, and the commands that run them.
Does not: how a source is read (ingestion), what a figure means (dbt_project), how a snapshot is swapped (serving).
"""
