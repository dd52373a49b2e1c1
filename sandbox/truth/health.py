"""How much of the books and of the people is mapped, and how much of what was landed of them could be read: all of it.

Belongs here: coverage of the sources that have no other figure of theirs in a mart. Does not: what a document posts
(books.py), who works here (staff.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date

from sandbox.company import Company
from sandbox.company.books.facts import REPORTED
from sandbox.company.people.facts import JobValues
from sandbox.timestamps import local_date
from sandbox.truth.books import RESULT_TYPES, Ledger, periods_with_figures, quickbooks_records
from sandbox.truth.cost import CONTRACTORS, COSTS, PAYROLL, Costs, Rules
from sandbox.truth.headcount import CONTRACTOR
from sandbox.truth.maps import UNMAPPED, is_valid
from sandbox.truth.recognised import Postings
from sandbox.truth.staff import bamboohr_records, known_records

Parts = dict[str, tuple[int, int]]
NAMED_STATUSES = ("Full-Time", "Part-Time", "Contractor", "Intern")


def quickbooks(company: Company, now: int) -> Parts:
    """What is earned and spent under classes that are products, of all that has a class or needs one; what is booked on
    accounts that are in the statements.
    Most documents say all that they post, and each period is what is reported of it.
    Gains and losses of exchange are one posting a document."""
    books = company.bookkeeping.books(now)
    ledger = Ledger(books)
    products = Postings(company, now).products
    accounts = company.rows("account_map", now)
    rules = {
        day: Rules.of(company, now, period.first)
        for period in company.periods
        if period.first <= local_date(now, company.reporting_zone)
        for day in period.days
    }

    def needs_class(account: str, day: date) -> bool:
        """Pay has a shape of its own, overhead is of all products, and what is below operations of none (cost.py)."""
        known = ledger.accounts[account]
        row = next((row for row in accounts if row["account"] == account and is_valid(row, day)), None)
        if row is None:
            return (
                known["type"] in ("Income", "Cost of Goods Sold", "Expense") and known["subtype"] != "PayrollExpenses"
            )
        within = row["statement_group"] in ("revenue", *COSTS)
        shared = (PAYROLL, *(rules[day].overhead_types if day in rules else ()))
        return within and row["cost_type"] not in shared and known["subtype"] != "PayrollExpenses"

    amounts: dict[tuple[str, str, int | None, str, str, date], int] = defaultdict(int)
    for one in ledger.postings:
        is_exchange = ledger.accounts[one.account]["subtype"] == "ExchangeGainOrLoss" and one.kind != "JournalEntry"
        line = None if is_exchange else one.line
        amounts[one.kind, one.document, line, one.account, one.product, one.day] += one.amount
    booked = [(account, product, day) for (*_, account, product, day), amount in amounts.items() if amount]
    results = [
        (p, day)
        for account, p, day in booked
        if ledger.accounts[account]["type"] in RESULT_TYPES and (p or needs_class(account, day))
    ]
    in_statements = [
        any(row["account"] == known and is_valid(row, day) for row in accounts) for known, _, day in booked
    ]
    transactions = {(one.kind, one.document) for one in ledger.postings}
    explained = sum(ledger.is_explained(kind, number) for kind, number in transactions)
    periods = len(periods_with_figures(company, books, now))
    return {
        "ledger_explained": (explained, len(transactions)),
        **notices(company, now, ledger),
        "ledger_periods_tied": (periods, periods),
        "mapping_coverage": (sum(UNMAPPED not in products(p, day) for p, day in results if p), len(results)),
        "ledger_coverage": (sum(in_statements), len(booked)),
    } | read(quickbooks_records(company, now))


def notices(company: Company, now: int, ledger: Ledger) -> Parts:
    """What somebody should look at in the books: payroll that no document has, that is on classes in part, or that is
    credited to a fixed asset without a class; contractors' bills without a class that are a worker's."""
    costs = Costs(company, now)
    posted = [(period.name, one) for period in costs.postings.periods for one in costs.postings.of(period)]
    payroll = [(name, one) for name, one in posted if costs.kind(one)[1] == PAYROLL]
    classed: dict[str, set[bool]] = defaultdict(set)
    for name, one in payroll:
        classed[name].add(bool(one.product))
    built = {
        (one.kind, one.document)
        for one in ledger.postings
        if one.amount > 0 and ledger.accounts[one.account]["type"] == "Fixed Asset"
    }
    credits = [one for _, one in payroll if one.amount < 0 and (one.kind, one.document) in built]
    bills = [one for _, one in posted if costs.kind(one)[1] == CONTRACTORS and not one.product]
    workers = [
        any(
            row["key"] == ledger.books.records[one.kind][one.document].get("party") and is_valid(row, one.day)
            for row in costs.vendors
        )
        for one in bills
    ]
    return {
        "payroll_documented": (sum(one.kind not in REPORTED for _, one in payroll), len(payroll)),
        "payroll_partly_classed": (sum(len(kinds) == 2 for kinds in classed.values()), len(classed)),
        "payroll_capitalised_without_class": (sum(not one.product for one in credits), len(credits)),
        "contractors_of_a_team": (sum(workers), len(workers)),
    }


def bamboohr(company: Company, now: int) -> Parts:
    """Whose records are somebody's in the company's files, whose department is a team; of those who work today, whose
    status says whether they are paid, who works part-time by how much, of whom pay of a year is known."""
    today = local_date(now, company.reporting_zone)
    workers = {row["key"] for row in company.rows("worker_map", now) if row["source"] == "bamboohr"}
    teams = {row["name"] for row in company.rows("teams", now)}
    known, departments = [], []
    for number, _, entries in known_records(company, now):
        known.append(number)
        past = [e for e in entries if isinstance(e.values, JobValues) and (e.day or date.min) <= today]
        if past:
            newest = max(past, key=lambda e: e.order).values
            assert isinstance(newest, JobValues)
            departments.append(newest.department)
    records = {name: rows for name, rows in bamboohr_records(company, now).items() if name != "compensation"}
    unpaid = company.policy.get("unpaid_statuses", "").lower().split(",")
    lives = [(worker, worker.as_known(now)) for worker in company.staff.workers]
    here = [(worker, life.status(today), life) for worker, life in lives if life.job(today)]
    named = [s for _, s, _ in here if s in NAMED_STATUSES or s.lower() in [one.strip() for one in unpaid]]
    part_time = sum(status == "Part-Time" for _, status, _ in here)
    heads = [life for worker, _, life in here if worker.kind != CONTRACTOR]
    paid = [life for life in heads if any(pay.since <= today for pay in life.pay)]
    return {
        "status_coverage": (len(named), len(here)),
        "share_coverage": (part_time, part_time),  # every row of a job has a share
        "pay_coverage": (len(paid), len(heads)),
        "worker_coverage": (sum(number in workers for number in known), len(known)),
        "team_coverage": (sum(name in teams for name in departments), len(departments)),
    } | read(records)


def dated(parts: Parts, streams: Collection[str]) -> Parts:
    """How many of the records of these streams are dated later than they were read: none."""
    return {"future_records": (0, sum(parts[f"quarantine_{stream}"][1] for stream in streams))}


def read(records: Mapping[str, Collection[str]]) -> Parts:
    """Per stream, how many of its records could not be read: none."""
    return {f"quarantine_{stream}": (0, len(known)) for stream, known in records.items()}
