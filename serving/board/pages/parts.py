"""What pages have in common: putting one together, names as they are shown, tables of slices.

Belongs here: what at least two pages need. Does not: any page.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from serving.board.book import Book, Row
from serving.board.figures import HIDDEN, PERCENT, Figure, Form, form_for
from serving.board.page import Block, Cell, Page, Part, Series, Text, figures

SIGNED = Form(PERCENT, 1, suffix="%", is_signed=True)
LONGEST = 44
"""Characters of a name: more would push figures off a slide."""
ROWS = 12
"""Of a table on one slide."""
DRAWN = 8
"""Series of a chart that are distinct by their colours."""
TENFOLD = 10
"""Growth from next to nothing, which says no more than that it was nothing."""


def page(book: Book, id_: str, topic: str, headline: Iterable[Part], blocks: Iterable[Block]) -> Page:
    """A page as of the oldest of its figures, with what must be known of them."""
    made = Page(id_, topic, tuple(headline), tuple(blocks))
    shown = [figure for _, figure in figures(made)]
    return Page(id_, topic, made.headline, made.blocks, book.as_of(shown), book.marks(shown))


def name(text: object, longest: int = LONGEST) -> str:
    """A name of the company's own as a page shows it: on one line, without characters that no file may hold or that
    turn the words after them, cut where it is too long."""
    line = " ".join(str(text).split())
    line = "".join(one for one in line if unicodedata.category(one) not in ("Cc", "Cs", "Cn") and one not in TURNING)
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Overrides of the direction of writing; names in Arabic and Hebrew need none."""


def cut(rows: Sequence[Row], longest: int = ROWS) -> Iterator[tuple[str, str, Sequence[Row]]]:
    """Rows page by page, with what a page's id and its topic end in."""
    for number, start in enumerate(range(0, max(len(rows), 1), longest)):
        endings = (f"-{number + 1}", f" ({number + 1})") if number else ("", "")
        yield *endings, rows[start : start + longest]


def products(book: Book, metric: str) -> list[Row]:
    """A metric by product, which is what stands right under a portfolio, the largest first and what is nobody's
    last."""
    return book.slices(metric, "product")


def the_largest(rows: Sequence[Row]) -> str:
    """What the caption of a chart adds where not all of these are drawn."""
    return ", the largest" if len(rows) > DRAWN else ""


def grid(book: Book, rows: Sequence[Row], metrics: Sequence[str]) -> list[list[Figure | None]]:
    """Of each row's slice and period the figures of several metrics; money is written alike everywhere."""
    where = ("slice_type", "slice_value", "period_id")
    found = [[book.metric(metric, *(row[one] for one in where)) for metric in metrics] for row in rows]
    money = [one.value("value") for line in found for one in line if one and one["unit"] == "money"]
    forms = {one["unit"]: form_for(one["unit"], []) for line in found for one in line if one}
    forms["money"] = form_for("money", money, is_fine=True)
    return [
        [
            one.figure("value", PLAIN.get(one["metric_id"], forms[one["unit"]]), one["metric_name"]) if one else None
            for one in line
        ]
        for line in found
    ]


PLAIN = dict.fromkeys(("engineering_per_product_manager", "design_per_product_manager"), Form(decimals=1))
"""Ratios that nobody reads as percent."""


def has_news(row: Row | None) -> bool:
    """Whether a row has something to say: a value, or that it is withheld."""
    return row is not None and (row["value"] is not None or row["value_reason"] in HIDDEN)


def grew(row: Row) -> Figure | None:
    """Growth on the year before, as a headline says it: none where there was next to nothing a year ago."""
    ratio = row["yoy_ratio"]
    return (
        row.figure("yoy_ratio", SIGNED, f"{row['metric_name']} year on year", unit="ratio")
        if is_telling(ratio)
        else None
    )


def is_telling(growth: float | None) -> bool:
    return growth is not None and abs(growth) < TENFOLD


def cell(figure: Figure | None) -> Cell:
    return figure if figure else "–"


def scale_of(lines: Iterable[Iterable[Figure | None]], currency: str | None) -> str:
    """What the money of a table is in: ``USD thousands``."""
    suffixes = (one.form.suffix for line in lines for one in line if one and one.unit == "money")
    return " ".join(part for part in (currency, IN_WORDS.get(next(suffixes, ""))) if part)


IN_WORDS = {"K": "thousands", "M": "millions", "B": "billions"}


def series(title: str, colour: str, rows: Iterable[Row | None], measure: str, form: Form) -> Series:
    """Figures of a chart, of rows that may be missing."""
    return Series(title, colour, tuple(row.figure(measure, form, title) if row else None for row in rows))


def joined(texts: Iterable[Text]) -> list[Part]:
    """Texts in a row, parted by semicolons."""
    found: list[Part] = []
    for text in texts:
        found += ["; "] if found else []
        found += text
    return found
