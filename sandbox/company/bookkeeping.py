"""The books of a company put together: names, billing, everyday documents, cases.

Here belongs the order in which books are written, and the month in which QuickBooks' own fiscal year begins. Not here:
any document.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING

from sandbox.company import books_cases, books_everyday
from sandbox.company.books import END, START, Bookkeeping
from sandbox.company.books_billing import Summary
from sandbox.company.books_cases import Scene, Teller
from sandbox.company.books_keeper import Keeper
from sandbox.company.payroll import payroll

if TYPE_CHECKING:
    from sandbox.company import Company


def keep(company: Company) -> tuple[Bookkeeping, list[tuple[Teller, Sequence[str]]]]:
    """The books and their cases. Draws of their own: they move nothing else."""
    calendar = company.calendar
    # QuickBooks knows months only: a year that ends on a Friday near the end of September begins in October there.
    year_start = calendar.month % 12 + 1 if calendar.rule else calendar.month
    periods = [period for period in company.periods if START <= period.last < END]
    keeper = Keeper(company.currency, company.rates, freelancer=company.freelancer.name)
    books_everyday.settle(keeper, periods, year_start, company.people)
    books_everyday.everyday(keeper, periods, Random(f"books {company.seed}"))
    for period in periods:
        books_everyday.pay(keeper, period, payroll(company.staff, period.first, period.last))
    summary = Summary(keeper, periods, company.billing)
    summary.write()
    told = books_cases.tell_all(Scene(keeper, periods))
    return Bookkeeping(company.currency, year_start, keeper.ledger.changes), told
