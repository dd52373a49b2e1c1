"""Movements of recurring revenue of any contracts: the models against the truth, and what their proofs see.

A failure here means that the board sees growth, loss or churn that was something else.
"""

from collections import Counter
from random import Random

import duckdb
import pytest

from sandbox.truth.revenue import TYPES
from tests.dbt.conftest import Warehouse
from tests.dbt.made_contracts import TABLES, Contracts
from tests.end_to_end.recurring import BUILT, flat
from tests.in_process_dbt import dbt

BRIDGE = "assert_movements_lead_from_balance_to_balance"
MUTATIONS = {
    "delete from fct_mrr_movement where rowid = 100": 1 + 16,
    "insert into fct_mrr_movement from fct_mrr_movement where rowid = 100": 1 + 16,
    "update fct_mrr_movement set delta_actual_minor = delta_actual_minor + 1 where rowid = 100": 1 + 16,
    # Only its own currency shows it.
    "update fct_mrr_movement set delta_minor = delta_minor + 1 where rowid = 100": 1,
    # Two cells, two products, with and without the other three.
    "update fct_mrr_movement set product_id = 'other' where rowid = 100": 2 + 2 * 8,
}


@pytest.fixture(scope="module")
def contracts() -> Contracts:
    return Contracts(Random(5), families=150)


@pytest.fixture(scope="module")
def warehouse(contracts: Contracts, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    warehouse = Warehouse(tmp_path_factory.mktemp("movements") / "home")
    contracts.write(warehouse)
    warehouse.run("--select", "+fct_mrr_movement", "--exclude", *(f"+{table}" for table in TABLES))
    return warehouse


def test_movements_of_any_contracts_are_the_true_ones(contracts: Contracts, warehouse: Warehouse) -> None:
    true = Counter(flat(one) for one in contracts.movements())
    assert Counter(warehouse.query(BUILT["movement"])) == true
    assert {one[6] for one in true} == {one[7] for one in true} | {"cross_sell", "product_churn"} == set(TYPES)
    assert len({one[6:10] for one in true}) > 40, "company type, product type, within a period, unpaid"


def test_a_movement_too_many_too_few_or_elsewhere_is_red(warehouse: Warehouse) -> None:
    proven = dbt(warehouse.home, "test", "--select", BRIDGE).result[-1]
    assert str(proven.status) == "pass"
    red = {}
    with duckdb.connect(str(warehouse.home / "warehouse.duckdb")) as connection:
        connection.execute("use intermediate")
        for mutation in MUTATIONS:
            connection.execute(f"begin; {mutation}")
            red[mutation] = len(connection.execute(proven.node.compiled_code).fetchall())
            connection.rollback()
    assert red == MUTATIONS
