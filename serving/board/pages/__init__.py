"""The pages of a pack.

Belongs here: their order, what becomes of one that can't be made. Does not: what is on them (one module a subject).
"""

import duckdb

from serving.board.book import Absent, Book
from serving.board.page import Page
from serving.board.pages import appendix, arr, delivery, goals, pricing, profit, staffing, summary, usage

PAGES = {
    "Summary": summary.summary,
    "Recurring revenue": arr.bridge,
    "Recurring revenue by product": arr.by_product,
    "Profit and loss by product": profit.by_product,
    "Budget": profit.budget,
    "Staffing and growth": staffing.staffing,
    "Prices by market": pricing.by_market,
    "Usage": usage.usage,
    "Goals that ended": goals.ended,
    "Goals that run": goals.running,
    "Roadmap with its money": goals.roadmap,
    "Delivery": delivery.delivery,
    "Proof": appendix.proof,
}


def pages(book: Book) -> tuple[tuple[Page, ...], dict[str, str]]:
    """The pages of an audience and period; by topic why others are left out. What one needs and has not costs that page
    alone."""
    made: list[Page] = []
    absent: dict[str, str] = {}
    for topic, make in PAGES.items():
        try:
            made += make(book)
        except Absent as reason:
            absent[topic] = str(reason)
        except duckdb.Error as error:
            # Rows of an older version that a check holds back may lack a column.
            absent[topic] = f"it could not be read: {' '.join(str(error).split())[:160]}"
    made += appendix.freshness(book)
    made += appendix.left_out(book, absent)
    return tuple(made), absent
