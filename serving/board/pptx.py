"""The pack as slides that people edit: native charts and tables in the placeholders of a master.

Belongs here: how pages become slides. Does not: what is on a page, colours by role (palette.py), layouts
(make_master.py; a designer's in master.pptx).

Each shape is named by the slot of what it shows. The notes of a slide list its figures with metric and version, slice,
period, row and as-of; the whole pack lies in the file as custom XML, so that ``prodops verify`` needs nothing else.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

from pptx import Presentation
from pptx.chart.chart import Chart as Drawing
from pptx.chart.data import CategoryChartData
from pptx.chart.xlsx import CategoryWorkbookWriter
from pptx.dml.color import ColorFormat
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION, XL_TICK_MARK
from pptx.enum.dml import MSO_THEME_COLOR
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml import parse_xml
from pptx.presentation import Presentation as Deck
from pptx.slide import Slide, SlideLayout
from pptx.table import Table as Grid
from pptx.table import _Cell
from pptx.text.text import TextFrame, _Paragraph
from pptx.util import Emu, Inches, Pt, lazyproperty
from xlsxwriter import Workbook

from serving.board.carried import carry
from serving.board.figures import Figure, Value
from serving.board.make_master import NAMESPACES, NUMBER, TILES, Place
from serving.board.page import Block, Chart, Notes, Pack, Page, Table, Text, Tiles, figures, floor, said, stands
from serving.board.palette import MASTER, Slot, shade
from serving.board.settled import settled

SLOTS: dict[Slot, MSO_THEME_COLOR] = {
    "accent1": MSO_THEME_COLOR.ACCENT_1,
    "accent2": MSO_THEME_COLOR.ACCENT_2,
    "accent3": MSO_THEME_COLOR.ACCENT_3,
    "accent4": MSO_THEME_COLOR.ACCENT_4,
    "accent5": MSO_THEME_COLOR.ACCENT_5,
    "accent6": MSO_THEME_COLOR.ACCENT_6,
    "dk1": MSO_THEME_COLOR.TEXT_1,
    "dk2": MSO_THEME_COLOR.TEXT_2,
    "lt1": MSO_THEME_COLOR.BACKGROUND_1,
    "lt2": MSO_THEME_COLOR.BACKGROUND_2,
}
KINDS = {
    "columns": XL_CHART_TYPE.COLUMN_CLUSTERED,
    "bars": XL_CHART_TYPE.BAR_CLUSTERED,
    "stacked": XL_CHART_TYPE.COLUMN_STACKED,
    "line": XL_CHART_TYPE.LINE_MARKERS,
    "waterfall": XL_CHART_TYPE.COLUMN_STACKED,
}
PLAIN_GRID = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
"""The table style without fills and lines: both come from the theme's colours here."""
MADE_UP = "Made-up figures: no real company"
LABELLED = 8
"""Of so many points at most each has its number beside it."""


def render(pack: Pack) -> bytes:
    """The slides. The same pack makes the same bytes."""
    deck = Presentation(str(MASTER))
    layouts = {layout.name: layout for layout in deck.slide_layouts}
    foot = footer(pack)
    _cover(deck, layouts["Title"], pack, foot)
    for page in pack.pages:
        _slide(deck, layouts[_layout_of(page)], page, foot)
    properties = deck.core_properties
    properties.title, properties.author, properties.last_modified_by = pack.title, "prodops", "prodops"
    properties.subject, properties.keywords = pack.snapshot_id, ""
    file = io.BytesIO()
    deck.save(file)
    return settled(carry(file.getvalue(), pack), datetime.fromisoformat(pack.published_at))


def footer(pack: Pack) -> str:
    """What stands at the foot of each slide."""
    parts = [f"{pack.period}, {pack.audience}", f"snapshot {pack.snapshot_id}", f"as of {said(pack.as_of)}"]
    return " · ".join([*parts, *([MADE_UP] if pack.is_made_up else [])])


def _layout_of(page: Page) -> str:
    kinds = {type(block) for block in page.blocks}
    if Tiles in kinds:
        return "Tiles"
    if Chart in kinds:
        return "Chart and table" if Table in kinds else "Chart and comment"
    return "Appendix" if page.id.startswith(("proof", "freshness", "left-out")) else "Table"


def _cover(deck: Deck, layout: SlideLayout, pack: Pack, footer: str) -> None:
    slide = deck.slides.add_slide(layout)
    _write(slide, Place.TITLE, "cover/headline", [(pack.title,)])
    _write(slide, Place.TOPIC, "cover/topic", [(pack.audience_name,)])
    _write(slide, Place.COMMENT, "cover/0", [(line,) for line in about(pack)])
    _finish(slide, footer)


