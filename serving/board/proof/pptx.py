"""What stands in the slides of a pack.

Belongs here: the texts of slides and notes, tables, charts with the workbooks in them, and whatever else on a slide
could show a number. Does not: which shape shows what (serving/board/pptx.py).

Shapes are known by their names, which are slots and stay when somebody moves, restyles or reorders them.
"""

import io
import zipfile
from collections.abc import Collection, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.slide import Slide
from xlsxwriter.utility import xl_rowcol_to_cell

from serving.board.carried import VerifyError, carried_by
from serving.board.figures import Figure
from serving.board.page import Chart, Notes, Pack, Page, Table, Text, Tiles, floor, stands, texts
from serving.board.pptx import WATERFALL, about, footer, kinds, tags
from serving.board.proof.found import Declared, Found, Number, Opened, Place, has_number
from serving.board.proof.xlsx import read_cells

NAMES = {
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
    "p": "http://schemas.openxmlformats.org/presentationml/2006/main",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
}
UNREADABLE = {"pic": "a picture", "contentPart": "ink or media", "oleObj": "an embedded object"}
FIRST_SHEET = "Sheet1"


def opened(document: bytes, file: Path) -> Opened:
    """Slides with what they carry."""
    with zipfile.ZipFile(io.BytesIO(document)) as parts:
        carried, is_sealed = carried_by(parts, file.name)
    try:
        deck = Presentation(io.BytesIO(document))
    except (KeyError, ValueError) as error:
        raise VerifyError(f"{file.name} is no presentation ({error}); verify it as prodops board made it") from None
    return Opened(carried, is_sealed, partial(_declared, carried), _read(deck, carried))


def _declared(pack: Pack) -> Declared:
    found: dict[Place, Text | Number] = {
        ("properties", "title"): (pack.title,),
        ("properties", "subject"): (pack.snapshot_id,),
    }
    shapes: list[tuple[str, list[Text]]] = [
        ("cover/headline", [(pack.title,)]),
        ("cover/topic", [(pack.audience_name,)]),
    ]
    shapes += [("cover/0", [(line,) for line in about(pack)]), ("cover/ftr", [(footer(pack),)])]
    for page in pack.pages:
        shapes += [(f"{page.id}/ftr", [(footer(pack),)]), *_shapes(page)]
        found.update((("notes", f"{page.id}/notes#{place}"), (line,)) for place, line in enumerate(tags(page)))
        for at, block in enumerate(page.blocks):
            slot = f"{page.id}/{at}"
            if isinstance(block, Chart | Table):
                found["labels", slot] = (block.alt,)
            if isinstance(block, Chart):
                found.update(_chart(slot, block))
            if isinstance(block, Table):
                of_table = {key: text for key, text in texts(page) if key.startswith(f"{slot}/")}
                found.update((("tables", key), text) for key, text in of_table.items() if key != f"{slot}/caption")
    for slot, paragraphs in shapes:
        found.update((("slides", f"{slot}#{place}"), text) for place, text in enumerate(paragraphs))
    return found


def _shapes(page: Page) -> Iterator[tuple[str, list[Text]]]:
    """Of each shape with text its paragraphs."""
    yield f"{page.id}/topic", [(page.topic,)]
    yield f"{page.id}/headline", [page.headline]
    if page.marks:
        yield f"{page.id}/mark", [(" ".join(page.marks),)]
    for at, block in enumerate(page.blocks):
        slot = f"{page.id}/{at}"
        match block:
            case Tiles():
                for place, tile in enumerate(block.tiles):
                    beside: list[Text] = [(words, " ", figure) for words, figure in tile.beside]
                    yield f"{slot}/{place}", [(tile.name,), (tile.figure,), *beside]
            case Notes():
                yield slot, list(block.lines)
            case Chart() | Table():
                yield f"{slot}/caption", [(block.caption,)]


