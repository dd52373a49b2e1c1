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
from sandbox.company import billing_cases
from sandbox.company.structure import HEADERS
from tests.sandbox.conftest import made


@pytest.mark.parametrize("seed", range(1, 6))
@pytest.mark.parametrize("now", ["2026-10-15T06:00:00Z", "2027-01-15T06:00:00Z"])
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
    rows = {name: made(seed).rows(name, "2026-10-15T06:00:00Z") for name in HEADERS}
    customers = {row["customer_id"] for row in rows["customers"]}
    assert len(customers) == 12 + sum(len(told.countries) for told in billing_cases.CASES)
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
    files.write(made(1), tmp_path, "2026-10-15T06:00:00Z")
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    files.write(made(1), tmp_path, "2026-11-20T06:00:00Z")
    after = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert {name for name in before if before[name] != after[name]} == {"product_map.csv"}
    assert "mapped late" in (tmp_path / "product_map.csv").read_text()
