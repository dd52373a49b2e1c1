"""Files of a board pack: what breaks none of them, that each shows what the snapshot holds, and that an edit is found.

Two of each kind of alteration; 200 are changed by `make torture PART=verify`.
"""

import io
import os
import re
import shutil
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import msgspec
import openpyxl
import pytest
from click.testing import CliRunner, Result
from lxml import html as markup
from pptx import Presentation
from pptx.presentation import Presentation as Deck
from pptx.util import Inches

from cli.main import main
from serving.board import packs, xlsx
from serving.board.page import Pack, Tiles
from serving.board.pages.parts import name
from serving.board.verify import verify
from serving.published import current
from tests.environment import environment_kept
from tests.runbook import drill
from tests.serving.board import made
from tests.torture.alterations import ALTERATIONS, outcomes, zipped

PACKED = ("board.pptx", "board.xlsx", "board.html", "board.json")


@pytest.mark.parametrize("file", PACKED)
def test_a_file_that_nobody_touched_is_proven(home: Path, file: str) -> None:
    proof = verify(home / "pack" / file, home)
    assert proof.problems == ()
    assert proof.figures > 80


def test_one_digit_that_is_another_is_seen_in_every_form(home: Path, tmp_path: Path) -> None:
    found = list(outcomes(home / "pack", home, tmp_path, range(2 * len(ALTERATIONS))))
    assert [f"seed {seed}, {kind}" for seed, kind, problems in found if not problems] == []
    assert {kind for _, kind, _ in found} == set(ALTERATIONS)


def edited(file: Path, folder: Path, edit: Callable[[Deck], None]) -> Path:
    """Slides as somebody saves them after an edit."""
    deck = Presentation(str(file))
    edit(deck)
    deck.save(str(folder / file.name))
    return folder / file.name


def shape(deck: Deck, slot: str) -> object:
    (found,) = [one for slide in deck.slides for one in slide.shapes if one.name == slot]
    return found


def a_box(deck: Deck) -> None:
    box = deck.slides[1].shapes.add_textbox(0, 0, Inches(2), Inches(1))
    box.text_frame.text = "Best quarter of 12!"


def words(deck: Deck) -> None:
    box = deck.slides[1].shapes.add_textbox(0, 0, Inches(2), Inches(1))
    box.text_frame.text = "Our best quarter"


def moved(deck: Deck) -> None:
    shape(deck, "profit/0").left = Inches(3)  # type: ignore[attr-defined]
    slides = deck.slides._sldIdLst
    slides.append(slides[1])


def swapped(deck: Deck) -> None:
    """Two products change places, and their numbers do not."""
    grid = shape(deck, "profit/0").table  # type: ignore[attr-defined]
    first, second = (grid.cell(row, 0).text_frame.paragraphs[0].runs[0] for row in (1, 2))
    first.text, second.text = second.text, first.text


def without_a_shape(deck: Deck) -> None:
    gone = shape(deck, "arr-bridge/0")._element  # type: ignore[attr-defined]
    gone.getparent().remove(gone)


def a_picture(deck: Deck) -> None:
    picture = io.BytesIO(
        bytes.fromhex(
            "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a49444154789c6360000000020001"
            "48afa4710000000049454e44ae426082"
        )
    )
    deck.slides[1].shapes.add_picture(picture, 0, 0)


EDITS: dict[str, tuple[Callable[[Deck], None], str]] = {
    "a box with a number": (a_box, r"slide 2, TextBox .*'Best quarter of 12!' is no number of the pack"),
    "two names swapped": (swapped, r"slide \d+, profit/0, row 2, column 1: '.+', should be '.+'"),
    "a chart taken away": (
        without_a_shape,
        r"arr-bridge/0/1/0 in the charts: '.*' is missing \(opening_arr@1.0.0, all",
    ),
    "a picture": (a_picture, r"slide 2: holds a picture"),
}


@pytest.mark.parametrize(("edit", "said"), EDITS.values(), ids=EDITS)
def test_an_edit_by_hand_is_named_with_its_place(
    home: Path, tmp_path: Path, edit: Callable[[Deck], None], said: str
) -> None:
    problems = verify(edited(home / "pack" / "board.pptx", tmp_path, edit), home).problems
    assert any(re.match(said, one) for one in problems), problems


@pytest.mark.parametrize("edit", [words, moved], ids=["words beside", "moved and reordered"])
def test_slides_may_be_restyled_reordered_and_have_words_added(
    home: Path, tmp_path: Path, edit: Callable[[Deck], None]
) -> None:
    """A failure here makes people switch the proof off as soon as a designer has touched the deck."""
    assert verify(edited(home / "pack" / "board.pptx", tmp_path, edit), home).problems == ()


REPLACED: dict[str, tuple[str, str, bytes, bytes, str]] = {
    "a formula": ("board.xlsx", "xl/worksheets/sheet1.xml", b"<v>", b"<f>1+1</f><v>", r".* holds a formula"),
    "a header": (
        "board.xlsx",
        "xl/worksheets/sheet1.xml",
        b"</worksheet>",
        b"<headerFooter><oddHeader>7</oddHeader></headerFooter></worksheet>",
        r".* holds headerFooter",
    ),
    "a script": ("board.html", "", b"</main>", b"<script>alert(1)</script></main>", r"a script, .* was edited"),
    "a policy": (
        "board.html",
        "",
        b"default-src &#39;none",
        b"default-src &#39;self",
        r"a script, the style or the policy",
    ),
    "an image": ("board.html", "", b"</main>", b'<img src="x.png"></main>', r"line \d+, img: has src"),
    "a number beside": ("board.html", "", b"</main>", b"<p>42</p></main>", r"line \d+: '42' is no number of the pack"),
}


