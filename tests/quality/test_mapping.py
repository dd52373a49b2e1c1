"""Suggestions for keys that nobody mapped, and the rows that a person pastes."""

import csv
import io
from pathlib import Path

import pytest

from ingestion.sources.files.checks import CompanyFiles
from ingestion.sources.files.rows import SHEETS
from quality.mapping import Gap, Suggestion, nearest, rows
from tests.ingestion.sources import company_folder

PRODUCTS = {"checkout": "Checkout", "checkout-express": "Express Checkout", "web": "Web Shop", "reports": "Reports"}


def gap(map_file: str, key: str | None, name: str | None = None, **more: object) -> Gap:
    known = {
        "source": "stripe", "object_type": "product", "use_kind": "invoice lines", "uses": 3, "unmapped": 2,
        "amount": 10.0, "currency": "EUR", "since": "", "until": "", "suggestion": None,
    }  # fmt: skip
    return Gap(map_file=map_file, key=key, name=name, **{**known, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Express Checkout", "checkout-express"),
        ("checkout, EXPRESS", "checkout-express"),
        ("Checkout (deleted)", "checkout"),
        ("Web-Shop yearly", "web"),
        ("Report", "reports"),
        ("Laboratory", None),
        ("100003", None),
        ("", None),
        (None, None),
    ],
)
def test_what_is_called_alike_is_suggested_and_nothing_else(name: str | None, found: str | None) -> None:
    suggestion = nearest(name, PRODUCTS)
    assert (suggestion.id if suggestion else None) == found


def test_of_two_that_are_alike_the_first_by_id_is_suggested_however_they_are_ordered() -> None:
    twins = {"b": "Shop", "a": "Shop"}
    assert nearest("Shop", twins) == nearest("Shop", dict(sorted(twins.items()))) == Suggestion("a", "Shop")
    assert nearest("Shop", {}) is None


def test_rows_are_pasted_as_they_are_into_a_file_that_is_then_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRODOPS_NOW", "2026-10-15T06:00:00Z")
    folder = company_folder.write(tmp_path / "company")
    with (folder / "product_map.csv").open("a") as file:
        file.write("stripe,product,prod_2,exact,p1,1,2026-03-01,,\nstripe,product,prod_3,exact,p1,1,,2026-03-01,\n")
    shop = Suggestion("p1", "Pay")
    found = [
        gap("product_map", "prod_1", 'Shop, "new"', suggestion=shop),
        gap("product_map", "prod_2", suggestion=shop, until="2026-03-01"),
        gap("product_map", "prod_3", suggestion=shop, since="2026-03-01"),
        gap("product_map", None),
        gap("customer_map", "cus_1"),
        gap("product_map", "=HYPERLINK(1)", suggestion=shop),
        gap("product_map", "prod_4", "=HYPERLINK(2)", suggestion=shop),
    ]
    reported = list(rows("product_map", found))
    assert [row["key"] for row in reported] == ["prod_1", "prod_2", "prod_3", "prod_4"]
    assert not any(value.startswith("=") for row in reported for value in row.values())
    out = io.StringIO()
    csv.DictWriter(out, list(SHEETS["product_map"].row.columns()), lineterminator="\n").writerows(reported)
    with (folder / "product_map.csv").open("a") as file:
        file.write(out.getvalue())
    mapped = CompanyFiles(folder, {}).tables["product_map"].texts
    assert sum(row["source"] == "stripe" for row in mapped) == 6


def test_a_row_has_the_columns_of_its_file_and_what_is_known_of_the_key() -> None:
    account = gap("account_map", "40", "Sales", source="quickbooks", suggestion=Suggestion("revenue", "Income"))
    vendor = gap("vendor_map", "7", "Acme", source="quickbooks")
    kind = gap("work_types", "21", "Defekt", source="jira", object_type="issue_type")
    assert list(rows("account_map", [account])) == [
        dict.fromkeys(SHEETS["account_map"].row.columns(), "")
        | {"account": "40", "statement_group": "revenue", "sign": "-1"}
    ]
    assert list(rows("work_types", [kind])) == [
        {"source": "jira", "object_type": "issue_type", "key": "21", "kind": ""}
    ]
    assert list(rows("vendor_map", [vendor])) == [
        dict.fromkeys(SHEETS["vendor_map"].row.columns(), "") | {"key": "7", "cost_type": "contractor"}
    ]