def about(pack: Pack) -> list[str]:
    """What the cover says of the pack, line by line."""
    return [
        "Books closed: figures are final" if pack.is_final else "Draft: the books of the period are not closed",
        f"Snapshot {pack.snapshot_id}, published {said(pack.published_at)}, data as of {said(pack.as_of)}",
        *([MADE_UP] if pack.is_made_up else []),
    ]


def _slide(deck: Deck, layout: SlideLayout, page: Page, footer: str) -> None:
    slide = deck.slides.add_slide(layout)
    _write(slide, Place.TOPIC, f"{page.id}/topic", [(page.topic,)])
    _write(slide, Place.TITLE, f"{page.id}/headline", [page.headline])
    if page.marks:
        _write(slide, Place.MARKS, f"{page.id}/mark", [(" ".join(page.marks),)])
    is_first = True
    for at, block in enumerate(page.blocks):
        _block(slide, block, f"{page.id}/{at}", Place.MAIN if is_first else Place.SECOND)
        is_first = False
    _finish(slide, footer)
    slide.notes_slide.notes_text_frame.text = "\n".join(tags(page))


def _block(slide: Slide, block: Block, slot: str, place: Place) -> None:
    caption = Place.CAPTION if place == Place.MAIN else Place.SECOND_CAPTION
    match block:
        case Tiles():
            for number, tile in enumerate(block.tiles[:TILES]):
                lines: list[Text] = [(tile.name,), (tile.figure,)]
                lines += [(words, " ", figure) for words, figure in tile.beside]
                frame = _write(slide, Place.TILE + number, f"{slot}/{number}", lines)
                _large(frame.paragraphs[1])
        case Notes():
            frame = _write(slide, Place.COMMENT, slot, list(block.lines))
            for paragraph in frame.paragraphs:
                paragraph.space_after = Pt(9)
        case Chart():
            _write(slide, caption, f"{slot}/caption", [(block.caption,)])
            drawn = _placeholder(slide, place).insert_chart(KINDS[block.kind], _data(block))
            _name(drawn, slot, block.alt)
            _draw(drawn.chart, block)
        case Table():
            _write(slide, caption, f"{slot}/caption", [(block.caption,)])
            laid = _placeholder(slide, place).insert_table(len(block.rows) + 1, len(block.heads))
            _name(laid, slot, block.alt)
            _lay(laid.table, block, laid.width)


def _placeholder(slide: Slide, place: int) -> Any:
    return next(one for one in slide.placeholders if one.placeholder_format.idx == place)


def _name(shape: Any, slot: str, alt: str = "") -> None:
    described = shape._element.xpath(".//p:cNvPr")[0]
    described.set("name", slot)
    if alt:
        described.set("descr", alt)


def _write(slide: Slide, place: int, slot: str, lines: Sequence[Text]) -> TextFrame:
    """Texts into a placeholder, one a paragraph and each figure in a run of its own."""
    shape = _placeholder(slide, place)
    _name(shape, slot)
    frame: TextFrame = shape.text_frame
    for number, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        for part in line:
            run = paragraph.add_run()
            run.text = part.text if isinstance(part, Figure) else part
    return frame


def _large(paragraph: _Paragraph) -> None:
    for run in paragraph.runs:
        run.font.size, run.font.bold = Pt(30), True
    paragraph.space_after = Pt(4)


def _finish(slide: Slide, footer: str) -> None:
    """Footer and number, which python-pptx does not take from a layout; places that nothing stands in go."""
    for shape in list(slide.placeholders):
        if not getattr(shape, "has_text_frame", False) or shape.text_frame.text:
            continue
        shape._element.getparent().remove(shape._element)
    run = f'<a:r><a:rPr lang="en-GB"/><a:t>{escape(footer)}</a:t></a:r>'
    for kind, place, content in (("ftr", Place.FOOTER, run), ("sldNum", Place.NUMBER, NUMBER)):
        slide.shapes._spTree.append(
            parse_xml(
                f'<p:sp {NAMESPACES}><p:nvSpPr><p:cNvPr id="{900 + place}" name="{kind}"/>'
                f'<p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr>'
                f'<p:nvPr><p:ph type="{kind}" idx="{int(place)}"/></p:nvPr></p:nvSpPr>'
                f"<p:spPr/><p:txBody><a:bodyPr/><a:lstStyle/><a:p>{content}</a:p></p:txBody></p:sp>"
            )
        )


def tags(page: Page) -> Iterator[str]:
    """What the notes of a slide say of its figures, one line each."""
    shown = [*figures(page)]
    yield f"As of {said(page.as_of)}."
    yield "place | as shown | metric | slice | period | row and column | snapshot | as of"
    for slot, one in shown:
        tag = (slot, one.text, one.metric, one.slice, one.period, one.reference, one.snapshot_id, said(one.as_of))
        yield " | ".join(tag)


