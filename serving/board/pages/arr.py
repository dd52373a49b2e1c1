"""Recurring revenue: what moved it, and which products it is of.

Belongs here: the bridge of the period with retention beside it, and the course by product. Does not: what customers
pay on average and prices (pricing.py).
"""

from collections.abc import Iterator

from serving.board.book import Absent, Book, Row
from serving.board.figures import Form, form_for
from serving.board.page import Chart, Notes, Page, Part, Series, Text
from serving.board.pages.parts import DRAWN, grew, has_news, name, page, products, series, the_largest

KINDS = (
    ("logo_new_arr", "New", "movement:new"),
    ("expansion_arr", "Expansion", "movement:expansion"),
    ("returned_arr", "Returned", "movement:returned"),
    ("contraction_arr", "Contraction", "movement:contraction"),
    ("churn_arr", "Churn", "movement:churned"),
    ("transfer_and_fx_arr", "Transfers and rates", "movement:other"),
)
QUARTERS = 8
BESIDE = (
    ("nrr", "Net retention"),
    ("grr", "Gross retention"),
    ("paying_customers", "Paying customers"),
    ("new_customers", "New customers"),
    ("arpa", "ARPA a month"),
)


def bridge(book: Book) -> Iterator[Page]:
    rows = [book.metric(metric) for metric, _, _ in KINDS]
    opening, closing = book.metric("opening_arr"), book.metric("arr")
    if opening is None or closing is None or opening["value"] is None or closing["value"] is None:
        raise Absent("recurring revenue has no opening or no closing balance in this period")
    form = form_for("money", [closing.value("value"), opening.value("value")])
    moved = form_for("money", [row.value("value") for row in rows if row], is_signed=True)
    whole = form_for("money", [closing.value("value")], book.currency)
    stands = [("Opening", "movement:start", opening, form)]
    stands += [(kind, colour, row, moved) for (_, kind, colour), row in zip(KINDS, rows, strict=True) if row]
    stands += [("Closing", "movement:end", closing, form)]
    chart = Chart(
        "waterfall",
        f"From the beginning to the end of {book.period}, {book.currency} at plan rates; the axis does not begin at 0",
        tuple(kind for kind, _, _, _ in stands),
        (
            Series(
                "ARR",
                "movement:end",
                tuple(row.figure("value", form, kind) for kind, _, row, form in stands),
                tuple(colour for _, colour, _, _ in stands),
            ),
        ),
        "Waterfall of annual recurring revenue: opening balance, movements by kind, closing balance.",
    )
    headline: list[Part] = ["ARR of ", book.period, ": ", closing.figure("value", whole, "Closing ARR")]
    if closing["change_value"] is not None:
        change = form_for("money", [closing.value("change_value")], book.currency, is_signed=True)
        headline += [", ", closing.figure("change_value", change, "Change of ARR"), " since it began"]
    if (growth := grew(closing)) is not None:
        headline += [", ", growth, " year on year"]
    yield page(book, "arr-bridge", "Recurring revenue", headline, [chart, Notes(tuple(_beside(book, moved)))])


def _beside(book: Book, moved: Form) -> Iterator[Text]:
    for metric, kind, _ in KINDS:
        if (row := book.metric(metric)) is not None and row["prior_value"] is not None:
            now, before = row.figure("value", moved, kind), row.figure("prior_value", moved, f"{kind} before")
            yield (f"{kind} ", now, ", before ", before)
    for metric, words in BESIDE:
        row = book.metric(metric)
        if row is None or not has_news(row):
            continue
        form = form_for(row["unit"], [row.value("value")], book.currency)
        text: list[Part] = [f"{words} ", row.figure("value", form, words)]
        if row["prior_value"] is not None:
            text += [", before ", row.figure("prior_value", form, f"{words} before")]
        yield tuple(text)


def by_product(book: Book) -> Iterator[Page]:
    if book.audience.is_product:
        raise Absent("the pack is of one product, whose recurring revenue is on the page before")
    rows = [row for row in products(book, "arr") if row["value"]]
    if not rows:
        raise Absent("no product has recurring revenue in this period")
    drawn = rows[:DRAWN]
    courses = [book.history("arr", "product", row["slice_value"], QUARTERS) for row in drawn]
    ends = sorted({(row["period_end_date"], row["period_id"]) for course in courses for row in course})[-QUARTERS:]
    periods = [period for _, period in ends]
    form = form_for("money", [row.value("value") for row in rows])
    shown = [
        series(
            name(row["slice_name"]),
            book.colour(row["slice_value"]),
            [next((one for one in course if one["period_id"] == period), None) for period in periods],
            "value",
            form,
        )
        for row, course in zip(drawn, courses, strict=True)
    ]
    chart = Chart(
        "stacked",
        f"Annual recurring revenue when each {book.word} ends, {book.currency}{the_largest(rows)}",
        tuple(periods),
        tuple(shown),
        "Stacked columns of annual recurring revenue by product, one column a period.",
    )
    largest = rows[0]
    in_words = form_for("money", [largest.value("value")], book.currency)
    headline: list[Part] = [
        f"{name(largest['slice_name'])} brings the most recurring revenue: ",
        largest.figure("value", in_words, "ARR"),
    ]
    growing = [(figure, row) for row in rows if (figure := grew(row)) is not None]
    if growing:
        growth, fastest = max(growing, key=lambda one: one[1]["yoy_ratio"])
        headline += [f"; {name(fastest['slice_name'])} grows fastest: ", growth, " year on year"]
    yield page(
        book, "arr-products", "Recurring revenue by product", headline, [chart, Notes(tuple(map(_course, drawn)))]
    )


def _course(row: Row) -> Text:
    form = form_for("money", [row.value("value")])
    text: list[Part] = [f"{name(row['slice_name'])}: ", row.figure("value", form, "ARR")]
    if (growth := grew(row)) is not None:
        text += [", ", growth]
    return tuple(text)
