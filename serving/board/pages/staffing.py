"""Staffing against growth.

Belongs here: people by product beside the growth of revenue and cost, as far as teams are large enough to show. Does
not: anybody's pay; whether anything should change.
"""

from collections.abc import Iterator, Sequence

from serving.board.book import NOBODYS, Absent, Book, Row
from serving.board.figures import form_for
from serving.board.page import Block, Chart, Page, Part, Table
from serving.board.pages.parts import (
    DRAWN,
    SIGNED,
    cell,
    cut,
    grid,
    is_telling,
    name,
    page,
    products,
    series,
    the_largest,
)

COLUMNS = (
    ("headcount", "People"),
    ("fte", "FTE"),
    ("revenue_per_fte", "Revenue per FTE"),
    ("engineering_per_product_manager", "Engineers per PM"),
    ("design_per_product_manager", "Designers per PM"),
)
PERIODS = 8


def staffing(book: Book) -> Iterator[Page]:
    rows = [row for row in products(book, "fte") if row["value"]]
    whole = book.metric("fte")
    if whole is None:
        raise Absent("nobody's work is known in this period")
    text: list[Part] = [f"{book.period}: ", whole.figure("value", form_for("fte", []), "FTE"), " FTE"]
    per, revenue, cost = (book.metric(metric) for metric in ("revenue_per_fte", "revenue_growth", "cost_growth"))
    if per is not None and per["value"] is not None:
        text += [", ", per.figure("value", form_for("money", [per.value("value")], book.currency), "Revenue per FTE")]
        text += [" of revenue each"]
    for row, words in ((revenue, "revenue"), (cost, "cost")):
        if row is not None and row["value"] is not None:
            text += [f"; {words} ", row.figure("value", SIGNED, f"growth of {words}"), " in twelve months"]
    growth = list(_growth(book))
    if book.audience.is_product:
        course = book.history("fte", whole["slice_type"], whole["slice_value"], PERIODS)
        table = _people(book, book.word.title(), course, [row["period_id"] for row in course])
        yield page(book, "staffing", "Staffing and growth", text, [*growth, table])
        return
    for ending, number, some in cut(rows):
        names = [*(name(row["slice_name"]) for row in some), name(book.audience.name)]
        blocks: list[Block] = [*([] if ending else growth), _people(book, "Product", [*some, whole], names)]
        yield page(book, f"staffing{ending}", f"Staffing and growth{number}", text, blocks)


def _people(book: Book, of: str, rows: Sequence[Row], lines: Sequence[str]) -> Table:
    found = grid(book, rows, [metric for metric, _ in COLUMNS])
    return Table(
        f"On {book.period}'s last day; revenue of twelve months per FTE, {book.currency}",
        (of, *(head for _, head in COLUMNS)),
        tuple((line, *map(cell, row)) for line, row in zip(lines, found, strict=True)),
        "People, revenue per full-time equivalent and ratios of functions.",
        strong=(len(lines) - 1,),
    )


def _growth(book: Book) -> Iterator[Chart]:
    """Growth of revenue and cost by product; none where there is none yet."""
    known = [row for row in products(book, "revenue_growth") if is_telling(row["value"])]
    shown_of = [row for row in known if row["slice_value"] not in NOBODYS]
    revenue = shown_of[:DRAWN]
    if not revenue:
        return
    cost = [book.metric("cost_growth", "product", row["slice_value"]) for row in revenue]
    shown = [series("Revenue", "revenue", revenue, "value", SIGNED), series("Cost", "cost", cost, "value", SIGNED)]
    yield Chart(
        "columns",
        f"Growth of the last twelve months over those before{the_largest(shown_of)}",
        tuple(name(row["slice_name"], 20) for row in revenue),
        tuple(one for one in shown if any(figure and figure.value is not None for figure in one.figures)),
        "Columns of the growth of revenue and of cost by product.",
    )
