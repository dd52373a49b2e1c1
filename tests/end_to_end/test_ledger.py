"""The ledger that the warehouse derives from landed documents is the one that the made-up company's books make.

A failure here means that a cost or a revenue is not what finance has booked, whatever each part says of itself.
"""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sandbox.truth.books import Ledger, control_totals
from tests.end_to_end.play import NOW, Play

LEDGER = ("+fct_gl_line", "+fct_trial_balance")
BY_POSTING = """
    select document_id, posting_date, account_id, coalesce(class_id, ''), coalesce(department_id, ''),
        cast(sum(amount_home_minor) as bigint)
    from intermediate.fct_gl_line
    group by all
    having sum(amount_home_minor) <> 0
"""
BY_ACCOUNT = "select balance_date, account_id, debit_minor - credit_minor from intermediate.fct_trial_balance"


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    """Loaded in September, and again after an entry into a closed period, a correction, a void and a deletion."""
    before = dict(os.environ)
    played = Play(tmp_path / "home", 2, sources=("files", "quickbooks"))
    with played.served():
        played.load("2026-09-20T06:00:00Z")
        played.load(NOW)
        played.build("--select", *LEDGER)
        yield played
    os.environ.clear()
    os.environ.update(before)


def rows(play: Play, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(play.home / "warehouse.duckdb"), read_only=True) as warehouse:
        return warehouse.execute(query).fetchall()


def test_every_posting_and_every_balance_is_what_is_true(play: Play) -> None:
    assert play.landed_differences() == []
    true: Counter[tuple[str, date, str, str, str]] = Counter()
    for posting in Ledger(play.company.bookkeeping.books(NOW)).postings:
        key = (posting.document, posting.day, posting.account, posting.product, posting.department)
        true[key] += posting.amount
    derived = {tuple(row[:5]): row[5] for row in rows(play, BY_POSTING)}
    assert len(derived) > 2_500
    assert derived == {key: amount for key, amount in true.items() if amount}
    ends = {period.name: period.last for period in play.company.periods}
    balances = {(ends[name], account): amount for (name, account), amount in control_totals(play.company, NOW).items()}
    assert {(day, account): amount for day, account, amount in rows(play, BY_ACCOUNT) if amount} == balances
