"""What Dagster loads. Belongs here: nothing but the entry; definitions live in defs/."""

from functools import cache
from pathlib import Path

import dagster as dg

from orchestration import deployment
from orchestration.loads import switched_on


@dg.definitions
def defs() -> dg.Definitions:
    if not deployment.is_settled():  # a code server started by hand has no home yet; this reads settings, no secret
        deployment.settle()
    return dg.load_from_defs_folder(path_within_project=Path(__file__).parent)


def of_home(home: Path) -> dg.Definitions:
    """The definitions as they are loaded once per process, home and sources that are on."""
    return _of(home, tuple(source.name for source in switched_on()))


@cache
def _of(_home: Path, _on: tuple[str, ...]) -> dg.Definitions:
    return defs()
