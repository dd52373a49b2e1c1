"""Proofs about what landed and what is published.

Belongs here: reconciliation of one zone with the next, controls by the vendors' own figures. Does not: rules of figures
(dbt_project), what a red proof stops (orchestration).
"""
