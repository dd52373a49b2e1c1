"""dbt as dagster-dbt starts it.

Belongs here: what is changed of dagster-dbt's way. Does not: what dbt is asked to do (dbt_process.py). Imported when
dbt is to run: dagster-dbt imports dbt, 1.4 CPU-s that a command with nothing to build does not need.
"""

from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version as installed
from typing import Any

from dagster_dbt import DbtCliResource
from packaging.version import Version


class Dbt(DbtCliResource):
    """dbt as a child that ends with its parent, started without what only metadata of other warehouses needs.

    dagster-dbt asks the executable for its version (2.4 s) and makes an adapter of its own (1 s, and it would keep the
    warehouse open in this process) before each start; the version is known here and rows are counted in warehouse.py.
    """

    @cached_property
    def _cli_version(self) -> Version:
        return Version(installed("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> Any:
        return None