class _WordsStayWords(CategoryWorkbookWriter):
    """The workbook in a chart. XlsxWriter takes a name that begins with = for a formula unless it is forbidden."""

    @contextmanager
    def _open_worksheet(self, xlsx_file: io.BytesIO) -> Iterator[tuple[Workbook, Any]]:
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        workbook = Workbook(xlsx_file, options)
        yield workbook, workbook.add_worksheet()
        workbook.close()


class _Data(CategoryChartData):
    @lazyproperty
    def _workbook_writer(self) -> CategoryWorkbookWriter:
        return _WordsStayWords(self)  # type: ignore[no-untyped-call]


WATERFALL = ("Base", "Balance", "Gained", "Lost")


def _data(chart: Chart) -> CategoryChartData:
    data: CategoryChartData = _Data()  # type: ignore[no-untyped-call]
    data.categories = chart.categories
    if chart.kind == "waterfall":
        heights = stands(chart)
        data.add_series(WATERFALL[0], [_exact(below) if below else None for below, _ in heights])
        for kind in WATERFALL[1:]:
            bars = zip(kinds(chart), heights, strict=True)
            data.add_series(
                kind, [_exact(height) if one == kind else None for one, (_, height) in bars], _format_of(chart, kind)
            )
        return data
    for series in chart.series:
        shown_of = [_exact(one.value) if one and one.value is not None else None for one in series.figures]
        data.add_series(series.name, shown_of, _format(series.figures))
    return data


def kinds(chart: Chart) -> list[str]:
    """In which series of a waterfall each of its points is drawn."""
    shown = chart.series[0].figures
    lost = [figure is not None and figure.value is not None and figure.value < 0 for figure in shown]
    moved = ["Lost" if is_lost else "Gained" for is_lost in lost]
    return ["Balance", *moved[1:-1], "Balance"]


def _format_of(chart: Chart, kind: str) -> str:
    """Of a series of a waterfall. What was lost stands upright and is written with its sign."""
    shown = [figure for one, figure in zip(kinds(chart), chart.series[0].figures, strict=True) if one == kind]
    whole = _format(shown)
    return whole.split(";")[1] if kind == "Lost" and any(shown) else whole


def _format(shown: Sequence[Figure | None]) -> str:
    return next((one.form.number_format for one in shown if one), "General")


def _exact(value: Value) -> Decimal:
    """A number as charts and spreadsheets hold it: of fifteen digits, all that doubles keep."""
    return Decimal(f"{Decimal(f'{value:.15g}'):f}")


def _draw(drawing: Drawing, chart: Chart) -> None:
    drawing.font.size = Pt(12)
    _paint(drawing.font.color, "text")
    drawing.has_title = False
    _legend(drawing, chart)
    _axes(drawing, chart)
    plot = drawing.plots[0]
    if chart.kind == "waterfall":
        _waterfall(drawing, chart)
        return
    if chart.kind != "line":
        plot.gap_width = 60
    if chart.kind in ("columns", "bars"):
        plot.overlap = -5
    for drawn, series in zip(plot.series, chart.series, strict=True):
        if chart.kind == "line":
            drawn.smooth = False
            drawn.format.line.width = Pt(2.25)
            _paint(drawn.format.line.color, series.colour)
            drawn.marker.size = 6
            drawn.marker.format.fill.solid()
            _paint(drawn.marker.format.fill.fore_color, series.colour)
            _paint(drawn.marker.format.line.color, series.colour)
        else:
            drawn.invert_if_negative = False
            drawn.format.fill.solid()
            _paint(drawn.format.fill.fore_color, series.colour)
        if chart.kind in ("columns", "bars") and len(chart.categories) * len(chart.series) <= LABELLED:
            _label(drawn, _format(series.figures), XL_LABEL_POSITION.OUTSIDE_END)


def _waterfall(drawing: Drawing, chart: Chart) -> None:
    plot = drawing.plots[0]
    plot.gap_width, plot.overlap = 35, 100
    base, *visible = plot.series
    base.format.fill.background()
    base.format.line.fill.background()
    colours = chart.series[0].colours
    for drawn, kind in zip(visible, WATERFALL[1:], strict=True):
        for place, one in enumerate(kinds(chart)):
            if one == kind:
                fill = drawn.points[place].format.fill
                fill.solid()
                _paint(fill.fore_color, colours[place])
        if kind in kinds(chart):
            _label(drawn, _format_of(chart, kind), XL_LABEL_POSITION.CENTER)
            if kind == "Balance":
                _paint(drawn.data_labels.font.color, "ground")
            else:
                _back(drawn.data_labels)
    axis = drawing.value_axis
    axis.visible = False
    axis.has_major_gridlines = False