def _chart(slot: str, chart: Chart) -> Iterator[tuple[Place, Text | Number]]:
    """Twice: what the slide draws from, and the workbook that opens when somebody edits the chart."""
    drawn = [*_series(chart)]
    for layer in ("charts", "cells"):
        for place, (name, numbers) in enumerate(drawn):
            yield (layer, f"{slot}/series/{place}"), (name,)
            for point, number in enumerate(numbers):
                if number is not None:
                    yield (layer, f"{slot}/{place}/{point}"), number
    for point, category in enumerate(chart.categories):
        yield ("cells", f"{slot}/category/{point}"), (category,)
        for place, _ in enumerate(drawn):
            yield ("charts", f"{slot}/category/{place}/{point}"), (category,)
    if (bound := floor(chart)) is not None:
        yield ("charts", f"{slot}/floor"), Number(bound)


def _series(chart: Chart) -> Iterator[tuple[str, list[Number | None]]]:
    """Name and numbers of each series that is drawn: of a waterfall what its bars stand on, and a series a kind."""
    if chart.kind != "waterfall":
        for series in chart.series:
            yield series.name, [_number(one) for one in series.figures]
        return
    base, *others = WATERFALL
    bars = list(zip(kinds(chart), stands(chart), chart.series[0].figures, strict=True))
    yield base, [Number(below) if below else None for _, (below, _), _ in bars]
    for kind in others:
        yield kind, [Number(height, figure) if one == kind else None for one, (_, height), figure in bars]


def _number(figure: Figure | None) -> Number | None:
    return Number(figure.value, figure) if figure and figure.value is not None else None


def _read(deck: Any, pack: Pack) -> Iterator[Found | str]:
    yield Found("properties", "title", "the title in the properties", deck.core_properties.title)
    yield Found("properties", "subject", "the subject in the properties", deck.core_properties.subject)
    formats = {
        f"{page.id}/{at}": _formats(block)
        for page in pack.pages
        for at, block in enumerate(page.blocks)
        if isinstance(block, Chart)
    }
    for number, slide in enumerate(deck.slides, 1):
        yield from _slide(slide, number, formats)
    for layout in [*deck.slide_masters, *deck.slide_layouts]:
        for text in layout.element.xpath(".//p:sp[not(.//p:nvPr/p:ph)]//a:t"):
            yield Found("slides", None, f"the layout {layout.name}", text.text or "")
    for part in deck.part.package.iter_parts():
        if part.partname.startswith(("/ppt/comments/", "/ppt/diagrams/")):
            yield f"{part.partname}: no part of the pack; nothing says what it shows"


def _formats(chart: Chart) -> set[str]:
    """Of the figures of a chart, and their parts: what was lost is drawn upright."""
    whole = {one.form.number_format for series in chart.series for one in series.figures if one}
    return {"General", *whole, *(part for one in whole for part in one.split(";"))}


def _slide(slide: Slide, number: int, formats: Mapping[str, Collection[str]]) -> Iterator[Found | str]:
    shapes = slide.element.xpath(".//p:sp | .//p:graphicFrame | .//p:cxnSp")
    names = [shape.xpath("./*/p:cNvPr")[0] for shape in shapes]
    page = next((name.get("name").partition("/")[0] for name in names if "/" in name.get("name", "")), "")
    for unreadable, what in UNREADABLE.items():
        if slide.element.xpath(f".//*[local-name() = '{unreadable}']"):
            yield f"slide {number}: holds {what}, whose numbers nothing can read; a logo belongs into the master"
    for shape, described in zip(shapes, names, strict=True):
        name = str(described.get("name"))
        slot, where = f"{page}/{name}" if name in ("ftr", "sldNum") else name, f"slide {number}, {name}"
        for attribute in ("descr", "title"):
            if said := described.get(attribute):
                yield Found("labels", slot, f"{where}, its description", said)
        if grids := shape.xpath(".//a:tbl"):
            yield from _table(grids[0], slot, where)
        elif charts := shape.xpath(".//c:chart"):
            part = slide.part.related_part(charts[0].get(f"{{{NAMES['r']}}}id"))
            yield from _drawn(part, slot, where, formats.get(slot, ()))
        elif shape.tag.endswith("}graphicFrame"):
            yield f"{where}: neither a table nor a chart; nothing can read which numbers it shows"
        else:
            yield from _paragraphs(shape, "slides", slot, where, number)
    if slide.has_notes_slide:
        for shape in slide.notes_slide.element.xpath(".//p:sp"):
            yield from _paragraphs(shape, "notes", f"{page}/notes", f"slide {number}, notes", number)


