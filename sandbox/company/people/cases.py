"""The people that every seed has, and what happens to them: a labelled case each.

Belongs here: what is unusual in a life at work and must be there for every seed. Does not: everybody else
(everyday.py), what any system or figure makes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sandbox.company.people.facts import (
    FURLOUGHED,
    JOBS,
    OPENED,
    PAY,
    PAY_PERIOD,
    STATUSES,
    UNPAID,
    JobValues,
    StatusValues,
    Worker,
)
from sandbox.company.people.hr_records import BEFORE_OPENING, StaffBook, eve
from sandbox.company.structure import REORGANISATION, Person, worker_id
from sandbox.company.usage.everyday import staff_id
from sandbox.timestamps import DAY, ms

# Team and country of the first people; who has no team here is hired in a story. The first fourteen are Jira's.
ROSTER: tuple[tuple[str, str, str], ...] = (
    ("Platform Crew", "DE", "Head of Engineering"),
    ("Falcon", "GB", "Engineering Manager"),
    ("Heron", "US", ""),
    ("Falcon", "PL", ""),
    ("Heron", "PL", "Engineering Manager"),
    ("Platform Crew", "IN", ""),
    ("Falcon", "DE", "Senior Software Engineer"),
    ("Product Management", "GB", "Head of Product"),
    ("Platform Crew", "JP", ""),
    ("Falcon", "US", ""),
    ("", "DE", ""),
    ("Design Studio", "DE", "Head of Design"),
    ("", "PL", ""),
    ("Platform Crew", "GB", ""),
    ("Back Office", "DE", "Managing Director"),
    ("Sales", "US", "Head of Sales"),
    ("Sales", "GB", ""),
    ("Marketing", "DE", "Head of Marketing"),
    ("Customer Care", "IN", "Head of Customer Care"),
    ("", "PL", ""),
    ("", "DE", ""),
    ("", "DE", ""),
    ("", "GB", ""),
    ("", "DE", ""),
    ("Product Management", "DE", ""),
)
LEADS = {
    "Platform Crew": 1,
    "Falcon": 2,
    "Heron": 5,
    "Osprey": 7,
    "Product Management": 8,
    "Design Studio": 12,
    "Back Office": 15,
    "Sales": 16,
    "Marketing": 18,
    "Customer Care": 19,
}
# How the pay of some is written; all others' by the year.
PAID = {3: ("Week", ""), 5: ("Quarter", ""), 7: ("Day", ""), 8: (PAY_PERIOD, "Twice a month")}
OSPREY_SINCE = date(2025, 7, 1)
STREAMS = {JOBS: "job_info", PAY: "compensation", STATUSES: "employment_statuses"}


@dataclass(frozen=True)
class PeopleContext:
    book: StaffBook

    def who(self, number: int) -> Worker:
        return self.book.workers[number - 1]


Shown = int | str  # a row's place in the book, or a record's id
CasePlayer = Callable[[PeopleContext], Sequence[Shown]]
CASES: list[CasePlayer] = []


def case(play: CasePlayer) -> CasePlayer:
    CASES.append(play)
    return play


def play_all(book: StaffBook, people: Sequence[Person]) -> list[tuple[CasePlayer, Sequence[Shown]]]:
    """Everybody of the roster is taken on, then the stories happen. By story, what shows it."""
    colleagues = [person for person in people if person.account_type == "atlassian"]
    book.leads = {team: worker_id(number) for team, number in LEADS.items()}
    contractors, interns, at = {13: "contractor"}, {20: "intern"}, BEFORE_OPENING
    for number, (team, country, title) in enumerate(ROSTER, 1):
        kind = contractors.get(number) or interns.get(number) or "employee"
        if number <= len(colleagues):
            person = colleagues[number - 1]
            worker = book.person(country, person.name, staff_id(person), kind, at)
        else:
            worker = book.person(country, kind=kind, at=STORY_BEGINS.get(number, at))
        if team:
            euros, (paid_per, schedule) = 110_000 if number in LEADS.values() else 0, PAID.get(number, ("Year", ""))
            book.hire(worker, team, title=title, euros=euros, paid_per=paid_per, schedule=schedule)
    return [(play, play(PeopleContext(book))) for play in CASES]


INTERN_FROM, MIDDLE, NO_SHOW, NEXT_MONTH = date(2025, 6, 16), date(2025, 5, 14), date(2026, 3, 2), date(2026, 11, 16)
# When HR hears of those who come later.
STORY_BEGINS = {
    20: eve(INTERN_FROM, 30),
    22: eve(NO_SHOW, 28),
    23: eve(NEXT_MONTH, 56),
    24: eve(MIDDLE, 35),
}


# -- coming


@case
def mid_month_hire(context: PeopleContext) -> Sequence[Shown]:
    """Begins on a Wednesday in the middle of May 2025: paid from that day on."""
    context.book.hire(context.who(24), "Marketing", MIDDLE, eve(MIDDLE, 35))
    return [f"employees/{context.who(24).bamboo_ids[0][0]}"]


@case
def future_hire(context: PeopleContext) -> Sequence[Shown]:
    """In HR since September 2026, at work from 16 November 2026: inactive until then, and in no headcount."""
    context.book.hire(context.who(23), "Osprey", NEXT_MONTH, eve(NEXT_MONTH, 56))
    return [f"employees/{context.who(23).bamboo_ids[0][0]}"]


@case
def deleted_employee(context: PeopleContext) -> Sequence[Shown]:
    """Was to begin in March 2026 and does not come: the record is deleted with all its rows. Nobody was employed."""
    worker = context.who(22)
    context.book.hire(worker, "Customer Care", NO_SHOW, eve(NO_SHOW, 28))
    context.book.delete(worker, eve(NO_SHOW, 10))
    return [f"employees/{worker.bamboo_ids[0][0]}"]


@case
def intern(context: PeopleContext) -> Sequence[Shown]:
    """Three months in the summer of 2025, paid by the hour: counts as a head, under a status of its own."""
    worker, known = context.who(20), eve(INTERN_FROM, 30)
    context.book.hire(worker, "Customer Care", INTERN_FROM, known, title="Intern", euros=26_000, paid_per="Hour")
    return [context.book.leave(worker, date(2025, 9, 12), known)]


@case
def contractor_in_bills_and_in_hr(context: PeopleContext) -> Sequence[Shown]:
    """A contractor with a rate in HR who sends bills: the pay in HR must weigh nothing, or the cost counts twice."""
    context.book.hire(context.who(13), "Falcon", euros=90_000, paid_per="Month")
    return [f"employees/{context.who(13).bamboo_ids[0][0]}"]


# -- the share of full time


@case
def part_time(context: PeopleContext) -> Sequence[Shown]:
    """Works three days of five from the first day on: 0.6 of a head, and 0.6 of the pay that HR shows."""
    context.book.hire(context.who(11), "Heron", fte="0.6")
    return [f"employees/{context.who(11).bamboo_ids[0][0]}"]


@case
def share_changes_mid_month(context: PeopleContext) -> Sequence[Shown]:
    """From 15 September 2025 on four days of five: the month has two shares."""
    day = date(2025, 9, 15)
    worker, known = context.who(5), eve(day, 20)
    return [
        context.book.move(worker, day, known, fte=Decimal("0.8")),
        context.book.write(worker, STATUSES, day, StatusValues("Part-Time"), known),
    ]


# -- away


@case
def paid_leave(context: PeopleContext) -> Sequence[Shown]:
    """Two weeks of holiday in August 2025: counted and paid as ever."""
    return [
        context.book.away(context.who(9), "Vacation", date(2025, 8, 4), date(2025, 8, 15), eve(date(2025, 8, 4), 60))
    ]


@case
def unpaid_leave(context: PeopleContext) -> Sequence[Shown]:
    """Four weeks without pay across the turn of a month: a head all the while, and no cost."""
    first = date(2026, 2, 9)
    return [context.book.away(context.who(10), UNPAID, first, date(2026, 3, 6), eve(first, 45))]


@case
def leave_of_every_status(context: PeopleContext) -> Sequence[Shown]:
    """Only what is approved is leave: not what is asked for, denied, taken back, or put in the place of another."""
    worker, away = context.who(25), context.book.away
    first = date(2026, 5, 4)
    shown = [
        away(
            worker, "Vacation", first + timedelta(weeks=4 * number), first + timedelta(weeks=4 * number, days=4), at, s
        )
        for number, s in enumerate(("approved", "denied", "superceded", "canceled", "requested"))
        for at in [eve(first + timedelta(weeks=4 * number), 30)]
    ]
    return [*shown, away(worker, UNPAID, date(2026, 7, 13), date(2026, 7, 17), eve(date(2026, 7, 13), 30), "denied")]


@case
def half_a_day_away(context: PeopleContext) -> Sequence[Shown]:
    """Half a day of holiday, and on another day half a day without pay: the other halves are worked, and paid."""
    first, second = date(2026, 3, 10), date(2026, 8, 12)
    away = context.book.away
    return [
        away(context.who(6), "Vacation", first, first, eve(first, 12), part="0.5"),
        away(context.who(8), UNPAID, second, second, eve(second, 9), part="0.5"),
    ]


@case
def away_by_the_hour(context: PeopleContext) -> Sequence[Shown]:
    """Leave is counted in hours: four of one day, and all eight of each working day between Thursday and Tuesday."""
    first, second = date(2026, 4, 8), date(2026, 7, 2)
    away = context.book.away
    return [
        away(context.who(14), "Sick Leave", first, first, eve(first, 1), unit="hours", part="4"),
        away(context.who(5), "Vacation", second, date(2026, 7, 7), eve(second, 50), unit="hours"),
    ]


@case
def furloughed(context: PeopleContext) -> Sequence[Shown]:
    """In June 2026 employed and neither paid nor at work, under a status that says so: a head all the while."""
    worker, first, back = context.who(14), date(2026, 6, 1), date(2026, 7, 1)
    return [
        context.book.write(worker, STATUSES, first, StatusValues(FURLOUGHED), eve(first, 7)),
        context.book.write(worker, STATUSES, back, StatusValues("Full-Time"), eve(back, 7)),
    ]


# -- pay


@case
def raise_known_before(context: PeopleContext) -> Sequence[Shown]:
    """More pay from 1 April 2025 on, written down in March."""
    return [context.book.rise(context.who(1), date(2025, 4, 1), eve(date(2025, 4, 1), 12), 6)]


@case
def backdated_raise(context: PeopleContext) -> Sequence[Shown]:
    """More pay from 1 March 2026 on, written down on 12 May: March and April cost more than was known at the time, and
    the difference is paid in May."""
    return [context.book.rise(context.who(2), date(2026, 3, 1), ms("2026-05-12T10:20:00Z"), 8)]


@case
def future_raise(context: PeopleContext) -> Sequence[Shown]:
    """Written down on 5 October 2026, for 1 December: today's pay is still the old one."""
    return [context.book.rise(context.who(14), date(2026, 12, 1), ms("2026-10-05T09:00:00Z"), 5)]


