"""What a what-if shows, and what it needs."""

from decimal import Decimal
from pathlib import Path

import pytest

from cli import whatif
from planning.comparison import Figures, changed
from planning.price_scenarios import SHOWN
from tests.orchestration.conftest import prodops
from tests.planning.test_price_scenarios import written


def test_the_newest_period_that_changes_is_shown_and_figures_that_nobody_looks_at_are_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    place = ("web", "S", "N")
    before: Figures = {
        ("mart_arr", "FY26-P01", *place, "closing_arr"): Decimal("7.00"),
        ("mart_arr", "FY26-P02", *place, "closing_arr"): Decimal("1200.00"),
        ("mart_arr", "FY26-P02", *place, "closing_mrr"): Decimal("100.00"),
        ("mart_pricing", "FY26-P02", *place, "unit_price"): 12.5,
    }
    after = before | {key: None for key in before if key[5] == "closing_mrr"}
    after |= {key: value * 2 for key, value in before.items() if key[5] == "closing_arr"}
    whatif.show(SHOWN, changed(before, after), "text")
    reported = capsys.readouterr().out
    assert "FY26-P02" in reported
    assert "1,200.00" in reported
    assert "2,400.00" in reported
    assert "+1,200.00" in reported
    assert not any(text in reported for text in ("closing_mrr", "unit_price", "14.00", "FY26-P01"))
    whatif.show(SHOWN, {}, "text")
    assert capsys.readouterr().out == "nothing changes\n"


def test_a_what_if_needs_a_warehouse_that_these_models_built(tmp_path: Path) -> None:
    home, file = tmp_path / "home", written(tmp_path, "web,,,,FY26-P01,10,")
    reported = prodops(home, "whatif", "price", "--file", str(file))
    assert (reported.exit_code, "prodops run" in reported.output) == (2, True)
    (home / "warehouse.duckdb").touch()
    reported = prodops(home, "whatif", "price", "--file", str(file))
    assert (reported.exit_code, "prodops build" in reported.output) == (2, True)
