"""What people are given: published snapshots of the marts.

Belongs here: making a snapshot, swapping it in, finding the current one. Does not: whether it may be published (the
gate, orchestration/gate.py), what the figures mean (dbt_project), anything of the warehouse but its schema of marts.
"""