@case
def thirteenth_salary(context: PeopleContext) -> Sequence[Shown]:
    """Paid twice in December: a row of a doubled rate for the month, and one that ends it."""
    worker, book = context.who(21), context.book
    book.hire(worker, "Back Office", function="people", paid_per="Month")
    shown = []
    for year in (2025, 2026):
        known = eve(date(year, 12, 1), 30)
        shown.append(book.rise(worker, date(year, 12, 1), known, 100, "13th salary"))
        shown.append(book.rise(worker, date(year + 1, 1, 1), known + DAY, -50, "End of 13th salary"))
    return shown


@case
def bonus(context: PeopleContext) -> Sequence[Shown]:
    """A bonus of a quarter's pay, entered as a higher rate during one month."""
    worker, known = context.who(16), ms("2026-01-20T09:00:00Z")
    return [
        context.book.rise(worker, date(2026, 2, 1), known, 300, "Bonus"),
        context.book.rise(worker, date(2026, 3, 1), known, -75, "End of bonus"),
    ]


@case
def pay_in_a_currency_without_minor_units(context: PeopleContext) -> Sequence[Shown]:
    """Yen: the amount has no decimals, and the minor unit is the whole unit."""
    return [context.book.rise(context.who(9), date(2026, 4, 1), eve(date(2026, 4, 1), 15), 4)]