def _back(labels: Any) -> None:
    """A ground behind labels: bars of small movements are thinner than a line of text."""
    fill = f'<c:spPr {CHART_NAMESPACES}><a:solidFill><a:schemeClr val="bg1"/></a:solidFill></c:spPr>'
    labels._element.find(".//{*}numFmt").addnext(parse_xml(fill))


CHART_NAMESPACES = (
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
)


def _legend(drawing: Drawing, chart: Chart) -> None:
    drawing.has_legend = chart.kind != "waterfall" and len(chart.series) > 1
    if drawing.has_legend and drawing.legend:
        drawing.legend.position = XL_LEGEND_POSITION.BOTTOM
        drawing.legend.include_in_layout = False
        drawing.legend.font.size = Pt(12)


def _axes(drawing: Drawing, chart: Chart) -> None:
    category, value = drawing.category_axis, drawing.value_axis
    category.format.line.width = Pt(0.75)
    _paint(category.format.line.color, "muted")
    category.major_tick_mark = XL_TICK_MARK.NONE
    category.has_major_gridlines = False
    category.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    category.tick_labels.font.size = Pt(12)
    value.has_major_gridlines = True
    value.major_gridlines.format.line.width = Pt(0.5)
    _paint(value.major_gridlines.format.line.color, "line")
    value.format.line.fill.background()
    value.major_tick_mark = XL_TICK_MARK.NONE
    value.tick_labels.font.size = Pt(11)
    value.tick_labels.number_format = next((_format(one.figures) for one in chart.series), "General")
    value.tick_labels.number_format_is_linked = False
    if (bound := floor(chart)) is not None:
        value.minimum_scale = float(bound)
    if chart.kind == "bars":
        category.reverse_order = True  # the first on top, as people read
        value.visible = False
        value.has_major_gridlines = False


def _label(drawn: Any, number_format: str, position: XL_LABEL_POSITION) -> None:
    labels = drawn.data_labels
    labels.show_value = True
    labels.number_format, labels.number_format_is_linked = number_format, False
    labels.position = position
    labels.font.size = Pt(12)


def _paint(colour: ColorFormat, role: str) -> None:
    one = shade(role)
    colour.theme_color = SLOTS[one.slot]
    if one.brightness:
        colour.brightness = one.brightness


def _lay(grid: Grid, table: Table, width: Emu) -> None:
    properties: Any = grid._tbl.tblPr
    properties.find(".//{*}tableStyleId").text = PLAIN_GRID
    grid.horz_banding = False
    for place, share in enumerate(_widths(table)):
        grid.columns[place].width = Emu(round(width * share))
    is_small = len(table.rows) > 12 or len(table.heads) > 7 or width < Inches(8)
    size = Pt(12) if is_small else Pt(13)
    tints = {(row + 1, column): role for row, column, role in table.tints}
    for row, cells in enumerate([table.heads, *table.rows]):
        grid.rows[row].height = Inches(0.3 if len(table.rows) > 12 else 0.34)
        for column, content in enumerate(cells):
            cell = grid.cell(row, column)
            run = cell.text_frame.paragraphs[0].add_run()
            run.text = content.text if isinstance(content, Figure) else content
            run.font.size = size
            run.font.bold = row == 0 or row - 1 in table.strong
            _paint(run.font.color, tints.get((row, column), "text"))
            cell.text_frame.paragraphs[0].alignment = PP_ALIGN.LEFT if column < table.words else PP_ALIGN.RIGHT
            cell.vertical_anchor = MSO_ANCHOR.MIDDLE
            cell.margin_top = cell.margin_bottom = Inches(0.02)
            cell.margin_left = cell.margin_right = Inches(0.06)
            if row - 1 in table.strong:
                cell.fill.solid()
                _paint(cell.fill.fore_color, "line")
            _rule(cell, is_strong=row == 0)


def _rule(cell: _Cell, *, is_strong: bool) -> None:
    """A line under a cell: python-pptx has no borders."""
    properties = cell._tc.get_or_add_tcPr()
    colour = "tx2" if is_strong else "bg2"
    line = parse_xml(
        f'<a:lnB {NAMESPACES} w="{12700 if is_strong else 6350}"><a:solidFill><a:schemeClr val="{colour}"/>'
        "</a:solidFill></a:lnB>"
    )
    properties.insert(0, line)


def _widths(table: Table) -> list[float]:
    """The share of each column, by its longest text within bounds."""
    texts = [[cell.text if isinstance(cell, Figure) else cell for cell in row] for row in table.rows]
    longest = [
        min(34, max([len(max(head.split(), key=len, default="")), *(len(row[place]) for row in texts)], default=0) + 2)
        for place, head in enumerate(table.heads)
    ]
    bounded = [max(7, one) for one in longest]
    return [one / sum(bounded) for one in bounded]
