"""The summary: the figures that everything else explains.

Belongs here: which metrics, and what each stands beside. Does not: their parts, which are the other pages.
"""

from collections.abc import Iterator

from serving.board.book import Absent, Book, Row
from serving.board.figures import Form, form_for
from serving.board.page import Page, Part, Text, Tile, Tiles
from serving.board.pages.parts import grew, page

METRICS = (
    "arr",
    "nrr",
    "recognised_revenue",
    "gross_margin",
    "operating_profit",
    "mau",
    "revenue_per_fte",
    "objectives_on_track",
)
BESIDE = (("before", "prior_value"), ("plan", "plan_value"))


def summary(book: Book) -> Iterator[Page]:
    rows = [row for row in map(book.metric, METRICS) if row and row["value"] is not None]
    if not rows:
        raise Absent("no metric of the summary has a value in this period")
    yield page(book, "summary", "Summary", _headline(book, rows), [Tiles(tuple(_tile(book, row) for row in rows))])


def _headline(book: Book, rows: list[Row]) -> Text:
    first = rows[0]
    form = _form(book, first)
    text: list[Part] = [first["metric_name"], f" of {book.period}: ", first.figure("value", form, "value")]
    if first["unit"] == "money" and first["change_value"] is not None:
        signed = form_for("money", [first.value("change_value")], book.currency, is_signed=True)
        change = first.figure("change_value", signed, "change")
        text += [", ", change, f" on the {'quarter' if '-Q' in book.period else 'period'} before"]
    profit = next((row for row in rows if row["metric_id"] == "operating_profit"), None)
    if profit and profit is not first:
        text += ["; operating profit ", profit.figure("value", _form(book, profit), "value")]
    return tuple(text)


def _form(book: Book, row: Row) -> Form:
    return form_for(row["unit"], [row.value("value")], book.currency)


def _tile(book: Book, row: Row) -> Tile:
    form = _form(book, row)
    beside = [(word, row.figure(measure, form, word)) for word, measure in BESIDE if row[measure] is not None]
    if row["unit"] == "ratio" and row["year_ago_value"] is not None:
        beside.append(("a year ago", row.figure("year_ago_value", form, "a year ago")))
    elif (growth := grew(row)) is not None:
        beside.append(("year on year", growth))
    return Tile(row["metric_name"], row.figure("value", form, row["metric_name"]), tuple(beside))