@case
def pay_in_another_currency(context: PeopleContext) -> Sequence[Shown]:
    """Rupees, in a company that reports in another currency."""
    return [context.book.rise(context.who(6), date(2026, 1, 1), eve(date(2026, 1, 1), 20), 7)]


@case
def paid_by_the_week_the_quarter_and_the_day(context: PeopleContext) -> Sequence[Shown]:
    """Rates of a week, of a quarter, of a day: 52, 4 and 260 of them are a year."""
    return [f"employees/{context.who(number).bamboo_ids[0][0]}" for number in (3, 5, 7)]


@case
def paid_by_the_pay_period(context: PeopleContext) -> Sequence[Shown]:
    """The rate is of a pay period, of which the schedule of pay says that there are 24 a year."""
    return [f"employees/{context.who(8).bamboo_ids[0][0]}"]


# -- rows that change


@case
def corrected_row(context: PeopleContext) -> Sequence[Shown]:
    """A row that said Sales for two weeks says Design Studio since: the same row, another content."""
    worker, day = context.who(12), date(2026, 6, 1)
    known = ms("2026-06-01T08:30:00Z")
    now = context.book.now(worker, JOBS, day)
    assert isinstance(now, JobValues)
    place = context.book.move(worker, day, known, department="Sales", division="sales", title="Design Director")
    right = JobValues(now.department, now.division, "Design Director", now.location, now.manager_id, now.fte)
    context.book.correct(place, known + 14 * DAY, right)
    return [place]


