"""A figure that is made again from what a pack froze, and the shares of two causes in its change.

A failure here means that what the board saw can't be shown again, or that the wrong cause explains a change.
The eight causes one by one, on a whole company: `make torture PART=explain`.
"""

import os
import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from cli import explain
from quality import disclosure_published
from serving import frozen
from serving.attribution import shares
from serving.causes import Cause, composed
from serving.lineage import lineage
from serving.replays import Figure, Project, ReplayError, Replays
from tests import in_process_dbt
from tests.dbt import usage_world as world
from tests.dbt.conftest import Warehouse, record
from tests.dbt.usage_world import event, land_events
from tests.in_process_dbt import PROJECT, parsed_home
from tests.runbook import drill
from tests.serving.test_causes import frozen as frozen_now

QUERY = (
    "select sum(events_split) from {table} where product_id = $product and slice_type = 'all' and activity_date = $day"
)
FIGURE = Figure("mart_usage", QUERY, {"product": "app", "day": "2026-01-05"})


def bought(uuid: str) -> str:
    return event(uuid, "2026-01-05 10:10:00", "ada", "d-1", event_type="Bought")


def build(home: Path, project: Path, arguments: Sequence[str]) -> None:
    os.environ["PRODOPS_HOME"] = str(home)
    done = in_process_dbt.dbt(home, *arguments)
    assert done.success, done.exception or [(one.node.name, one.message) for one in done.result if one.message]


@pytest.fixture(scope="module")
def replays(tmp_path_factory: pytest.TempPathFactory) -> Replays:
    """One event of what app is 0.4 of; since then another one came late, and app is 0.1 of both."""
    folder = tmp_path_factory.mktemp("replays")
    warehouse = Warehouse(folder / "home")
    warehouse.land("files", world.files())
    land_events(warehouse, "2026-01-05 10:00:00", "2026-01-05 12:00:00", [bought("a")])
    of = frozen_now()
    land_events(warehouse, "2026-01-05 10:00:00", "2026-01-05 12:00:00", [bought("a"), bought("b")])
    rules = {one.record_id: one for one in world.files()["product_map"]}
    changed = [
        record(key, rules[key].payload.replace(f'"{old}"', f'"{new}"'))  # type: ignore[union-attr]
        for key, old, new in (("Bought/web", "0.6", "0.9"), ("Bought/app", "0.4", "0.1"))
    ]
    warehouse.land("files", {"product_map": changed})
    manifest = parsed_home(folder / "parsed") / "dbt" / "manifest.json"
    project = Project(PROJECT, lineage(manifest, FIGURE.mart))
    inputs = composed(of, project.lineage.readers.keys(), folder / "files")
    assert {cause for one in inputs for cause in one.causes} == {Cause.LATE, Cause.MAPPING}
    return Replays(warehouse.home, folder, inputs, {frozenset(): project}, FIGURE, build)


def test_shares_are_those_worked_by_hand_and_nothing_changed_is_what_was_there(replays: Replays) -> None:
    """0.4 with neither; 0.8 with the late event, 0.1 with the other weight, 0.2 with both: the event has the average of
    0.4 and 0.1, the weight that of -0.3 and -0.6."""
    assert replays.value(frozenset()) == Decimal("0.4")
    assert shares([Cause.LATE, Cause.MAPPING], replays.value) == {
        Cause.LATE: Decimal("0.25"),
        Cause.MAPPING: Decimal("-0.45"),
    }
    assert sorted(path.name for path in replays.folder.iterdir()) == ["base-0", "files", "home", "parsed"]


def test_a_figure_that_is_not_made_as_it_was_is_not_explained(replays: Replays) -> None:
    with pytest.raises(ReplayError) as refused:
        explain.split(replays, Decimal("0.5"), [])
    drill("ReplayError", refused.value.exit_code, f"error: {refused.value}")


def test_a_ratio_of_nothing_is_no_number(replays: Replays) -> None:
    none = Figure("mart_usage", QUERY, {"product": "nobody's", "day": "2026-01-05"}, nothing=None)
    again = Replays(replays.home, replays.folder, replays.streams, replays.projects, none, build, replays._bases)
    with pytest.raises(ReplayError, match="mart_usage: as it was the figure has no value"):
        again.value(frozenset())


def test_marts_of_other_metrics_stand_empty(tmp_path: Path) -> None:
    manifest = parsed_home(tmp_path / "parsed") / "dbt" / "manifest.json"
    whole, narrow = lineage(manifest, "mart_board_metric"), lineage(manifest, "mart_board_metric", ["mart_arr"])
    assert narrow.models < whole.models
    assert {"mart_arr", "mart_board_metric", "dim_product"} <= narrow.models
    assert narrow.empty["mart_product_pnl"]["fiscal_period"] == "varchar"
    assert not narrow.empty.keys() & narrow.models
    assert "mart_board_metric" in narrow.readers["stripe/invoice_lines"]
    assert "amplitude/events" in whole.readers.keys() - narrow.readers.keys()
    assert lineage(manifest, "mart_nothing").models == frozenset()


def test_what_the_audit_of_pay_reads_is_built_with_any_figure_of_cost(tmp_path: Path) -> None:
    """A failure here stops every explanation of a figure with cost of people, or lets one be shown without an audit."""
    manifest = parsed_home(tmp_path / "parsed") / "dbt" / "manifest.json"
    read = set(
        re.findall(r"(?:warehouse|restricted)\.intermediate\.(\w+)", Path(disclosure_published.__file__).read_text())
    )
    assert len(read) > 10
    for mart in ("mart_product_pnl", "mart_epic_cost", "mart_cost_centre"):
        found = lineage(manifest, mart)
        assert found.leaving, mart
        assert read <= found.models, mart
    assert not lineage(manifest, "mart_board_metric", ["mart_arr"]).leaving


def test_a_project_is_the_same_wherever_it_lies(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    for path in frozen.files_of(PROJECT):
        (copy / path.relative_to(PROJECT)).parent.mkdir(parents=True, exist_ok=True)
        (copy / path.relative_to(PROJECT)).write_bytes(path.read_bytes())
    assert frozen.code_hash(copy) == frozen.code_hash(PROJECT)
    with (copy / "macros" / "money.sql").open("a") as macro:
        macro.write("\n")
    assert frozen.code_hash(copy) != frozen.code_hash(PROJECT)
