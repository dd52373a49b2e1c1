"""Plausibility of what landed and of what is to be published, as suites of Great Expectations.

Belongs here: the catalogue of expectations (catalogue, values), the small frames in which they are looked for (batches,
drift, marts), running them and their pages (suites). Does not: types and keys (dbt's tests), sums (quality/proof.py),
which check is on which asset (orchestration).
"""
