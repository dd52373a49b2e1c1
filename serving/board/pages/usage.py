"""Usage: how many people use the products, and how often they return.

Belongs here: active users by product over time, how the newest period looks. Does not: single features.
"""

from collections.abc import Iterator

from serving.board.book import NOBODYS, Absent, Book
from serving.board.figures import form_for
from serving.board.page import Chart, Page, Part, Table
from serving.board.pages.parts import DRAWN, cell, cut, grew, grid, name, page, products, series, the_largest

COLUMNS = (
    ("mau", "Users, 28 days"),
    ("dau", "Users a day"),
    ("stickiness", "Stickiness"),
    ("adoption", "Adoption"),
    ("user_retention", "Retention"),
)
PERIODS = 8


def usage(book: Book) -> Iterator[Page]:
    whole = book.metric("mau")
    if whole is None or whole["value"] is None:
        raise Absent("no usage is known in this period")
    rows = [row for row in products(book, "mau") if row["value"] and row["slice_value"] not in NOBODYS]
    drawn = rows[:DRAWN]
    courses = [book.history("mau", "product", row["slice_value"], PERIODS) for row in drawn]
    ends = sorted({(row["period_end_date"], row["period_id"]) for course in courses for row in course})[-PERIODS:]
    form = form_for("count", [])
    chart = Chart(
        "line",
        f"People active in the last 28 days of each {book.word}, once a product{the_largest(rows)}",
        tuple(period for _, period in ends),
        tuple(
            series(
                name(row["slice_name"]),
                book.colour(row["slice_value"]),
                [next((one for one in course if one["period_id"] == period), None) for _, period in ends],
                "value",
                form,
            )
            for row, course in zip(drawn, courses, strict=True)
        ),
        "Lines of active users by product over time.",
    )
    known = [(metric, head) for metric, head in COLUMNS if book.metric(metric) or book.slices(metric, "product")]
    metrics = [metric for metric, _ in known]
    headline: list[Part] = [
        whole.figure("value", form, "active users"),
        f" people were active in the last 28 days of {book.period}",
    ]
    if (growth := grew(whole)) is not None:
        headline += [", ", growth, " year on year"]
    stickiness = book.metric("stickiness")
    if stickiness is not None and stickiness["value"] is not None:
        headline += ["; on a usual day ", stickiness.figure("value", form_for("ratio", []), "stickiness"), " of them"]
    for ending, number, some in cut([] if book.audience.is_product else rows):
        found = grid(book, [*some, whole], metrics)
        lines = [*(name(row["slice_name"]) for row in some), name(book.audience.name)]
        table = Table(
            f"At the end of {book.period}",
            ("Product", *(head for _, head in known)),
            tuple((line, *map(cell, row)) for line, row in zip(lines, found, strict=True)),
            "Active users, stickiness, adoption and retention by product.",
            strong=(len(lines) - 1,),
        )
        yield page(
            book, f"usage{ending}", f"Usage{number}", headline, [chart, table] if rows and not ending else [table]
        )
