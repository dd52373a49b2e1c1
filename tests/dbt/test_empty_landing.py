"""A home in which no source, or only one, has ever landed: every model is built, and every check is green.

A failure here means that a company can't begin with one source.
"""

from pathlib import Path

from tests.dbt import world
from tests.dbt.conftest import Warehouse


def test_what_never_landed_is_empty_and_lands_later(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "home")
    warehouse.build()
    marts = {name: rows for name, rows in warehouse.tables().items() if name.startswith("marts.mart_")}
    health = marts.pop("marts.mart_data_health")
    assert len(marts) >= 11
    assert [name for name, rows in marts.items() if rows] == []
    assert {(numerator, denominator) for _, _, numerator, denominator, *_ in health} == {(0, 0)}
    warehouse.land("jira", world.jira())
    warehouse.build("--select", "source:jira+")
    done = warehouse.query("select product_id, sum(throughput) from marts.mart_delivery group by all")
    assert [(product, int(issues)) for product, issues in done] == [("UNMAPPED", 2)]
