"""The made-up company's own files on the command line: edited, reported, restored."""

from collections.abc import Callable
from pathlib import Path

from tests.orchestration.conftest import NOW, prodops


def test_an_edit_stays_through_a_load_and_reset_takes_it_back(new_home: Callable[[], Path]) -> None:
    home = new_home()
    mapping = home / "sandbox" / "company" / "product_map.csv"
    assert prodops(home, "load", "files", PRODOPS_NOW=NOW).exit_code == 0
    original = mapping.read_text()
    product = original.splitlines()[1].split(",")[4]
    mapping.write_text(f"{original}jira,project,PRACTICE,exact,{product},1,,,\n")
    practised = prodops(home, "load", "files", PRODOPS_NOW=NOW)
    assert practised.exit_code == 0, practised.output
    assert "product_map.csv are as somebody edited them; prodops sandbox reset restores them" in practised.stderr
    assert "PRACTICE" in mapping.read_text()
    (mapping.parent / "product_maps.csv").write_text("mine\n")
    wrong = prodops(home, "load", "files", PRODOPS_NOW=NOW)
    assert wrong.exit_code == 2
    assert "error: product_maps.csv: is none of the company's files; did you mean product_map.csv?" in wrong.stderr
    (mapping.parent / "product_maps.csv").unlink()
    restored = prodops(home, "sandbox", "reset", PRODOPS_NOW=NOW)
    assert (restored.exit_code, restored.stdout) == (0, f"restored in {mapping.parent}: product_map.csv\n")
    assert mapping.read_text() == original
    quiet = prodops(home, "load", "files", PRODOPS_NOW=NOW)
    assert (quiet.exit_code, "edited" in quiet.output) == (0, False)
