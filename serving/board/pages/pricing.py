"""Prices by market.

Belongs here: what like customers pay for the same in each market against all others, and how much of the list price is
realised. Does not: what other prices would bring (prodops whatif price).
"""

from collections.abc import Iterator

from serving.board.book import NOBODYS, Absent, Book
from serving.board.figures import form_for
from serving.board.page import Chart, Page, Part, Table
from serving.board.pages.parts import ROWS, cell, cut, grid, name, page, series

COLUMNS = (("arr", "ARR"), ("market_price", "Level"), ("realised_price", "Of list"))


def by_market(book: Book) -> Iterator[Page]:
    if not book.audience.is_company:
        raise Absent("prices by market are compared over all products of the company")
    prices = [row for row in book.slices("market_price", "market") if row["slice_value"] not in NOBODYS]
    shown = [row for row in prices if row["value"] is not None]
    if not shown:
        raise Absent("no market has enough sales of the same kind to compare its prices")
    form = form_for("ratio", [])
    drawn = shown[:ROWS]
    chart = Chart(
        "bars",
        "Prices for the same against all other markets",
        tuple(name(row["slice_name"]) for row in drawn),
        (series("Price", "actual", drawn, "value", form),),
        "Bars of the price level by market.",
    )
    lowest, highest = shown[-1], shown[0]
    headline: list[Part] = [
        f"Prices are highest in {name(highest['slice_name'])}: ",
        highest.figure("value", form, "price level"),
        f" of other markets, and lowest in {name(lowest['slice_name'])}: ",
        lowest.figure("value", form, "price level"),
    ]
    for ending, number, some in cut(prices):
        found = grid(book, some, [metric for metric, _ in COLUMNS])
        table = Table(
            f"{book.period}, {book.currency}; level against other markets, invoiced of list prices",
            ("Market", *(head for _, head in COLUMNS)),
            tuple((name(row["slice_name"]), *map(cell, line)) for row, line in zip(some, found, strict=True)),
            "Recurring revenue, price level and realised price by market.",
        )
        yield page(
            book, f"pricing{ending}", f"Prices by market{number}", headline, [table] if ending else [chart, table]
        )
