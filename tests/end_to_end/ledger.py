"""The ledger that the warehouse derives from landed documents, beside the one that the made-up company's books make.

Belongs here: both sides in the same words. Does not: the claim (claims.py).
"""

from collections import Counter
from datetime import date
from typing import Any

import duckdb

from sandbox.truth.books import Ledger, control_totals
from tests.end_to_end.play import Play

BY_POSTING = """
    select document_id, posting_date, account_id, coalesce(class_id, ''), coalesce(department_id, ''),
        cast(sum(amount_home_minor) as bigint)
    from intermediate.fct_gl_line
    group by all
    having sum(amount_home_minor) <> 0
"""
BY_ACCOUNT = "select balance_date, account_id, debit_minor - credit_minor from intermediate.fct_trial_balance"

LEAST = 2_500
"""Postings of any company; with fewer, nothing would be proven."""


def differences(play: Play) -> list[str]:
    """Postings and reported balances of either side that the other one lacks. The warehouse's own test holds the two
    against one another."""
    derived, found = derived_postings(play), []
    if len(derived) < LEAST:
        found.append(f"only {len(derived)} postings")
    for what, ours, true in (
        ("posting", derived, true_postings(play)),
        ("balance", reported_balances(play), true_balances(play)),
    ):
        wrong = sorted(dict(ours.items() ^ true.items()), key=str)
        found += [f"{what} {key}: {ours.get(key)} derived, {true.get(key)} true" for key in wrong]
    return found


def derived_postings(play: Play) -> dict[tuple[Any, ...], int]:
    return {tuple(row[:5]): row[5] for row in _rows(play, BY_POSTING)}


def true_postings(play: Play) -> dict[tuple[Any, ...], int]:
    true: Counter[tuple[str, date, str, str, str]] = Counter()
    for posting in Ledger(play.company.bookkeeping.books(play.now)).postings:
        key = (posting.document, posting.day, posting.account, posting.product, posting.department)
        true[key] += posting.amount
    return {key: amount for key, amount in true.items() if amount}


def reported_balances(play: Play) -> dict[tuple[date, str], int]:
    return {(day, account): amount for day, account, amount in _rows(play, BY_ACCOUNT) if amount}


def true_balances(play: Play) -> dict[tuple[date, str], int]:
    ends = {period.name: period.last for period in play.company.periods}
    return {(ends[name], account): amount for (name, account), amount in control_totals(play.company, play.now).items()}


def _rows(play: Play, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(play.home / "warehouse.duckdb"), read_only=True) as warehouse:
        return warehouse.execute(query).fetchall()
