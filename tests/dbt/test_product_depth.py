"""A catalogue of any depth from its file to the files of its audiences.

A failure here means that the people of a portfolio do not see products that stand deep below it.
"""

from datetime import UTC, datetime
from pathlib import Path

import duckdb

from serving.failures import Check
from serving.publish import Edition, publish
from tests.dbt.conftest import Warehouse, record

NOW = datetime(2026, 1, 14, 12, tzinfo=UTC)
CATALOGUE = (
    ("apps", "portfolio", ""),
    ("mobile", "product", "apps"),
    ("pay", "module", "mobile"),
    ("tap", "feature", "pay"),
    ("swipe", "feature", "tap"),
    ("labs", "portfolio", ""),
)


def test_the_audience_file_of_a_portfolio_holds_a_product_of_the_fifth_level(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "home")
    rest = {"owner": "", "lifecycle": "", "valid_from": "", "valid_to": ""}
    products = [
        record(name, {"product_id": name, "name": name, "level": level, "parent_id": parent, **rest})
        for name, level, parent in CATALOGUE
    ]
    warehouse.land("files", {"products": products})
    warehouse.run("--select", "+dim_product")
    checks = [Check("unique_grain_dim_product", "marts/dim_product", True)]
    made = publish(warehouse.home, warehouse.home / "warehouse.duckdb", Edition(NOW, "0", checks))
    with duckdb.connect(str(made.folder / "audiences" / "apps.duckdb"), read_only=True) as audience:
        found = audience.execute("select product_id from dim_product order by 1").fetchall()
    assert found == [("apps",), ("mobile",), ("pay",), ("swipe",), ("tap",)]
