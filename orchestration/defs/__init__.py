"""Dagster's definitions, one module per room they wrap; loaded by folder, so a new module needs no registration."""