@case
def corrected_day(context: PeopleContext) -> Sequence[Shown]:
    """A row of March 2026 is dated back to February, in May."""
    worker, day = context.who(25), date(2026, 3, 1)
    place = context.book.move(worker, day, eve(day, 5), title="Senior Product Manager")
    now = context.book.now(worker, JOBS, day)
    context.book.correct(place, ms("2026-05-20T14:00:00Z"), now, date(2026, 2, 1))
    return [place]


@case
def two_rows_of_one_day(context: PeopleContext) -> Sequence[Shown]:
    """Two titles from the same day on: the row that was written last holds."""
    worker, day = context.who(19), date(2026, 1, 1)
    return [
        context.book.move(worker, day, eve(day, 20), title="Director of Support"),
        context.book.move(worker, day, eve(day, 13), title="Director of Customer Care"),
    ]


@case
def deleted_row(context: PeopleContext) -> Sequence[Shown]:
    """A move to Sales that was taken back nine days after it was written: it has never been."""
    worker, day = context.who(19), date(2026, 8, 1)
    place = context.book.move(worker, day, ms("2026-08-03T09:00:00Z"), department="Sales", division="sales")
    context.book.remove(place, ms("2026-08-12T09:00:00Z"))
    return [place]


@case
def row_without_a_day(context: PeopleContext) -> Sequence[Shown]:
    """A row dated 0000-00-00, as an import left it: the first dated row takes its place."""
    worker = context.who(18)
    now = context.book.now(worker, JOBS, OPENED)
    return [context.book.write(worker, JOBS, None, now, BEFORE_OPENING - DAY)]


# -- moving


