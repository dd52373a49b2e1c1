"""dbt with the shortcuts of orchestration/dbt_shortcuts.py makes the statements that it makes without them.

A failure, most likely after an upgrade of dbt, means that models or tests may not be what their files say: the shortcut
that differs is to be taken out. Statements of all nodes were compared when the shortcuts were made (decision 0083).
"""

from pathlib import Path

import pytest

from orchestration.dbt_shortcuts import OWN
from tests import in_process_dbt

CHAIN = ("+dim_team", "+dim_fiscal_period")
"""Of all kinds: a seed, incremental models with hooks, views, tables, marts with contracts, tests."""


def made(home: Path) -> tuple[dict[str, str], dict[str, str]]:
    """What dbt ran, by file, and how each node ended."""
    (home / "restricted" / "spill").mkdir(parents=True)
    done = in_process_dbt.dbt(home, "build", "--select", *CHAIN, "--indirect-selection", "cautious")
    files = {str(path.relative_to(home)): path.read_text() for path in (home / "dbt").rglob("*.sql")}
    return (
        {name: text.replace(str(home), "") for name, text in files.items()},
        {one.node.unique_id: str(one.status) for one in done.result if one.node.resource_type != "operation"},
    )


def test_every_kind_of_node_has_the_same_statements_with_and_without_shortcuts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRODOPS_HOME", str(tmp_path / "with"))
    files, ended = made(tmp_path / "with")
    for owner, name, own in OWN:
        monkeypatch.setattr(owner, name, own, raising=False)
    monkeypatch.setenv("PRODOPS_HOME", str(tmp_path / "without"))
    files_of_dbt, ended_by_dbt = made(tmp_path / "without")
    assert {one.split(".")[0] for one in ended} >= {"model", "test"}
    assert len(files) > 20
    assert set(ended.values()) == {"success", "pass"}
    assert (files, ended) == (files_of_dbt, ended_by_dbt)
