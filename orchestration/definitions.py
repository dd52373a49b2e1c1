"""What Dagster loads. Belongs here: nothing but the entry; definitions live in defs/."""

from pathlib import Path

import dagster as dg

from orchestration import company


@dg.definitions
def defs() -> dg.Definitions:
    if not company.is_settled():  # a code server started by hand has no home yet; this reads settings, no secret
        company.settle()
    return dg.load_from_defs_folder(path_within_project=Path(__file__).parent)
