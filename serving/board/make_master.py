"""Makes master.pptx: ``python -m serving.board.make_master``.

Belongs here: slides' size, theme and layouts, as they are before a designer has restyled them. Does not: anything of a
pack. A designer edits master.pptx itself, in PowerPoint; who runs this again begins anew.

Layouts are known by name (``LAYOUTS``), places in them by the ``idx`` of their placeholder (``Place``): both must stay
where a layout is restyled. Colours are those of the theme, so that a change of the theme changes every pack.
"""

from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path

from lxml import etree
from pptx import Presentation
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml import parse_xml
from pptx.presentation import Presentation as Deck
from pptx.slide import SlideLayout
from pptx.util import Inches

from serving.board.palette import MASTER

COLOURS = {
    "dk1": "1B2430",
    "lt1": "FFFFFF",
    "dk2": "33475B",
    "lt2": "E9EDF2",
    "accent1": "2B6CB0",
    "accent2": "7E57A0",
    "accent3": "D09A2D",
    "accent4": "4BA3C7",
    "accent5": "2F8F6B",
    "accent6": "C8553D",
    "hlink": "2B6CB0",
    "folHlink": "7E57A0",
}
FONT = "Calibri"
WIDTH, HEIGHT = 13.333, 7.5
"""Inches: at 96 to an inch 1280 by 720 pixels."""
EMU = 914_400
NAMESPACES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
)


class Place(IntEnum):
    """What stands in a placeholder, by its ``idx``. Tiles have eight from ``TILE`` on."""

    TITLE = 0
    TOPIC = 10
    MARKS = 11
    FOOTER = 12
    NUMBER = 13
    MAIN = 20
    CAPTION = 21
    COMMENT = 22
    SECOND = 23
    SECOND_CAPTION = 24
    TILE = 30


TILES = 8
NUMBER = (
    '<a:fld id="{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}" type="slidenum"><a:rPr lang="en-GB"/><a:t>‹#›</a:t></a:fld>'
)
"""The number of a slide, as PowerPoint counts."""
Box = tuple[float, float, float, float]
LEFT, RIGHT = 0.55, 12.23
LAYOUTS = ("Title", "Tiles", "Chart and comment", "Chart and table", "Table", "Appendix")