@case
def reorganised_mid_period(context: PeopleContext) -> Sequence[Shown]:
    """From Falcon to a new team in July 2025; a colleague follows from Heron on 18 May 2026, within a fiscal period."""
    book = context.book
    return [
        book.move(
            context.who(7), OSPREY_SINCE, eve(OSPREY_SINCE, 25), department="Osprey", title="Engineering Manager"
        ),
        book.move(
            context.who(11), date(2026, 5, 18), eve(date(2026, 5, 18), 9), department="Osprey", manager_id=worker_id(7)
        ),
    ]


@case
def team_replaced_under_its_name(context: PeopleContext) -> Sequence[Shown]:
    """Falcon is another team from April 2026 on. HR writes a row for its manager only; everybody in it has moved."""
    day = date.fromisoformat(REORGANISATION)
    return [context.book.move(context.who(2), day, eve(day, 8), title="Senior Engineering Manager")]


@case
def manager_changes(context: PeopleContext) -> Sequence[Shown]:
    """Only the manager is another one: no move, no new head."""
    day = date(2026, 3, 16)
    return [context.book.move(context.who(25), day, eve(day, 3), manager_id=worker_id(15))]


@case
def shared_platform_team(context: PeopleContext) -> Sequence[Shown]:
    """Works in the team that all products stand on."""
    return [f"employees/{context.who(6).bamboo_ids[0][0]}"]


@case
def person_on_three_products(context: PeopleContext) -> Sequence[Shown]:
    """Works in Heron, which works for three products from February 2026 on; leaves in November 2026, as is known."""
    last = date(2026, 11, 27)
    return [
        f"employees/{context.who(3).bamboo_ids[0][0]}",
        context.book.leave(context.who(3), last, ms("2026-10-01T09:00:00Z")),
    ]


# -- going


@case
def mid_month_leaver(context: PeopleContext) -> Sequence[Shown]:
    """The last day is 16 January 2026: still a head on it, and paid for it."""
    return [context.book.leave(context.who(4), date(2026, 1, 16), eve(date(2026, 1, 16), 40))]


@case
def rehired_under_a_new_number(context: PeopleContext) -> Sequence[Shown]:
    """Left on 10 October 2025, came back on 9 March 2026 as a new record: one human, two numbers. Paid by commission
    alone since: a row of pay without a rate."""
    worker, book, back = context.who(17), context.book, date(2026, 3, 9)
    left = book.leave(worker, date(2025, 10, 10), eve(date(2025, 10, 10), 30))
    number = book.record(worker, eve(back, 20))
    book.hire(worker, "Sales", back, eve(back, 20), title="Senior Account Executive", paid_per="")
    return [left, f"employees/{number}"]


@case
def back_under_the_same_number(context: PeopleContext) -> Sequence[Shown]:
    """An intern of 2025 who comes back for the summer of 2026: one record, two employments."""
    worker, first = context.who(20), date(2026, 6, 15)
    known = eve(first, 21)
    return [context.book.write(worker, STATUSES, first, StatusValues("Intern"), known)]


@case
def end_entered_late(context: PeopleContext) -> Sequence[Shown]:
    """That intern's last day was 11 September 2026, which HR wrote down on the 24th: active in the list until then."""
    return [context.book.leave(context.who(20), date(2026, 9, 11), ms("2026-09-24T09:00:00Z"))]


@case
def two_records_at_once(context: PeopleContext) -> Sequence[Shown]:
    """From 21 September 2026 on under a new record, in another team, while the old one ends on 31 October only: one
    head, in the team of the new record. The end closes the old record, not the person."""
    worker, book, since = context.who(24), context.book, date(2026, 9, 21)
    old = worker.bamboo_ids[-1][0]
    left = book.leave(worker, date(2026, 10, 31), eve(since, 14))
    number = book.record(worker, eve(since, 14))
    book.hire(worker, "Customer Care", since, eve(since, 14), title="Support Lead", euros=60_000)
    return [left, f"employees/{old}", f"employees/{number}"]
