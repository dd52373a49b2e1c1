"""Landing: vendors' records, verbatim, into Parquet through dlt.

Belongs here: how to talk to a source, how its records are cut and landed, the clock, the errors.
Does not: types and meaning (dbt), schedules (orchestration), anything of the made-up company (sandbox).
"""

import os
from pathlib import Path

# dlt would look for .dlt in the folder that a command is typed in.
os.environ.setdefault("DLT_PROJECT_DIR", str(Path(__file__).parents[1]))
