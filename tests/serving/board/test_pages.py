"""Pages of a snapshot: each figure is a row of it, and what is not there costs its page."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from ingestion.errors import SettingsError
from serving.board import packs
from serving.board.book import BOARD, Book, PackError, audience_of, every_audience
from serving.board.figures import Figure
from serving.board.page import Chart, Notes, Pack, Page, Table, figures, plain, points, stands, texts
from serving.published import Snapshot
from tests.runbook import drill
from tests.serving.board import made
from tests.serving.board.made import PRODUCTS


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return made.snapshot(tmp_path_factory.mktemp("home"))


def page(pack: Pack, name: str) -> Page:
    return next(one for one in pack.pages if one.id == name)


def every_figure(pack: Pack) -> Iterator[Figure]:
    return (figure for one in pack.pages for _, figure in figures(one))


@pytest.mark.parametrize(
    ("audience", "file"),
    [
        ("company", "marts.duckdb"),
        ("shop", "audiences/shop.duckdb"),
        ("tools", "audiences/tools.duckdb"),
        ("product:hebrew", "audiences/tools.duckdb"),
    ],
)
def test_every_figure_is_the_row_and_column_that_it_names_in_the_audiences_own_file(
    snapshot: Snapshot, audience: str, file: str
) -> None:
    # A failure: a number on a slide could not be found in the snapshot, or is another one there.
    pack = packs.make(snapshot, audience, "FY26-Q2")
    shown = [*every_figure(pack)]
    assert len(shown) > 20
    with duckdb.connect(str(snapshot.folder / file), read_only=True) as published:
        for figure in shown:
            where = " and ".join(f"cast({column} as varchar) = ?" for column in figure.key)
            statement = f"select {figure.measure} from {figure.table} where {where}"
            assert published.execute(statement, [*figure.key.values()]).fetchall() == [(figure.value,)], (
                figure.reference
            )
    for figure in shown:
        assert figure.snapshot_id == snapshot.snapshot_id
        assert figure.as_of


@pytest.mark.parametrize(
    ("audience", "others"), [("shop", ["hebrew", "long"]), ("product:hebrew", ["long", "formula"])]
)
def test_a_pack_reads_its_audiences_file_and_shows_nothing_of_others(
    snapshot: Snapshot, tmp_path: Path, audience: str, others: list[str]
) -> None:
    whose = audience_of(snapshot, audience)
    alone = tmp_path / snapshot.snapshot_id
    (alone / whose.file).parent.mkdir(parents=True)
    shutil.copy(snapshot.folder / whose.file, alone / whose.file)
    with Book(Snapshot(alone, snapshot.manifest), whose, "FY26-Q2") as book:
        shown = " ".join(plain(text) for one in packs.pages(book)[0] for _, text in texts(one))
    for other in others:
        assert PRODUCTS[other][1][:30] not in shown


def test_slots_are_unique_and_every_point_has_one(snapshot: Snapshot) -> None:
    pack = packs.make(snapshot, "company", "FY26-Q2")
    slots = [slot for one in pack.pages for slot, _ in [*texts(one), *points(one)]]
    assert len(slots) == len(set(slots)) > 100
    assert {one.id for one in pack.pages} >= {
        "summary",
        "arr-bridge",
        "profit",
        "budget",
        "goals",
        "goals-ended",
        "roadmap",
    }


def test_the_bridge_stands_on_itself_and_ends_where_arr_closes(snapshot: Snapshot) -> None:
    (chart,) = (
        one for one in page(packs.make(snapshot, "company", "FY26-Q2"), "arr-bridge").blocks if type(one) is Chart
    )
    heights = stands(chart)
    movements = chart.series[0].figures[1:-1]
    assert len(movements) == 6, "more kinds than six are no picture"
    assert heights[0] == (0, 4_120_000)
    assert heights[1] == (4_120_000, 120_000)
    assert heights[5] == (4_240_000, 45_000), "what is lost hangs from where the bridge was"
    assert heights[-1] == (0, 4_240_000)
    assert sum(figure.value for figure in movements if figure and figure.value) == 120_000


def test_a_value_that_few_are_behind_is_withheld_and_the_page_says_so(snapshot: Snapshot, tmp_path: Path) -> None:
    hidden = made.snapshot(tmp_path, value=None, value_reason="too_few", status="suppressed")
    summary = packs.make(hidden, "company", "FY26-Q2").pages[0]
    assert summary.id != "summary", "nothing is left to sum up"
    shown = page(packs.make(hidden, "company", "FY26-Q2"), "profit")
    assert {figure.text for _, figure in figures(shown)} == {"withheld"}
    assert any(mark.startswith("Withheld") for mark in shown.marks)


def test_a_period_that_runs_is_marked_partial_and_the_newest_quarter_that_is_over_is_the_usual_one(
    snapshot: Snapshot,
) -> None:
    running = packs.make(snapshot, "company", "FY26-Q3")
    assert not running.is_final
    assert any(mark.startswith("Partial") for mark in running.pages[0].marks)
    usual = packs.make(snapshot, "company")
    assert (usual.period, usual.is_final) == ("FY26-Q2", True)
    assert usual.pages[0].marks == ()


@pytest.mark.parametrize("mart", ["mart_okr", "mart_roadmap_outcome", "mart_reconciliation"])
def test_a_mart_that_is_not_there_costs_its_pages_and_the_appendix_says_why(tmp_path: Path, mart: str) -> None:
    pack = packs.make(made.snapshot(tmp_path, without=[mart]), "company")
    assert mart not in {figure.table for figure in every_figure(pack)}
    (notes,) = page(pack, "left-out").blocks
    assert isinstance(notes, Notes)
    assert any(f"{mart} is not in what sandbox-9 gets" in plain(line) for line in notes.lines)
    assert len(pack.pages) > 8


def test_rows_that_a_check_holds_back_are_marked_stale(tmp_path: Path) -> None:
    first = made.snapshot(tmp_path)
    held = made.snapshot(tmp_path, held=["mart_okr"])
    assert held.snapshot_id != first.snapshot_id
    pack = packs.make(held, "company")
    assert page(pack, "goals").marks == (
        f"Stale: mart_okr shows the rows of {first.snapshot_id}, a check holds newer ones back.",
    )
    assert page(pack, "profit").marks == ()


def test_a_column_that_old_rows_lack_costs_the_page(tmp_path: Path) -> None:
    snapshot = made.snapshot(tmp_path)
    with duckdb.connect(str(snapshot.marts_file)) as file:
        file.execute("alter table mart_okr drop column status")
    pack = packs.make(snapshot, "company")
    shown = " ".join(plain(text) for _, text in texts(page(pack, "left-out")))
    assert "Goals that run: it could not be read" in shown
    assert page(pack, "summary")


@pytest.mark.parametrize(
    ("audience", "period", "error", "says"),
    [
        ("nobody", None, SettingsError, "there are company, shop, tools and product:<id>"),
        ("formula", None, SettingsError, "no such audience"),
        ("product:shop", None, SettingsError, "no such audience"),
        ("company", "Q3", SettingsError, "FY26-Q3 or FY26-P07"),
        ("company", "FY31-Q1", SettingsError, "the newest periods are FY26-Q3, FY26-Q2, FY26-Q1"),
    ],
)
def test_what_is_not_there_is_said_with_what_is(
    snapshot: Snapshot, audience: str, period: str | None, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        packs.make(snapshot, audience, period)


def test_without_the_boards_metrics_there_is_no_pack_and_a_next_step(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=f"it has no {BOARD}.*run prodops doctor") as raised:
        packs.make(made.snapshot(tmp_path, without=[BOARD]), "company")
    drill("PackError", raised.value.exit_code, f"error: {raised.value}")


def test_many_products_are_more_slides_and_no_longer_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A failure: a table runs over the foot of its slide, or a chart has more colours than people tell apart.
    monkeypatch.setattr(made, "PRODUCTS", {f"p{number}": ("shop", f"Product {number}") for number in range(30)})
    pack = packs.make(made.snapshot(tmp_path), "shop", "FY26-Q2")
    ids = {one.id for one in pack.pages}
    assert ids >= {"profit", "profit-3", "staffing-3", "usage-3"}
    for one in pack.pages:
        for block in one.blocks:
            assert not isinstance(block, Table) or len(block.rows) <= 15, one.id
            assert not isinstance(block, Chart) or len(block.series) <= 8, one.id
    shown = [figure.slice for figure in every_figure(pack) if figure.metric == "fte@1.0.0"]
    assert {f"product=p{number}" for number in range(30)} <= {*shown}, "none is left out"


def test_a_pack_by_itself_is_for_the_company_and_each_portfolio(snapshot: Snapshot) -> None:
    assert every_audience(snapshot) == ["company", "shop", "tools"]
