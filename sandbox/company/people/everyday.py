"""Everybody else: colleagues drawn at random from the seed, with raises, moves, holidays and departures.

Belongs here: what is usual. What is unusual and must be there for every seed is a labelled case (cases.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from sandbox.company.people.cases import LEADS, OSPREY_SINCE, STREAMS, CasePlayer, Shown, play_all
from sandbox.company.people.facts import OPENED, Staff
from sandbox.company.people.hr_records import BEFORE_OPENING, CURRENCIES, TEAM_FUNCTION, StaffBook, eve
from sandbox.company.structure import Person

SIZES = {"tiny": 26, "small": 100, "medium": 1_400, "large": 7_000}  # people on record; two thirds are there at a time
LAST = date(2026, 12, 31)
WEIGHTS = (4, 4, 4, 3, 3, 2, 5, 4, 3, 3)  # of the teams, as TEAM_FUNCTION lists them
RAISED = (date(2025, 4, 1), date(2026, 4, 1))


def staff(seed: int, scale: str, people: Sequence[Person]) -> tuple[Staff, list[tuple[CasePlayer, list[str]]]]:
    """All people, and by story the keys of the records that show it."""
    book = StaffBook(seed)
    played = play_all(book, people)
    while len(book.workers) < SIZES[scale]:
        colleague(book)
    keys = book.closed()

    def key(shown: Shown) -> str:
        if isinstance(shown, str):
            return shown
        table, owner, number = keys[shown]
        stream = STREAMS.get(table)
        return f"{stream}/{owner}/{number}" if stream else f"time_off_requests/{number}"

    return Staff(book.workers), [(case, [key(one) for one in shown]) for case, shown in played]


def colleague(book: StaffBook) -> None:
    rng = book.rng
    team = rng.choices(list(TEAM_FUNCTION), WEIGHTS)[0]
    country = rng.choice(list(CURRENCIES))
    opening = rng.random() < 0.7 and team != "Osprey"
    earliest = OSPREY_SINCE if team == "Osprey" else OPENED
    begins = OPENED if opening else earliest + timedelta(days=rng.randrange((LAST - earliest).days))
    at = BEFORE_OPENING if opening else eve(begins, rng.randrange(5, 40), rng.randrange(500))
    kind = "contractor" if rng.random() < 0.08 else "employee"
    function = "people" if team == "Back Office" and rng.random() < 0.5 else ""
    worker = book.person(country, kind=kind, at=at)
    fte = "1" if kind == "contractor" or rng.random() < 0.85 else rng.choice(("0.5", "0.75", "0.8"))
    euros = rng.randrange(34, 96) * 1_000
    paid_per = "Month" if country in ("DE", "PL") else "Year"
    book.hire(worker, team, begins, at, function=function, fte=fte, euros=euros, paid_per=paid_per)

    ends = begins + timedelta(days=rng.randrange(60, 2_600))  # many stay until after the last day
    if ends <= LAST and team in LEADS:
        book.leave(worker, ends, max(at + 1, eve(ends, rng.randrange(7, 60), rng.randrange(500))))
    for day in RAISED:
        if begins + timedelta(days=90) <= day < ends and rng.random() < 0.7:
            book.rise(worker, day, eve(day, rng.randrange(3, 25), rng.randrange(500)), rng.randrange(2, 7))
    if rng.random() < 0.12:
        day = begins + timedelta(days=rng.randrange(30, 400))
        if day < min(ends, LAST):
            known = eve(day, rng.randrange(2, 20), rng.randrange(500))
            share = rng.choice(("0.6", "0.8", "0.9", "1"))
            book.move(worker, day, known, fte=Decimal(share))
    first = begins + timedelta(days=rng.randrange(60, 150))
    while first < min(ends, LAST) - timedelta(days=12):
        monday = first - timedelta(days=first.weekday())
        last = monday + timedelta(days=rng.choice((1, 2, 4, 4, 11)))
        asked = eve(monday, rng.randrange(10, 60), rng.randrange(500))
        kind_of_leave = rng.choice(("Vacation", "Vacation", "Sick Leave"))
        book.away(worker, kind_of_leave, monday, last, asked, "approved" if rng.random() < 0.93 else "denied")
        first += timedelta(days=rng.randrange(90, 240))
