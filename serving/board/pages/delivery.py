"""Delivery: how much is done, and how long it takes.

Belongs here: throughput, work in progress and cycle time over the last periods. Does not: single issues or people.
"""

from collections.abc import Iterator

from serving.board.book import Absent, Book, Row
from serving.board.figures import form_for
from serving.board.page import Chart, Notes, Page, Part, Text
from serving.board.pages.parts import grew, page, series

PERIODS = 8
BESIDE = (
    ("wip", "In progress"),
    ("work_without_goal", "Work for no goal"),
)


def delivery(book: Book) -> Iterator[Page]:
    own = (book.audience.slice_type, book.audience.slice_value)
    course = book.history("throughput", *own, PERIODS)
    now = book.metric("throughput")
    if now is None or now["value"] is None:
        raise Absent("nothing was done or in progress in this period")
    chart = Chart(
        "columns",
        f"Issues done by {book.word}",
        tuple(row["period_id"] for row in course),
        (series("Done", "actual", course, "value", form_for("count", [])),),
        "Columns of issues done, one a period.",
    )
    headline: list[Part] = [now.figure("value", form_for("count", []), "issues done"), f" issues done in {book.period}"]
    if (growth := grew(now)) is not None:
        headline += [", ", growth, " year on year"]
    notes = tuple(text for metric, words in BESIDE if (text := _beside(book.metric(metric), words)))
    yield page(book, "delivery", "Delivery", headline, [chart, Notes(notes)] if notes else [chart])


def _beside(row: Row | None, words: str) -> Text | None:
    if row is None:
        return None
    form = form_for(row["unit"], [row.value("value")])
    text: list[Part] = [f"{words}: ", row.figure("value", form, words)]
    if row["prior_value"] is not None:
        text += [", before ", row.figure("prior_value", form, f"{words} before")]
    return tuple(text)
