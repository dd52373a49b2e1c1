"""Proofs about what landed and what is published, and what of it nobody has mapped.

Belongs here: reconciliation of one zone with the next, controls by the vendors' own figures, what published figures
tell of pay, gaps in the company's files and what these begin with. Does not: rules of figures (dbt_project), what a red
proof stops (orchestration).
"""
