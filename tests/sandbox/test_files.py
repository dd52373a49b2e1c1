"""The company's own files: the headers of the contract, weights that add up, ranges that do not overlap."""

from __future__ import annotations

import csv
from collections import defaultdict
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from sandbox import files
from sandbox.company import goals
from sandbox.company.billing import cases as billing_cases
from sandbox.company.structure import HEADERS
from sandbox.timestamps import ms
from sandbox.truth.files import files_records
from tests.sandbox.conftest import made

NOW = "2026-10-15T06:00:00Z"
MASTERS = {
    "products": "product_id",
    "teams": "team_id",
    "segments": "code",
    "markets": "code",
    "okr_cycles": "id",
    "objectives": "id",
    "key_results": "id",
}
NAMED = [
    ("team_products", "team_id", "teams"),
    ("team_products", "product_id", "products"),
    ("price_book", "product_id", "products"),
    ("price_book", "market", "markets"),
    ("price_book", "segment", "segments"),
    ("market_size", "market", "markets"),
    ("market_size", "segment", "segments"),
    ("market_size", "product_id", "products"),
    ("budget", "product_id", "products"),
    ("ai_spend", "team_id", "teams"),
    ("decisions", "product_id", "products"),
    ("promises", "slice", "products"),
    ("promises", "feature", "products"),
    ("objectives", "cycle", "okr_cycles"),
    ("objectives", "parent", "objectives"),
    ("objectives", "product_id", "products"),
    ("key_results", "objective", "objectives"),
    ("key_result_targets", "key_result", "key_results"),
    ("checkins", "kr_id", "key_results"),
]
KINDS = {"increase", "decrease", "stay-above", "stay-below", "maintain", "baseline", "binary"}


@pytest.mark.parametrize("seed", range(1, 6))
@pytest.mark.parametrize("now", [NOW, "2027-01-15T06:00:00Z"])
def test_files_are_as_product_operations_must_keep_them(tmp_path: Path, seed: int, now: str) -> None:
    files.write(made(seed), tmp_path, now)
    rows = {}
    for name, header in HEADERS.items():
        with (tmp_path / f"{name}.csv").open(newline="") as file:
            reader = csv.DictReader(file)
            rows[name] = list(reader)
            assert tuple(reader.fieldnames or ()) == header
    products = {row["product_id"] for row in rows["products"]}
    parents = {row["parent_id"] for row in rows["products"]} - {""}
    assert parents <= products
    assert {row["product_id"] for row in rows["product_map"]} <= products
    groups = defaultdict(list)
    for row in rows["product_map"]:
        groups[row["source"], row["object_type"], row["key"], row["match"]].append(row)
    for group in groups.values():
        for day in {row["valid_from"] for row in group}:
            valid = [
                row for row in group if row["valid_from"] <= day and (not row["valid_to"] or day < row["valid_to"])
            ]
            assert sum(Decimal(row["weight"]) for row in valid) == 1
            assert len({row["product_id"] for row in valid}) == len(valid)
    policy = (tmp_path / "policy.yml").read_text()
    assert yaml.safe_load(policy)["bot_markers"].count("k6/") == 1
    assert f"reporting_time_zone: {made(seed).reporting_zone}\n" in policy


@pytest.mark.parametrize("seed", range(1, 6))
def test_customers_keys_and_codes_refer_to_each_other(seed: int) -> None:
    rows = {name: made(seed).rows(name, NOW) for name in HEADERS}
    customers = {row["customer_id"] for row in rows["customers"]}
    assert len(customers) == 12 + sum(len(reported.countries) for reported in billing_cases.CASES)
    assert {row["parent_id"] for row in rows["customers"]} - {""} < customers
    assert {row["customer_id"] for row in rows["customer_map"]} == customers
    for code in ("segment", "market"):
        assert {row[code] for row in rows["customers"]} <= {row["code"] for row in rows[f"{code}s"]}
    assert len(rows["segments"]) == 3
    assert len(rows["markets"]) == 8
    for name, key in (("customers", "customer_id"), ("customer_map", "key"), ("worker_map", "key")):
        ranges = defaultdict(list)
        for row in rows[name]:
            ranges[row.get("source"), row[key]].append((row["valid_from"], row["valid_to"] or "9999"))
        assert all(a[1] <= b[0] for known in ranges.values() for a, b in pairwise(sorted(known)))
        assert any(len(known) > 1 for known in ranges.values()) or name == "worker_map"


def test_a_file_that_did_not_change_is_left_alone(tmp_path: Path) -> None:
    files.write(made(1), tmp_path, NOW)
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    files.write(made(1), tmp_path, "2026-11-20T06:00:00Z")
    after = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    changed = {
        files.WRITTEN,
        "product_map.csv",
        "okrs.yml",
        "ai_spend.csv",
        "checkins.csv",
        "decisions.csv",
        "fx_rates.csv",
        "goal_links.csv",
        "vendor_map.csv",
    }
    assert {name for name in before if before[name] != after[name]} == changed
    assert "mapped late" in (tmp_path / "product_map.csv").read_text()


