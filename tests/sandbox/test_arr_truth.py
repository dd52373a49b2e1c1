"""The marts of recurring revenue on a few balances and movements worked by hand, of the fourth company, in dollars."""

from __future__ import annotations

from functools import cache
from typing import Any

from sandbox.company import DEFAULT_NOW
from sandbox.timestamps import ms
from sandbox.truth.arr import arpa, arr, arr_movements
from sandbox.truth.maps import UNMAPPED
from sandbox.truth.market import market
from sandbox.truth.revenue import Balance, Movement, Revenue, RevenueCell
from tests.sandbox.conftest import made

AUGUST, SEPTEMBER = "FY26-P08", "FY26-P09"
ANN = RevenueCell("ANN", "payments-fraud", "ENT", "DACH", "EUR")
ANNS_SHOP = RevenueCell("ANN", "mobile", "ENT", "DACH", "EUR")
BEN = RevenueCell("BEN", "mobile", "SMB", "US", "USD")
NOBODY = RevenueCell(UNMAPPED, "mobile", UNMAPPED, UNMAPPED, "USD")
BALANCES = [
    Balance(AUGUST, ANN, 100, 110, 120),
    Balance(SEPTEMBER, ANN, 100, 110, 115),
    Balance(SEPTEMBER, ANNS_SHOP, 200, 220, 230),
    Balance(SEPTEMBER, BEN, 500, 500, 500),
    Balance(SEPTEMBER, NOBODY, 40, 40, 40),
]
MOVEMENTS = [
    Movement(SEPTEMBER, ANN, "fx", "fx", False, False, 0, 0, -5),
    Movement(SEPTEMBER, ANNS_SHOP, "cross_sell", "logo_new", False, False, 200, 220, 230),
    Movement(SEPTEMBER, BEN, "logo_new", "logo_new", False, False, 500, 500, 500),
    Movement(SEPTEMBER, BEN, "expansion_quantity", "expansion_quantity", True, False, 30, 30, 30),
    Movement(SEPTEMBER, BEN, "contraction", "contraction", True, False, -30, -30, -30),
    Movement(SEPTEMBER, NOBODY, "logo_new", "logo_new", False, False, 40, 40, 40),
]


@cache
def revenue() -> Revenue:
    return Revenue(made(4), ms(DEFAULT_NOW))


def only(rows: list[dict[str, Any]], **key: str) -> dict[str, Any]:
    (found,) = [row for row in rows if key.items() <= row.items()]
    return found


def test_a_bridge_has_what_moved_and_not_what_came_and_went() -> None:
    rows = arr(revenue(), BALANCES, MOVEMENTS)
    ann = only(rows, fiscal_period=SEPTEMBER, product_id="payments-fraud")
    assert (ann["opening_mrr"], ann["closing_mrr"], ann["closing_arr"]) == ("1.10", "1.10", "13.20")
    assert (ann["opening_mrr_actual"], ann["fx_mrr_actual"], ann["closing_mrr_actual"]) == ("1.20", "-0.05", "1.15")
    assert ann["portfolio_id_as_was"] == "commerce"
    ben = only(rows, fiscal_period=SEPTEMBER, segment="SMB")
    assert (ben["logo_new_mrr"], ben["expansion_quantity_mrr"], ben["contraction_mrr"]) == ("5.00", "0.00", "0.00")
    within = [row for row in arr_movements(MOVEMENTS) if row["is_intra_period"]]
    assert [(row["gained_mrr"], row["lost_mrr"]) for row in within] == [("0.00", "-0.30"), ("0.30", "0.00")]


def test_nothing_opens_the_first_period_of_the_calendar() -> None:
    first = revenue().periods[0].name
    (row,) = [row for row in arr(revenue(), [Balance(first, BEN, 500, 500, 500)], []) if row["fiscal_period"] == first]
    assert (row["opening_mrr"], row["logo_new_mrr"], row["closing_mrr"]) == (None, None, "5.00")


def test_an_average_is_of_customers_and_of_accounts_that_nobody_owns() -> None:
    """The company has two customers, of 3.30 and 5.00, and two accounts of nobody that bring 0.40. Ben is new to it,
    both customers are to mobile; of the accounts one bought for 0.40 and the other one bought more."""
    accounts = [(SEPTEMBER, NOBODY, "cus_1"), (SEPTEMBER, NOBODY, "cus_2")]
    new, more = (("logo_new", "logo_new", False, False), ("expansion_quantity", "expansion_quantity", False, False))
    moved = [(SEPTEMBER, NOBODY, new, "cus_1"), (SEPTEMBER, NOBODY, new, "cus_1"), (SEPTEMBER, NOBODY, more, "cus_2")]
    rows = arpa(revenue(), BALANCES, MOVEMENTS, accounts, moved)
    company = only(rows, fiscal_period=SEPTEMBER, product_id="COMPANY", slice_type="all")
    assert (company["paying_mrr"], company["paying_customers"], company["arpa"]) == ("8.70", 4, 2.175)
    assert (company["unmapped_mrr"], company["unmapped_accounts"]) == ("0.40", 2)
    assert (company["new_mrr"], company["new_customers"], company["asp"]) == ("5.40", 2, 2.7)
    assert (company["unmapped_new_mrr"], company["unmapped_new_accounts"]) == ("0.40", 1)
    mobile = only(rows, fiscal_period=SEPTEMBER, product_id="mobile", slice_type="all")
    assert (mobile["paying_customers"], mobile["new_mrr"], mobile["new_customers"], mobile["asp"]) == (
        4,
        "7.60",
        3,
        760 / 300,
    )
    nobody = only(rows, fiscal_period=SEPTEMBER, product_id="COMPANY", slice_value=UNMAPPED, slice_type="segment")
    assert (nobody["paying_customers"], nobody["arpa"], nobody["asp"]) == (2, 0.2, 0.4)


def test_revenue_stands_beside_the_size_of_its_market_segment_and_product() -> None:
    """Mobile of ENT in DACH could bring 9,000,000.00 EUR, at a plan of 1.10 USD; all of LATAM 42,000,000.00 USD."""
    rows = [row for row in market(revenue(), BALANCES) if row["fiscal_period"] == SEPTEMBER]
    mobile = only(rows, market="DACH", slice_value="ENT", product_id="mobile")
    assert (mobile["arr"], mobile["tam"], mobile["sam"]) == ("26.40", "9900000.00", "9900000.00")
    assert mobile["sam_share_ratio"] == 2640 / 990_000_000
    latam = only(rows, market="LATAM", slice_value="ALL", product_id="COMPANY")
    assert (latam["arr"], latam["tam"], latam["sam_share_ratio"]) == ("0.00", "42000000.00", 0)
    whole = only(rows, market="DACH", slice_value="ALL", product_id="COMPANY")
    assert (whole["arr"], whole["tam"], whole["tam_share_ratio"]) == ("39.60", None, None)
    # What is above a module counts it too.
    assert only(rows, market="DACH", slice_value="ALL", product_id="payments")["arr"] == "13.20"
    assert only(rows, market="DACH", slice_value="ENT", product_id="commerce")["arr"] == "39.60"
