"""prodops mapping as a person uses it, on the made-up company after a whole run."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ingestion.sources.company_files import Company
from tests.orchestration.conftest import NOW, Ended, prodops


def keys(told: str) -> list[dict[str, str]]:
    return list(csv.DictReader(told.splitlines()))


def test_every_gap_of_the_made_up_company_is_told_the_largest_first(ended: Ended) -> None:
    told = prodops(ended.home, "mapping", COLUMNS="200")
    assert told.exit_code == 0, told.output
    for known in ("Legacy Connector", "Laboratory", "100003", "Travel", "Evertide Support", "Lowmoor Steel"):
        assert known in told.output, known
    lines = [line for line in told.output.splitlines() if line.startswith("│ quickbooks account")]
    amounts = [int(line.split("│")[4].split(" in ")[0].replace(",", "")) for line in lines]
    assert len(amounts) > 1
    assert amounts == sorted(amounts, reverse=True)


def test_rows_of_one_file_come_as_csv_and_are_accepted_once_completed(
    ended: Ended, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = prodops(ended.home, "mapping", "product_map", "--format", "csv")
    assert told.exit_code == 0, told.output
    found = keys(told.stdout)
    assert {row["source"] for row in found} == {"amplitude", "jira", "quickbooks", "stripe"}
    folder = shutil.copytree(ended.home / "sandbox" / "company", tmp_path / "company")
    with (folder / "product_map.csv").open("a") as file:
        csv.DictWriter(file, list(found[0]), lineterminator="\n").writerows(
            {**row, "product_id": row["product_id"] or "core"} for row in found
        )
    monkeypatch.setenv("PRODOPS_NOW", NOW)
    assert len(Company(folder, {}).tables["product_map"].rows) > len(found)


def test_what_can_not_be_told_is_said(ended: Ended, new_home: Callable[[], Path]) -> None:
    told = prodops(ended.home, "mapping", "--format", "csv")
    assert (told.exit_code, told.stdout) == (2, "")
    assert "name one file, its columns differ: product_map, customer_map" in told.stderr
    told = prodops(ended.home, "mapping", "budget")
    assert told.exit_code == 2
    assert "no such file of keys; there are product_map" in told.stderr
    told = prodops(new_home(), "mapping")
    assert told.exit_code == 2
    assert "the warehouse is not built yet: prodops run" in told.stderr