def test_what_a_person_edits_stays_edited_until_all_is_written_again(tmp_path: Path) -> None:
    """A failure here costs a person the mapping that they practised."""
    files.write(made(1), tmp_path, NOW)
    assert files.edited(tmp_path) == []
    mapping, teams = tmp_path / "product_map.csv", tmp_path / "teams.csv"
    original = mapping.read_text()
    mapping.write_text(f"{original}jira,project,MINE,exact,P-PAY,1,,,\n")
    teams.unlink()
    later = "2026-11-20T06:00:00Z"
    files.write(made(1), tmp_path, later)
    files.write(made(1), tmp_path, later)
    assert ("MINE" in mapping.read_text(), teams.exists()) == (True, False)
    assert sorted(files.edited(tmp_path)) == ["product_map.csv", "teams.csv"]
    files.write(made(1), tmp_path, later, again=True)
    assert files.edited(tmp_path) == []
    assert ("MINE" in mapping.read_text(), "mapped late" in mapping.read_text(), teams.exists()) == (False, True, True)


@pytest.mark.parametrize("seed", range(1, 6))
def test_plans_refer_to_products_teams_markets_and_periods(seed: int) -> None:
    rows = {name: made(seed).rows(name, NOW) for name in (*HEADERS, *goals.LISTS)}
    known = {name: {row[key] for row in rows[name]} for name, key in MASTERS.items()}
    for name, column, master in NAMED:
        above = known["key_results"] if column == "parent" else set()  # an objective may be below one
        assert {row[column] for row in rows[name]} - {""} <= known[master] | above, (name, column)
    days = {row["valid_from"] for row in rows["team_products"]}
    for team, day in {(row["team_id"], day) for row in rows["team_products"] for day in days}:
        shares = [
            Decimal(row["share"])
            for row in rows["team_products"]
            if row["team_id"] == team and row["valid_from"] <= day < (row["valid_to"] or "9999")
        ]
        assert sum(shares) in (0, 1), (team, day)
    periods = {period.name for period in made(seed).periods}
    assert {row["period"] for row in rows["budget"]} == periods
    assert {row["fiscal_year"] for row in rows["fx_plan"]} == {period[:4] for period in periods}
    assert {row["type"] for row in rows["key_results"]} == KINDS
    assert {row["currency"] for row in rows["price_book"]} == {"EUR", "USD", "GBP", "JPY", "KWD"}


@pytest.mark.parametrize("seed", range(1, 6))
def test_every_case_of_the_files_is_a_row_of_theirs(seed: int) -> None:
    company = made(seed)
    found = [case for case in company.cases if case.source == "files"]
    assert len({case.name for case in found}) == len(found) == 67
    true = files_records(company, ms(NOW))
    ids = {f"{stream}/{record}" for stream, records in true.items() for record in records}
    for case in found:
        assert case.keys, case.name
        assert case.explanation
        # a check-in and a revision are named by their key result alone, what is used without a name by its days
        assert all(key in ids or any(one.startswith(f"{key}/") for one in ids) for key in case.keys), case


def test_bills_for_ai_are_of_teams_of_persons_and_of_nobody() -> None:
    rows = made(1).rows("ai_spend", NOW)
    mapped = {row["key"] for row in made(1).rows("worker_map", NOW) if row["source"] == "vendor"}
    assert {row["user"] for row in rows} - mapped == {"", "ghost-dev"}
    assert {(bool(row["team_id"]), bool(row["user"])) for row in rows} == {(True, False), (False, True), (False, False)}
    assert min(Decimal(row["amount"]) for row in rows) < 0
    ended = {row["team_id"]: row["valid_to"] for row in made(1).rows("teams", NOW) if row["valid_to"]}
    assert any(row["from"] < ended.get(row["team_id"], "") < row["to"] for row in rows)
    unpaid = [row for row in made(1).rows("ai_spend", "2026-01-31T06:00:00Z") if row["from"] >= "2026-01-01"]
    assert unpaid == [], "a bill is not known before it is there"


def test_rules_of_cost_are_kept_by_two_companies_of_three_and_change() -> None:
    early, late = "2025-12-31T06:00:00Z", NOW
    versions = {
        seed: [[version["version"] for version in made(seed).allocation_rules(now)] for now in (early, late)]
        for seed in (1, 2, 3)
    }
    assert versions == {1: [["first"], ["first", "second"]], 2: [["2025"], ["2025", "2026"]], 3: [[], []]}


def test_fiscal_calendars_of_all_kinds_are_played() -> None:
    calendars = [made(seed).calendar for seed in range(1, 6)]
    assert {calendar.pattern for calendar in calendars} == {"months", "4-4-5", "4-5-4"}
    lengths: dict[tuple[int, str], int] = {}
    for seed in range(1, 6):
        for period in made(seed).periods:
            lengths[seed, period.year] = lengths.get((seed, period.year), 0) + (period.last - period.first).days + 1
    assert [key for key, days in lengths.items() if days == 371] == [(2, "FY26"), (3, "FY25")]
    assert set(lengths.values()) == {364, 365, 366, 371}


def test_decisions_grow_and_one_is_opened_again() -> None:
    company = made(1)
    before, after = (
        [row for row in company.rows("decisions", now) if row["decision_id"] == "D-AGAIN"]
        for now in ("2025-11-13T00:00:00Z", "2026-02-02T09:30:00Z")
    )
    assert [(row["proposed_at"], row["decided_at"]) for row in before] == [("2025-11-12T15:30:00Z", "")]
    assert [(row["raised_at"][:10], row["decided_at"][:10]) for row in after] == [
        ("2025-11-03", "2025-11-14"),
        ("2026-02-02", ""),
    ]