def made() -> Deck:
    """The master, with its layouts and no slide."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(WIDTH), Inches(HEIGHT)
    master = deck.slide_masters[0]
    for layout in list(deck.slide_layouts)[len(LAYOUTS) :]:
        deck.slide_layouts.remove(layout)
    theme = master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    theme._blob = _theme(theme.blob)
    _redraw(master.element.cSld.spTree, [_title(32), _text(1, "body", (LEFT, 1.8, RIGHT, 4.8), 16)])
    for layout, name in zip(deck.slide_layouts, LAYOUTS, strict=True):
        layout.element.cSld.set("name", name)
        _drop_type(layout)
        _redraw(layout.element.cSld.spTree, list(_places(name)))
    return deck


def _places(layout: str) -> Iterator[str]:
    if layout == "Title":
        yield _band()
        yield _title(44, (1.2, 2.1, 11.3, 1.5), anchor="b")
        yield _text(Place.TOPIC, "body", (1.2, 3.95, 11.3, 0.5), 22, "tx2")
        yield _text(Place.COMMENT, "body", (1.2, 4.75, 11.3, 1.6), 15, "tx2")
    else:
        yield _text(Place.TOPIC, "body", (LEFT, 0.3, RIGHT, 0.32), 13, "accent1", is_bold=True)
        yield _title(26)
        yield _rule(1.55)
        yield _text(Place.MARKS, "body", (LEFT, 6.72, RIGHT, 0.34), 12, "accent6")
    if layout == "Tiles":
        for place in range(TILES):
            x, y = LEFT + (place % 4) * 3.1, 1.85 + (place // 4) * 2.42
            yield _text(Place.TILE + place, "body", (x, y, 2.93, 2.25), 13, fill="bg2")
    if layout in ("Chart and comment", "Chart and table"):
        wide = 8.2 if layout == "Chart and comment" else 6.0
        yield _text(Place.CAPTION, "body", (LEFT, 1.68, wide, 0.32), 12, "tx2")
        yield _text(Place.MAIN, "chart", (LEFT, 2.02, wide, 4.6), 12)
    if layout == "Chart and comment":
        yield _text(Place.COMMENT, "body", (9.05, 2.02, 3.73, 4.6), 15)
    if layout == "Chart and table":
        yield _text(Place.SECOND_CAPTION, "body", (6.75, 1.68, 6.03, 0.32), 12, "tx2")
        yield _text(Place.SECOND, "tbl", (6.75, 2.05, 6.03, 4.5), 12)
    if layout in ("Table", "Appendix"):
        yield _text(Place.CAPTION, "body", (LEFT, 1.68, RIGHT, 0.32), 12, "tx2")
        yield _text(Place.MAIN, "tbl", (LEFT, 2.05, RIGHT, 4.5), 13)
    if layout == "Appendix":
        yield _text(Place.COMMENT, "body", (LEFT, 2.05, RIGHT, 4.5), 14)
    yield _text(Place.FOOTER, "ftr", (LEFT, 7.08, 11.0, 0.28), 11, "tx2")
    yield _text(Place.NUMBER, "sldNum", (11.9, 7.08, 0.88, 0.28), 11, "tx2", align="r")


def _title(size: int, box: Box = (LEFT, 0.6, RIGHT, 0.9), anchor: str = "ctr") -> str:
    return _shape(Place.TITLE, '<p:ph type="title"/>', "title", box, size, "tx1", is_bold=True, anchor=anchor)


def _text(
    place: int,
    kind: str,
    box: Box,
    size: int,
    colour: str = "tx1",
    *,
    is_bold: bool = False,
    align: str = "l",
    fill: str | None = None,
) -> str:
    return _shape(
        place,
        f'<p:ph type="{kind}" idx="{int(place)}"/>',
        kind,
        box,
        size,
        colour,
        is_bold=is_bold,
        align=align,
        fill=fill,
    )


def _shape(
    place: int,
    placeholder: str,
    kind: str,
    box: Box,
    size: int,
    colour: str,
    *,
    is_bold: bool = False,
    align: str = "l",
    anchor: str = "t",
    fill: str | None = None,
) -> str:
    x, y, width, height = (round(part * EMU) for part in box)
    filled = f'<a:solidFill><a:schemeClr val="{fill}"/></a:solidFill>' if fill else ""
    inset = 'lIns="146304" tIns="91440" rIns="91440" bIns="45720"' if fill else 'lIns="0" tIns="0" rIns="0" bIns="0"'
    level = (
        f'<a:lvl1pPr marL="0" indent="0" algn="{align}"><a:spcBef><a:spcPts val="0"/></a:spcBef><a:buNone/>'
        f'<a:defRPr sz="{size * 100}" b="{int(is_bold)}"><a:solidFill><a:schemeClr val="{colour}"/></a:solidFill>'
        f"</a:defRPr></a:lvl1pPr>"
    )
    prompt = '<a:r><a:rPr lang="en-GB"/><a:t>Text</a:t></a:r>'
    if kind == "sldNum":
        prompt = NUMBER
    return (
        f'<p:sp {NAMESPACES}><p:nvSpPr><p:cNvPr id="{int(place) + 2}" name="{kind} {int(place)}"/>'
        f'<p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr><p:nvPr>{placeholder}</p:nvPr></p:nvSpPr>'
        f'<p:spPr><a:xfrm><a:off x="{x}" y="{y}"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
        f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>{filled}</p:spPr>'
        f'<p:txBody><a:bodyPr {inset} anchor="{anchor}"><a:normAutofit/></a:bodyPr><a:lstStyle>{level}</a:lstStyle>'
        f"<a:p>{prompt}</a:p></p:txBody></p:sp>"
    )


def _band() -> str:
    """A band of the first accent at the left edge."""
    return (
        f'<p:sp {NAMESPACES}><p:nvSpPr><p:cNvPr id="91" name="band"/><p:cNvSpPr/><p:nvPr userDrawn="1"/></p:nvSpPr>'
        f'<p:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{round(0.55 * EMU)}" cy="{round(HEIGHT * EMU)}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:solidFill><a:schemeClr val="accent1"/></a:solidFill>'
        "</p:spPr></p:sp>"
    )


def _rule(y: float) -> str:
    """A thin line under a headline."""
    x, at, width = (round(part * EMU) for part in (LEFT, y, RIGHT))
    return (
        f'<p:cxnSp {NAMESPACES}><p:nvCxnSpPr><p:cNvPr id="90" name="line"/><p:cNvCxnSpPr/><p:nvPr userDrawn="1"/>'
        f'</p:nvCxnSpPr><p:spPr><a:xfrm><a:off x="{x}" y="{at}"/><a:ext cx="{width}" cy="0"/></a:xfrm>'
        '<a:prstGeom prst="line"><a:avLst/></a:prstGeom><a:ln w="9525"><a:solidFill><a:schemeClr val="bg2">'
        '<a:lumMod val="85000"/></a:schemeClr></a:solidFill></a:ln></p:spPr></p:cxnSp>'
    )


def _redraw(tree: etree._Element, shapes: list[str]) -> None:
    """Replaces what is drawn; the first two children describe the group itself."""
    for old in list(tree)[2:]:
        tree.remove(old)
    for shape in shapes:
        tree.append(parse_xml(shape))


def _drop_type(layout: SlideLayout) -> None:
    """A layout of our own is of no built-in type."""
    for attribute in ("type", "preserve"):
        layout.element.attrib.pop(attribute, None)


def _theme(blob: bytes) -> bytes:
    """The theme with our colours and font."""
    root = etree.fromstring(blob)
    drawing = {"a": "http://schemas.openxmlformats.org/drawingml/2006/main"}
    (scheme,) = root.findall(".//a:clrScheme", drawing)
    scheme.set("name", "prodops")
    for slot in scheme:
        slot[:] = []
        etree.SubElement(slot, f"{{{drawing['a']}}}srgbClr", val=COLOURS[etree.QName(slot).localname])
    for font in root.findall(".//a:fontScheme/*/a:latin", drawing):
        font.set("typeface", FONT)
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return made


def main(target: Path = MASTER) -> None:
    made().save(str(target))


if __name__ == "__main__":
    main()