@pytest.mark.filterwarnings("ignore:Cannot parse header")
@pytest.mark.parametrize(("file", "part", "old", "new", "said"), REPLACED.values(), ids=REPLACED)
def test_what_is_added_to_workbooks_and_pages_is_seen(
    home: Path, tmp_path: Path, file: str, part: str, old: bytes, new: bytes, said: str
) -> None:
    document = (home / "pack" / file).read_bytes()
    if part:
        with zipfile.ZipFile(io.BytesIO(document)) as parts_of:
            parts = {one: parts_of.read(one) for one in parts_of.namelist()}
        assert old in parts[part]
        document = zipped({**parts, part: parts[part].replace(old, new, 1)})
    else:
        assert old in document
        document = document.replace(old, new, 1)
    (tmp_path / file).write_bytes(document)
    problems = verify(tmp_path / file, home).problems
    assert any(re.match(said, one) for one in problems), problems


@pytest.fixture(scope="module")
def pack(home: Path) -> Pack:
    published = current(home)
    assert published is not None
    return packs.make(published, "company")


def forged(pack: Pack, **tags: object) -> Pack:
    """With other tags of the first tile, and whatever shows it, sealed like any pack."""
    page = pack.pages[0]
    (tiles,) = page.blocks
    assert isinstance(tiles, Tiles)
    first = msgspec.structs.replace(tiles.tiles[0], figure=msgspec.structs.replace(tiles.tiles[0].figure, **tags))
    tiles = Tiles((first, *tiles.tiles[1:]))
    return msgspec.structs.replace(pack, pages=(msgspec.structs.replace(page, blocks=(tiles,)), *pack.pages[1:]))


FORGERIES: dict[str, tuple[dict[str, object], str]] = {
    "another value": (
        {"value": Decimal("11602744.3")},
        r"summary/0/0/figure: value Decimal\('11602744.3'\), and the",
    ),
    "another day": ({"as_of": "2026-10-15T00:00:00"}, r"summary/0/0/figure: as_of"),
    "a row that is not there": ({"key": {"metric_id": "arr"}}, r"summary/0/0/figure: .* is not in the snapshot"),
    "another version": (
        {"metric": "arr@2.0.0"},
        r"summary/0/0/figure: metric 'arr@2.0.0', and the",
    ),
}


@pytest.mark.parametrize(("tags", "said"), FORGERIES.values(), ids=FORGERIES)
def test_a_file_that_agrees_with_its_own_tags_must_agree_with_the_snapshot(
    home: Path, pack: Pack, tmp_path: Path, tags: dict[str, object], said: str
) -> None:
    """A failure here proves a file by itself alone."""
    (tmp_path / "board.xlsx").write_bytes(xlsx.render(forged(pack, **tags)))
    problems = verify(tmp_path / "board.xlsx", home).problems
    assert any(re.match(said, one) for one in problems), problems


def test_names_are_text_in_every_form(home: Path) -> None:
    """A failure here runs a formula or a script that somebody put into the name of a product."""
    names = {name(one) for _, one in made.PRODUCTS.values()}
    book = openpyxl.load_workbook(home / "pack" / "board.xlsx")
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert names <= {cell.value for cell in cells}
    assert all(cell.quotePrefix for cell in cells if cell.data_type == "s"), "a text stays one when somebody edits it"
    page = markup.document_fromstring((home / "pack" / "board.html").read_bytes())
    assert len(page.findall(".//script")) == 4
    assert page.findall(".//b") == page.findall(".//img") == []
    shown = {one.text_content() for one in page.iterfind(".//bdi")}
    assert names <= shown
    assert len(set(xlsx.names(["N" * 60] * 3 + ["🚀" * 40, "Figures", "'", "a/b", "a:b"]))) == 8


def asked(home: Path, file: Path) -> Result:
    with environment_kept():
        os.environ["PRODOPS_HOME"] = str(home)
        return CliRunner().invoke(main, ["verify", str(file)])


def test_the_command_says_what_differs_and_ends_with_1(home: Path, tmp_path: Path) -> None:
    good = asked(home, home / "pack" / "board.pptx")
    assert good.exit_code == 0, good.output
    assert "figures" in good.output
    bad = asked(home, edited(home / "pack" / "board.pptx", tmp_path, swapped))
    assert bad.exit_code == 1
    assert bad.stdout.count(", profit/0, row") == 2
    assert "2 differences" in bad.stderr


def without_tags(home: Path, folder: Path) -> Path:
    """As a program saves it that drops what it does not know."""
    openpyxl.load_workbook(home / "pack" / "board.xlsx").save(folder / "board.xlsx")
    return folder / "board.xlsx"


def elsewhere(home: Path, folder: Path) -> Path:
    shutil.rmtree(home / "published")
    return home / "pack" / "board.xlsx"


def no_pack(home: Path, folder: Path) -> Path:
    (folder / "notes.txt").write_text("12")
    return folder / "notes.txt"


def cut_off(home: Path, folder: Path) -> Path:
    (folder / "board.pptx").write_bytes((home / "pack" / "board.pptx").read_bytes()[:5000])
    return folder / "board.pptx"


def not_there(home: Path, folder: Path) -> Path:
    return folder / "board.html"


@pytest.mark.parametrize("spoil", [without_tags, elsewhere, no_pack, cut_off, not_there])
def test_what_can_not_be_proven_is_an_error_that_says_what_to_do(
    home: Path, tmp_path: Path, spoil: Callable[[Path, Path], Path]
) -> None:
    copy = shutil.copytree(home, tmp_path / "home", symlinks=True)
    said = asked(copy, spoil(copy, tmp_path))
    drill("VerifyError", said.exit_code, said.stderr)
