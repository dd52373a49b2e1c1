"""The books of a company put together: names, billing, everyday documents, cases.

Belongs here: the order in which books are written, and the month in which QuickBooks' own fiscal year begins. Does not:
any document.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING

from sandbox.company.books import cases as books_cases
from sandbox.company.books import everyday as books_everyday
from sandbox.company.books.bookkeeper import Bookkeeper
from sandbox.company.books.cases import BooksContext, CasePlayer
from sandbox.company.books.facts import END, START, Bookkeeping
from sandbox.company.books.from_billing import Summary
from sandbox.company.books.payroll import payroll

if TYPE_CHECKING:
    from sandbox.company import Company


def keep(company: Company) -> tuple[Bookkeeping, list[tuple[CasePlayer, Sequence[str]]]]:
    """The books and their cases. Draws of their own: they move nothing else."""
    calendar = company.calendar
    # QuickBooks knows months only: a year that ends on a Friday near the end of September begins in October there.
    year_start = calendar.month % 12 + 1 if calendar.rule else calendar.month
    periods = [period for period in company.periods if START <= period.last < END]
    bookkeeper = Bookkeeper(company.currency, company.rates, freelancer=company.freelancer.name)
    books_everyday.settle(bookkeeper, periods, year_start, company.people)
    slips = [payroll(company.staff, period.first, period.last) for period in periods]
    heads = [len({slip.worker_id for slip in paid}) for paid in slips]
    books_everyday.everyday(bookkeeper, periods, heads, Random(f"books {company.seed}"))
    for period, paid in zip(periods, slips, strict=True):
        books_everyday.pay(bookkeeper, period, paid)
    summary = Summary(bookkeeper, periods, company.billing)
    summary.write()
    played = books_cases.play_all(BooksContext(bookkeeper, periods))
    return Bookkeeping(company.currency, year_start, bookkeeper.ledger.changes), played
