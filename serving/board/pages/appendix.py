"""The appendix: what proves the figures, how new they are, which pages are not there.

Belongs here: the proofs of the period, the clocks of each table behind the pack, what is left out and why. Does not:
proving anything (quality/).
"""

from collections.abc import Iterator, Mapping

from serving.board.book import Absent, Book, Row
from serving.board.figures import Form
from serving.board.page import Cell, Notes, Page, Part, Table, Text
from serving.board.pages.parts import cell, cut, name, page

PROOFS = "mart_reconciliation"
ROWS = 14


def proof(book: Book) -> Iterator[Page]:
    book.need(PROOFS)
    of_period = "(period_end_date <= ? or fiscal_period is null)"
    newest = "row_number() over (partition by mart_name, account_group order by period_end_date desc nulls last) = 1"
    rows = book.rows(PROOFS, f"{of_period} qualify {newest}", [book.end], "mart_name, account_group")
    if not rows:
        raise Absent("no proof speaks of this period")
    for ending, number, some in cut(rows, ROWS):
        table = Table(
            "Newest proof of each group; between control and shown lie named items, as what is unmapped",
            ("Mart", "Of", "Held against", "Period", "Says", "Control", "Shown", "Difference"),
            tuple(_proof(row) for row in some),
            "Proofs: an independent control, what the mart shows and the difference.",
            words=5,
        )
        red = sorted({str(row["mart_name"]) for row in rows if row["status"] != "agrees"})
        headline = [f"Controls that do not agree: {', '.join(red)}" if red else "Every control agrees with its mart"]
        yield page(book, f"proof{ending}", f"Proof{number}", headline, [table])


def _proof(row: Row) -> tuple[Cell, ...]:
    unit = "money" if row["currency"] else "count"
    form = Form(decimals=2 if row["currency"] else 0)
    words = (
        row["mart_name"],
        row["account_group"],
        name(row["control_of"], 28),
        row["fiscal_period"] or "–",
        row["status"],
    )
    of = str(row["account_group"])
    shown = [row.figure(one, form, one, unit=unit, of=of) for one in ("control", "figure", "difference")]
    return (*map(str, words), *map(cell, shown))


def freshness(book: Book) -> Iterator[Page]:
    rows = [row for table, row in sorted(book.dated.items()) if table.startswith("mart_")]
    for ending, number, some in cut(rows, ROWS):
        table = Table(
            "The newest data of the oldest source behind each table, UTC",
            ("Table", "As of", "Oldest source", "Read", "Newer data due", "Books closed", "Rows of"),
            tuple(
                (
                    str(row["table_name"]),
                    *(f"{row[one]:%Y-%m-%d %H:%M}" if row[one] else "–" for one in ("as_of",)),
                    str(row["as_of_source"] or "–"),
                    *(f"{row[one]:%Y-%m-%d %H:%M}" if row[one] else "–" for one in ("loaded_at", "expected_by")),
                    str(row["closed_fiscal_period"] or "–"),
                    str(row["snapshot_id"]),
                )
                for row in some
            ),
            "As-of, source and due time of each table behind the pack.",
            words=7,
        )
        headline: list[Part] = [f"All figures are of snapshot {book.snapshot.snapshot_id}"]
        yield page(book, f"freshness{ending}", f"Freshness{number}", headline, [table])


def left_out(book: Book, absent: Mapping[str, str]) -> Iterator[Page]:
    """Names each page that is not there."""
    if absent:
        lines: tuple[Text, ...] = tuple((f"{topic}: {why}.",) for topic, why in absent.items())
        yield page(book, "left-out", "Left out", ["Pages that this pack does not have, and why"], [Notes(lines)])
