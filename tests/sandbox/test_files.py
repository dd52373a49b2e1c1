"""The company's own files: the headers of the contract, weights that add up, ranges that do not overlap."""

from __future__ import annotations

import csv
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from sandbox import files
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
    assert f"reporting_time_zone: {made(seed).reporting_zone}\n" in policy


def test_a_file_that_did_not_change_is_left_alone(tmp_path: Path) -> None:
    files.write(made(1), tmp_path, "2026-10-15T06:00:00Z")
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    files.write(made(1), tmp_path, "2026-11-20T06:00:00Z")
    after = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert {name for name in before if before[name] != after[name]} == {"product_map.csv"}
    assert "mapped late" in (tmp_path / "product_map.csv").read_text()