def _paragraphs(shape: Any, layer: str, slot: str, where: str, number: int) -> Iterator[Found | str]:
    for place, paragraph in enumerate(shape.xpath(".//a:p")):
        for field in paragraph.xpath("./a:fld[@type='slidenum']/a:t"):
            if has_number(field.text or "") and field.text != str(number):
                yield f"{where}: {field.text!r}, should be {str(number)!r} (the number of the slide)"
        if text := _text(paragraph):
            yield Found(layer, f"{slot}#{place}", f"{where}, line {place + 1}", text)


def _text(paragraph: Any) -> str:
    """What a paragraph says, but for the number of its slide."""
    parts = paragraph.xpath("./a:r/a:t | ./a:br | ./a:fld[not(@type='slidenum')]/a:t")
    return "".join(part.text or "" if part.tag.endswith("}t") else "\n" for part in parts)


def _table(grid: Any, slot: str, where: str) -> Iterator[Found]:
    for row, line in enumerate(grid.xpath("./a:tr")):
        for column, cell in enumerate(line.xpath("./a:tc")):
            place = f"{slot}/{'head' if row == 0 else row - 1}/{column}"
            text = "\n".join(filter(None, map(_text, cell.xpath(".//a:p"))))
            if text:
                yield Found("tables", place, f"{where}, row {row + 1}, column {column + 1}", text)


def _drawn(part: Any, slot: str, where: str, formats: Collection[str]) -> Iterator[Found | str]:
    """The texts and numbers in a chart, then those of the workbook behind it."""
    chart = part._element
    for code in {*chart.xpath(".//c:formatCode/text()"), *chart.xpath(".//c:numFmt/@formatCode")} - set(formats):
        if has_number(code):
            yield f"{where}: the format {code!r} is none of its figures"
    for bound in chart.xpath(".//c:scaling/c:min | .//c:scaling/c:max"):
        is_floor = bound.tag.endswith("}min")
        yield Found(
            "charts", f"{slot}/floor" if is_floor else None, f"{where}, bound of its axis", bound.get("val", "")
        )
    for text in chart.xpath(".//a:t"):
        yield Found("charts", None, f"{where}, a text in the chart", text.text or "")
    for place, series in enumerate(chart.xpath(".//c:ser")):
        for kind, path in (("series", "c:tx"), ("category", "c:cat"), ("", "c:val")):
            for point in series.xpath(f"./{path}//c:pt"):
                at = point.get("idx")
                address = {"series": f"series/{place}", "category": f"category/{place}/{at}"}.get(kind, f"{place}/{at}")
                said = "".join(point.xpath("./c:v/text()"))
                yield Found("charts", f"{slot}/{address}", f"{where}, series {place + 1}, point {at} ({path})", said)
    for point in chart.xpath(".//c:pt[not(ancestor::c:tx or ancestor::c:cat or ancestor::c:val)]"):
        yield Found("charts", None, f"{where}, beside its series", "".join(point.xpath("./c:v/text()")))
    rows = len(chart.xpath("(.//c:ser)[1]/c:cat//c:pt"))
    slots = _cells(slot, rows, len(chart.xpath(".//c:ser")))
    for book in [
        relation.target_part for relation in part.rels.values() if relation.reltype == RELATIONSHIP_TYPE.PACKAGE
    ]:
        for one in read_cells(book.blob, slots, f"{where}, workbook, "):
            if isinstance(one, str) or one.layer == "cells":
                yield one
            elif one.text not in formats and has_number(one.text):
                yield f"{one.where}: {one.text!r} is no format of its figures"


def _cells(slot: str, rows: int, columns: int) -> dict[str, str]:
    """By cell of the workbook in a chart what it holds: categories below each other, series beside each other."""
    found = {(row + 1, 0): f"{slot}/category/{row}" for row in range(rows)}
    found |= {(0, column + 1): f"{slot}/series/{column}" for column in range(columns)}
    found |= {(row + 1, column + 1): f"{slot}/{column}/{row}" for row in range(rows) for column in range(columns)}
    return {f"{FIRST_SHEET}!{xl_rowcol_to_cell(row, column)}": at for (row, column), at in found.items()}
