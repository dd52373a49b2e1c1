"""The slides as a file: native, tagged, restylable, the same each time."""

import io
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
from pptx import Presentation
from pptx.presentation import Presentation as Deck

from serving.board import packs, pptx
from serving.board.make_master import LAYOUTS
from serving.board.page import Chart, Pack, Table, figures, plain
from serving.board.pages.parts import LONGEST
from tests.serving.board import made
from tests.serving.board.made import LONG, PRODUCTS


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return packs.make(made.snapshot(tmp_path_factory.mktemp("home")), "company", "FY26-Q2")


@pytest.fixture(scope="module")
def content(pack: Pack) -> bytes:
    return pptx.render(pack)


@pytest.fixture(scope="module")
def deck(content: bytes) -> Deck:
    return Presentation(io.BytesIO(content))


def test_charts_and_tables_are_native_and_named_by_their_slot(pack: Pack, deck: Deck) -> None:
    shapes = {shape.name: shape for slide in deck.slides for shape in slide.shapes}
    for page in pack.pages:
        for at, block in enumerate(page.blocks):
            if isinstance(block, Chart):
                chart = shapes[f"{page.id}/{at}"].chart
                assert [*chart.plots[0].categories] == [*block.categories]
            if isinstance(block, Table):
                grid = shapes[f"{page.id}/{at}"].table
                shown = [[cell.text for cell in row.cells] for row in grid.rows]
                assert shown[0] == [*block.heads]
                assert shown[1:] == [[one if isinstance(one, str) else one.text for one in row] for row in block.rows]
            if isinstance(block, Chart | Table):
                assert shapes[f"{page.id}/{at}"]._element.xpath(".//p:cNvPr")[0].get("descr"), (
                    "no text for who can't see"
                )
        assert shapes[f"{page.id}/headline"].text_frame.text == plain(page.headline)


def test_every_slide_has_its_number_snapshot_and_as_of_and_fills_its_layout(pack: Pack, deck: Deck) -> None:
    assert [layout.name for layout in deck.slide_layouts] == [*LAYOUTS]
    for slide in deck.slides:
        assert slide._element.xpath('.//a:fld[@type="slidenum"]'), "no number"
        (footer,) = (shape.text_frame.text for shape in slide.shapes if shape.name == "ftr")
        assert pack.snapshot_id in footer
        assert "as of 2026-10-14 00:00 UTC" in footer
        assert "Made-up figures" in footer
        assert [shape.name for shape in slide.placeholders if shape.has_text_frame and not shape.text_frame.text] == []


def test_the_notes_tag_every_figure_of_their_slide(pack: Pack, deck: Deck) -> None:
    slides = [*deck.slides][1:]
    for page, slide in zip(pack.pages, slides, strict=True):
        notes = slide.notes_slide.notes_text_frame.text
        for slot, figure in figures(page):
            assert f"{slot} | {figure.text} | {figure.metric} | " in notes
            assert figure.reference in notes
            assert figure.snapshot_id in notes


def test_every_colour_is_the_themes(content: bytes) -> None:
    # A failure: a designer restyles the master, and something keeps its old colour.
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        for name in file.namelist():
            if re.match(r"ppt/(slides|charts|slideLayouts|slideMasters)/[^/]+\.xml", name):
                assert b"srgbClr" not in file.read(name), name
                assert b"schemeClr" in file.read(name) or "Layout" in name or "slides/slide" in name, name


def test_a_chart_holds_exact_values_and_its_workbook_no_formula(pack: Pack, deck: Deck) -> None:
    frames = [shape for slide in deck.slides for shape in slide.shapes if shape.has_chart]
    assert len(frames) >= 5
    for frame in frames:
        chart = frame.chart
        book = openpyxl.load_workbook(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob))
        cells = [cell for row in book.active.iter_rows() for cell in row]
        assert [cell.value for cell in cells if cell.data_type == "f"] == [], "a name became a formula"
        written = [[cell.value for cell in column[1:]] for column in book.active.iter_cols(min_col=2)]
        drawn = [list(series.values) for series in chart.plots[0].series]
        assert [[one or None for one in column] for column in written] == [
            [one or None for one in column] for column in drawn
        ]
    bridge = next(frame.chart for frame in frames if frame.name == "arr-bridge/0")
    assert [series.name for series in bridge.plots[0].series] == ["Base", "Balance", "Gained", "Lost"]
    assert bridge.plots[0].series[1].values == (4_120_000, None, None, None, None, None, None, 4_240_000)
    assert bridge.plots[0].series[3].values == (None, None, None, None, 20_000, 45_000, None, None)
    assert "−" in bridge.plots[0].series[3].data_labels.number_format


def test_the_same_pack_makes_the_same_bytes(pack: Pack, content: bytes) -> None:
    assert pptx.render(pack) == content


def test_names_of_any_kind_break_nothing(content: bytes, deck: Deck) -> None:
    shown = "\n".join(
        cell.text
        for slide in deck.slides
        for shape in slide.shapes
        if shape.has_table
        for row in shape.table.rows
        for cell in row.cells
    )
    for _, name in PRODUCTS.values():
        assert (name if len(name) <= LONGEST else f"{LONG[: LONGEST - 1]}…") in shown
    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None


def test_the_master_in_the_repository_is_what_its_script_makes_or_a_designer_kept_its_places() -> None:
    # A failure: a layout or a place is missing, so that a page would have nowhere to stand.
    from serving.board import make_master

    def places(master: Deck) -> dict[str, set[int]]:
        return {
            layout.name: {one.placeholder_format.idx for one in layout.placeholders} for layout in master.slide_layouts
        }

    assert places(Presentation(str(Path(make_master.MASTER)))) == places(make_master.made())
