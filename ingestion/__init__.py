"""Landing: vendors' records, verbatim, into Parquet through dlt.

Belongs here: how to talk to a source, how its records are cut and landed, the clock, the errors.
Does not: types and meaning (dbt), schedules (orchestration), anything of the made-up company (sandbox).
"""
