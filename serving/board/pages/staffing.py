"""Staffing against growth.

Belongs here: people by product beside the growth of revenue and cost, as far as teams are large enough to show. Does
not: anybody's pay; whether anything should change.
"""

from collections.abc import Iterator

from serving.board.book import Absent, Book
from serving.board.figures import form_for
from serving.board.page import Chart, Page, Part, Table
from serving.board.pages.parts import SIGNED, cell, grid, name, page, products, series

COLUMNS = (
    ("headcount", "People"),
    ("fte", "FTE"),
    ("revenue_per_fte", "Revenue per FTE"),
    ("engineering_per_product_manager", "Engineers per PM"),
    ("design_per_product_manager", "Designers per PM"),
)


def staffing(book: Book) -> Iterator[Page]:
    rows = [row for row in products(book, "fte") if row["value"]]
    whole = book.metric("fte")
    if whole is None:
        raise Absent("nobody's work is known in this period")
    listed = [*([] if book.audience.is_product else rows), whole]
    lines = [name(row["slice_name"] or book.audience.name) for row in listed[:-1]] + [name(book.audience.name)]
    metrics = [metric for metric, _ in COLUMNS]
    found = grid(book, listed, metrics)
    table = Table(
        f"People on {book.period}'s last day; revenue of twelve months per FTE, {book.currency}",
        ("Product", *(head for _, head in COLUMNS)),
        tuple((line, *map(cell, row)) for line, row in zip(lines, found, strict=True)),
        "People, revenue per full-time equivalent and ratios of functions by product.",
        strong=(len(lines) - 1,),
    )
    growth = _growth(book)
    text: list[Part] = [f"{book.period}: ", whole.figure("value", form_for("fte", []), "FTE"), " FTE"]
    per, revenue, cost = (book.metric(metric) for metric in ("revenue_per_fte", "revenue_growth", "cost_growth"))
    if per is not None and per["value"] is not None:
        text += [", ", per.figure("value", form_for("money", [per.value("value")], book.currency), "Revenue per FTE")]
        text += [" of revenue each"]
    for row, words in ((revenue, "revenue"), (cost, "cost")):
        if row is not None and row["value"] is not None:
            text += [f"; {words} ", row.figure("value", SIGNED, f"growth of {words}"), " in twelve months"]
    yield page(book, "staffing", "Staffing and growth", text, [*growth, table])


def _growth(book: Book) -> Iterator[Chart]:
    """Growth of revenue and cost by product; none where there is none yet."""
    revenue = [row for row in products(book, "revenue_growth") if row["value"] is not None]
    if not revenue:
        return
    cost = [book.metric("cost_growth", "product", row["slice_value"]) for row in revenue]
    yield Chart(
        "columns",
        "Growth of the last twelve months over those before",
        tuple(name(row["slice_name"], 20) for row in revenue),
        (
            series("Revenue", "revenue", revenue, "value", SIGNED),
            series("Cost", "cost", cost, "value", SIGNED),
        ),
        "Columns of the growth of revenue and of cost by product.",
    )
