"""The company's people: every case for every seed, days of work worked out by hand, pay that adds up."""

from __future__ import annotations

import time
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest

from sandbox.company import DEFAULT_NOW, Company
from sandbox.company.books.payroll import ON_TOP, half_even, payroll
from sandbox.company.people.cases import CASES, MIDDLE, STREAMS
from sandbox.company.people.everyday import SIZES, staff
from sandbox.company.people.facts import (
    CANARIES,
    EXPONENTS,
    FINALLY,
    LEAVES,
    OPENED,
    STATUSES,
    PayValues,
    Staff,
    Worker,
)
from sandbox.company.structure import TEAMS
from sandbox.timestamps import ms
from sandbox.truth.headcount import headcount, payroll_cost
from sandbox.truth.staff import bamboohr_records
from tests.sandbox.conftest import made

NOW = ms(DEFAULT_NOW)
ONE_DAY = timedelta(days=1)


def worker(company: Company, number: int) -> Worker:
    return company.staff.by_id[f"W-{number:04d}"]


def paid(staff: Staff, who: Worker, first: date, last: date) -> int:
    return sum(slip.gross_minor for slip in payroll(staff, first, last) if slip.worker_id == who.worker_id)


@pytest.mark.parametrize("seed", range(1, 6))
def test_every_seed_has_every_case_of_people(seed: int) -> None:
    company = made(seed)
    found = [case for case in company.cases if case.source == "bamboohr"]
    assert [case.name for case in found] == [case.__name__ for case in CASES]
    entries = [entry for person in company.staff.workers for entry in person.entries]
    rows = {f"{STREAMS.get(e.table)}/{e.bamboo_id}/{e.number}" for e in entries}
    rows |= {f"time_off_requests/{e.number}" for e in entries if e.table == LEAVES}
    rows |= {f"employees/{number}" for w in company.staff.workers for number, *_ in w.bamboo_ids}
    assert all(case.keys and case.explanation and rows.issuperset(case.keys) for case in found)


@pytest.mark.parametrize("seed", range(1, 6))
@pytest.mark.parametrize("at", [ms("2026-02-10T00:00:00Z"), ms("2026-08-05T00:00:00Z"), FINALLY])
def test_every_employed_day_has_one_job_in_a_team_that_is_there(seed: int, at: int) -> None:
    everybody, _ = staff(seed, "small", made(seed).people)
    for person in everybody.workers:
        life = person.as_known(at)
        assert all(a.until <= b.since for a, b in pairwise(life.jobs))
        days = sum((job.until - job.since).days for job in life.jobs)
        assert days == sum((until - since).days for since, until in life.spans)
        for job in life.jobs:
            team = next(r.values for r in TEAMS if r.values[0] == job.team_id and r.values[5] <= str(job.since))
            assert team[1] == job.department
            assert job.until == date.max or job.since < job.until
            assert job.since >= OPENED
            assert not team[6] or str(job.until) <= team[6]
            assert 0 < job.fte <= 1
            assert any(pay.since <= job.since for pay in life.pay)
            manager = everybody.by_id.get(job.manager_id)
            assert job.manager_id != person.worker_id
            assert manager is not None or not job.manager_id


@pytest.mark.parametrize("seed", range(1, 4))
def test_small_has_60_to_80_people_in_10_teams_of_all_functions(seed: int) -> None:
    company = Company(seed, "small")
    rows = [row for row in headcount(company, DEFAULT_NOW) if row["headcount"]]
    newest = [row for row in rows if row["period"] == rows[-1]["period"]]
    assert 60 <= sum(row["headcount"] for row in newest) <= 80
    assert len({row["team_id"] for row in newest}) == 10
    functions = {"engineering", "product", "design", "support", "sales", "marketing", "finance", "people"}
    assert {row["function"] for row in newest} == functions
    assert len({person.currency for person in company.staff.workers}) == len(EXPONENTS)


@pytest.mark.parametrize("scale", list(SIZES))
def test_people_are_made_fast_and_as_many_as_the_scale_says(scale: str) -> None:
    began = time.process_time()
    everybody, _ = staff(1, scale, made(1).people)
    assert len(everybody.workers) == SIZES[scale]
    assert time.process_time() - began < {"tiny": 0.3, "small": 1}.get(scale, 20)


def test_the_same_seed_has_the_same_people_and_another_one_others() -> None:
    again = Company(2, "tiny").staff.workers
    holds = again == made(2).staff.workers != made(3).staff.workers
    assert holds


def test_colleagues_have_one_id_in_every_system() -> None:
    rows = made(1).rows("worker_map", DEFAULT_NOW)
    by_source = {source: {r["worker_id"] for r in rows if r["source"] == source} for source in ("jira", "bamboohr")}
    assert by_source["jira"] < by_source["bamboohr"]
    names = {person.account_id: person.name for person in made(1).people}
    for row in rows:
        if row["source"] == "jira":
            assert made(1).staff.by_id[row["worker_id"]].name == names[row["key"]]
    numbers = Counter(row["worker_id"] for row in rows if row["source"] == "bamboohr")
    assert [name for name, count in numbers.items() if count > 1] == ["W-0017", "W-0024"]  # under a second number
    assert "W-0022" not in numbers  # never came
    keys = {row["key"] for row in rows if row["source"] == "bamboohr"}
    assert keys == set(bamboohr_records(made(1), NOW)["employees"])


# -- lives


def test_what_is_known_later_changes_the_past_only_from_then_on() -> None:
    person = worker(made(1), 2)
    march, before, after = date(2026, 3, 1), ms("2026-05-12T10:00:00Z"), ms("2026-05-12T11:00:00Z")

    def rate(at: int) -> int:
        return [pay for pay in person.as_known(at).pay if pay.since <= march][-1].amount_minor

    holds = rate(before) < rate(after)
    assert holds
    late = [pay for pay in person.pay if pay.since == march]
    assert [pay.known_from for pay in late] == [ms("2026-05-12T10:20:00Z")]


def test_rows_that_are_corrected_taken_back_or_written_twice() -> None:
    company = made(1)
    day, corrected = date(2026, 6, 10), worker(company, 12)
    wrong, right = corrected.as_known(ms("2026-06-05T00:00:00Z")), corrected.as_known(NOW)
    assert [life.job(day).department for life in (wrong, right)] == ["Sales", "Design Studio"]  # type: ignore[union-attr]
    entries = [entry for entry in corrected.entries if entry.day == date(2026, 6, 1)]
    assert len({entry.number for entry in entries}) == 1
    assert len(entries) == 2

    twice = worker(company, 19)
    assert twice.as_known(NOW).job(date(2026, 1, 1)).title == "Director of Customer Care"  # type: ignore[union-attr]
    august = date(2026, 8, 5)
    then, now = twice.as_known(ms("2026-08-05T00:00:00Z")), twice.as_known(NOW)
    assert [life.job(august).department for life in (then, now)] == ["Sales", "Customer Care"]  # type: ignore[union-attr]

    dated_back = worker(company, 25)
    titles = [
        dated_back.as_known(at).job(date(2026, 2, 10)).title  # type: ignore[union-attr]
        for at in (ms("2026-05-01T00:00:00Z"), NOW)
    ]
    assert titles == ["Product Manager", "Senior Product Manager"]


def test_employments_begin_and_end_on_their_days() -> None:
    company = made(1)
    leaver, back, intern = worker(company, 4), worker(company, 17), worker(company, 20)
    assert leaver.as_known(NOW).spans == [(OPENED, date(2026, 1, 17))]
    assert leaver.as_known(NOW).job(date(2026, 1, 16)) is not None
    assert leaver.as_known(NOW).job(date(2026, 1, 17)) is None
    assert back.as_known(NOW).spans == [(OPENED, date(2025, 10, 11)), (date(2026, 3, 9), date.max)]
    assert len(back.bamboo_ids) == 2
    assert [since for since, _ in intern.as_known(NOW).spans] == [date(2025, 6, 16), date(2026, 6, 15)]
    assert len(intern.bamboo_ids) == 1
    never = worker(company, 22)
    assert never.as_known(ms("2026-02-10T00:00:00Z")).spans
    assert never.as_known(NOW).spans == []
    coming = worker(company, 23)
    assert coming.as_known(NOW).spans == [(date(2026, 11, 16), date.max)]
    assert not any(entry.known(ms("2026-09-01T00:00:00Z")) for entry in coming.entries)


def test_a_team_that_becomes_another_one_cuts_the_job() -> None:
    jobs = worker(made(1), 10).jobs  # of Falcon, for whom HR has one row only
    assert [(job.since, job.team_id) for job in jobs] == [(OPENED, "T-FALCON"), (date(2026, 4, 1), "T-EAGLE")]
    assert len([entry for entry in worker(made(1), 10).entries if entry.table == "jobInfo"]) == 1


def test_only_what_is_approved_is_leave() -> None:
    person = worker(made(1), 25)
    assert [(leave.first, leave.is_paid) for leave in person.leaves] == [(date(2026, 5, 4), True)]
    assert len({entry.values for entry in person.entries if entry.table == "timeOff"}) > 6


# -- pay: amounts are compared into a truth value, as an assertion that fails shows whatever it compares


def by_day(person: Worker, first: date, last: date, at: int = FINALLY) -> Fraction:
    """The same pay, added up day by day."""
    life, total, day = person.as_known(at), Fraction(0), first
    while day <= last:
        job = life.job(day)
        unpaid = [leave.part for leave in life.leaves if not leave.is_paid and leave.first <= day <= leave.last]
        if job is not None and life.status(day) != "Furloughed":
            rate = [pay for pay in life.pay if pay.since <= day][-1].amount_minor
            worked = 1 - sum(Fraction(1) if part is None else Fraction(part) for part in unpaid)
            total += Fraction(rate, 365) * Fraction(job.fte) * worked
        day += ONE_DAY
    return total


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_all_payslips_together_pay_every_day_that_was_earned(seed: int) -> None:
    """To half a minor unit for each team and function: nothing is paid twice or never, whenever it became known."""
    company = made(seed)
    periods = [period for period in company.periods if period.last <= date(2026, 12, 1)]
    sums: Counter[str] = Counter()
    for period in periods:
        for slip in payroll(company.staff, period.first, period.last):
            sums[slip.worker_id] += slip.gross_minor
    end = periods[-1].last
    known = ms(f"{end}T23:59:59Z")
    for person in company.staff.workers:
        true = Fraction(0) if person.kind == "contractor" else by_day(person, OPENED, end, known)
        accounts = len({(job.team_id, job.division) for job in person.jobs})
        holds = abs(sums[person.worker_id] - true) <= Fraction(accounts, 2)
        assert holds, person.worker_id


def test_a_month_of_two_shares_and_a_month_of_half_an_employment() -> None:
    company = made(1)
    share, begun = worker(company, 5), worker(company, 24)
    september = (date(2025, 9, 1), date(2025, 9, 30))
    rate = share.as_known(FINALLY).pay[0].amount_minor
    expected = Fraction(rate, 365) * (14 + 16 * Fraction(4, 5))
    holds = abs(paid(company.staff, share, *september) - expected) <= 1
    assert holds
    rate = begun.as_known(FINALLY).pay[0].amount_minor
    whole = paid(company.staff, begun, date(2025, 5, 1), date(2025, 5, 31))
    holds = abs(whole - Fraction(rate * 18, 365)) <= 1
    assert holds
    holds = paid(company.staff, begun, date(2025, 4, 1), date(2025, 4, 30)) == 0
    assert holds


def test_unpaid_leave_is_unpaid_and_paid_leave_is_not() -> None:
    company = made(1)
    unpaid, away = worker(company, 10), worker(company, 9)
    holds = paid(company.staff, unpaid, date(2026, 2, 9), date(2026, 3, 6)) == 0
    assert holds
    holds = paid(company.staff, unpaid, date(2026, 2, 1), date(2026, 2, 9)) > 0
    assert holds
    fortnight = paid(company.staff, away, date(2025, 8, 4), date(2025, 8, 17))
    holds = abs(fortnight - paid(company.staff, away, date(2025, 7, 7), date(2025, 7, 20))) <= 1
    assert holds


def test_an_end_closes_its_record_and_the_newer_of_two_records_holds() -> None:
    """From 21 September on worker 24 has two records; the old one ends on 31 October, the person does not."""
    life = worker(made(1), 24).as_known(NOW)
    days = (date(2026, 9, 20), date(2026, 9, 21), date(2026, 11, 1))
    jobs = [life.job(day) for day in days]
    assert [job and job.department for job in jobs] == ["Marketing", "Customer Care", "Customer Care"]
    assert life.spans == [(MIDDLE, date.max)]
    assert [pay.since for pay in life.pay] == [MIDDLE, date(2026, 9, 21)]
    assert life.status(date(2026, 11, 1)) == "Full-Time"


def test_half_days_and_hours_of_leave_are_parts_of_a_day_and_furlough_pays_nothing() -> None:
    company = made(1)
    parts = {number: [leave.of_a_day() for leave in worker(company, number).leaves] for number in (5, 6, 8, 14)}
    half = Fraction(1, 2)
    assert parts == {5: [1], 6: [half], 8: [half], 14: [half]}
    (sick,) = worker(company, 14).leaves
    assert sick.of_a_day(hours=Decimal(10)) == Fraction(2, 5)
    august, half_paid = date(2026, 8, 12), worker(company, 8)
    day = Fraction([pay for pay in half_paid.pay if pay.since <= august][-1].amount_minor, 365)
    holds = abs(paid(company.staff, half_paid, august, august) - day / 2) <= 1
    assert holds
    holds = paid(company.staff, worker(company, 14), date(2026, 6, 1), date(2026, 6, 30)) == 0
    assert holds
    holds = paid(company.staff, worker(company, 14), date(2026, 7, 1), date(2026, 7, 1)) > 0
    assert holds


def test_rates_of_any_unit_are_pay_of_a_year() -> None:
    """Worker 7 leads a team: about 110,000 euros a year, written by the day."""
    company = made(1)
    values = {
        n: [e.values for e in worker(company, n).entries if isinstance(e.values, PayValues)] for n in (3, 5, 7, 8)
    }
    units = {number: [(v.paid_per, v.times_a_year) for v in of] for number, of in values.items()}
    assert units == {3: [("Week", 52)], 5: [("Quarter", 4)], 7: [("Day", 260)], 8: [("Pay Period", 24)]}
    holds = all(abs(pay.amount_minor - 11_000_000) < 26_000 for pay in worker(company, 7).pay)
    assert holds
    holds = worker(company, 17).pay[-1].amount_minor == 0
    assert holds, "who is paid by commission alone"


def test_a_backdated_raise_is_paid_when_it_is_known() -> None:
    company = made(1)
    person = worker(company, 2)
    months = {
        number: paid(company.staff, person, date(2026, number, 1), date(2026, number + 1, 1) - ONE_DAY)
        for number in range(2, 7)
    }
    per_day = {number: Fraction(months[number], days) for number, days in ((2, 28), (3, 31), (4, 30), (6, 30))}
    holds = abs(per_day[2] - per_day[3]) < 1
    assert holds
    holds = abs(per_day[3] - per_day[4]) < 1
    assert holds
    holds = per_day[6] > per_day[4]
    assert holds
    arrears = months[5] - per_day[6] * 31
    holds = abs(arrears - (per_day[6] - per_day[4]) * 61) <= 130  # of 61 days, each rounded in its own month
    assert holds
    holds = arrears > 0
    assert holds


def test_who_sends_bills_gets_no_payslip_and_december_is_paid_twice() -> None:
    company = made(1)
    contractors = {person.worker_id for person in company.staff.workers if person.kind == "contractor"}
    assert "W-0013" in contractors
    assert all(worker(company, int(name[2:])).pay for name in contractors)
    slips = payroll(company.staff, date(2025, 1, 1), date(2026, 9, 30))
    assert not contractors & {slip.worker_id for slip in slips}
    thirteenth = worker(company, 21)
    december = paid(company.staff, thirteenth, date(2025, 12, 1), date(2025, 12, 31))
    january = paid(company.staff, thirteenth, date(2026, 1, 1), date(2026, 1, 31))
    holds = abs(december - 2 * january) <= 2
    assert holds
    assert {"13th salary", "Bonus"} <= {pay.reason for person in company.staff.workers for pay in person.pay}


def test_no_amount_of_pay_is_in_what_a_person_looks_like_in_text() -> None:
    company = Company(1, "tiny")
    planted = company.staff.plant_canaries()
    slips = payroll(company.staff, date(2025, 1, 1), date(2026, 9, 30))
    amounts = {*planted.values(), *(slip.gross_minor for slip in slips if slip.worker_id in planted)}
    shown = f"{company.staff.workers} {company.staff.workers[0].pay} {slips}"
    reported = [amount for amount in amounts if str(amount) in shown]
    assert len(reported) == 0
    assert "W-0001" in shown


def test_employers_pay_on_top_by_country() -> None:
    for slip in payroll(made(1).staff, date(2026, 9, 1), date(2026, 9, 30)):
        holds = slip.employer_minor == half_even(slip.gross_minor * ON_TOP[slip.country], 1_000)
        assert holds


@pytest.mark.parametrize(
    ("amount", "by", "rounded"), [(5, 10, 0), (15, 10, 2), (14, 10, 1), (-5, 10, 0), (-15, 10, -2), (-14, 10, -1)]
)
def test_halves_go_to_the_even_number(amount: int, by: int, rounded: int) -> None:
    assert half_even(amount, by) == rounded


def test_canaries_are_planted_in_all_rows_of_the_first_people() -> None:
    company = Company(1, "tiny")
    assert company.staff.workers[0].pay  # already read
    planted = company.staff.plant_canaries()
    assert len(set(planted.values())) == len(planted) == CANARIES
    assert all(len(str(amount)) == 9 for amount in planted.values())
    for name, amount in planted.items():
        holds = {pay.amount_minor for pay in company.staff.by_id[name].pay} == {amount}
        assert holds
    facts = bamboohr_records(company, NOW)["compensation"].values()
    holds = set(planted.values()) <= {fact["hundredths"] for fact in facts}
    assert holds


# -- heads


def test_heads_and_shares_of_a_period_worked_by_hand() -> None:
    """Seed 4 has fiscal years that are calendar years: January 2026, with one leaver on the 16th."""
    company = made(4)
    rows = {(r["period"], r["team_id"], r["function"]): r for r in headcount(company, DEFAULT_NOW)}
    january = rows["FY26-P01", "T-FALCON", "engineering"]
    everyday = [p for p in company.staff.workers[25:] if any(job.team_id == "T-FALCON" for job in p.jobs)]
    assert everyday == []
    # The lead, the leaver and the one on unpaid leave in February; the contractor is none.
    assert (january["headcount"], january["average_headcount"]) == (2, Decimal("2.5"))
    assert january["fte_days"] == 31 + 31 + 16
    september = rows["FY25-P09", "T-HERON", "engineering"]
    assert september["fte"] == Decimal("1") + Decimal("0.8") + Decimal("0.6")
    assert september["fte_days"] == 30 + 14 + 16 * Decimal("0.8") + 30 * Decimal("0.6")
    office = {key: row["headcount"] for key, row in rows.items() if key[:2] == ("FY26-P01", "T-OFFICE")}
    assert set(office) >= {("FY26-P01", "T-OFFICE", "finance"), ("FY26-P01", "T-OFFICE", "people")}


def test_a_move_is_no_hire_and_a_reorganisation_moves_everybody() -> None:
    company = made(4)
    totals: Counter[str] = Counter()
    rows = headcount(company, DEFAULT_NOW)
    for row in rows:
        totals[row["period"]] += row["headcount"]
    for period in company.periods:
        if period.name in totals and period.last < date(2026, 10, 15):
            employed = [
                person
                for person in company.staff.workers
                if person.kind != "contractor" and person.as_known(NOW).job(period.last) is not None
            ]
            assert totals[period.name] == len(employed), period.name
    teams = {
        row["period"]: row["team_id"] for row in rows if row["team_id"] in ("T-FALCON", "T-EAGLE") if row["headcount"]
    }
    assert [teams["FY26-P03"], teams["FY26-P04"]] == ["T-FALCON", "T-EAGLE"]


def test_the_period_that_is_not_over_counts_until_today_and_the_future_not_at_all() -> None:
    rows = headcount(made(4), DEFAULT_NOW)
    assert rows[-1]["period"] == "FY26-P10"
    crew = next(r for r in rows if r["period"] == "FY26-P10" and r["team_id"] == "T-CREW")
    assert crew["fte_days"] == 14 * crew["fte"]  # the 15th has begun in UTC, where the company reports it has not
    later = headcount(made(4), "2026-11-30T12:00:00Z")
    of = {(r["period"], r["team_id"]): r["headcount"] for r in later}
    assert of["FY26-P11", "T-OSPREY"] == of["FY26-P10", "T-OSPREY"] + 1


def test_cost_of_pay_is_the_sum_of_the_payslips_of_periods_that_are_over() -> None:
    company = made(1)
    rows = payroll_cost(company, DEFAULT_NOW)
    assert rows[-1]["period"] == "FY27-P08"  # of September
    period = next(period for period in company.periods if period.name == "FY27-P08")
    slips = payroll(company.staff, period.first, period.last)
    for name in ("gross_minor", "employer_minor"):
        reported = sum(row[name] for row in rows if row["period"] == period.name)
        holds = reported == sum(getattr(slip, name) for slip in slips)
        assert holds


def test_rows_of_statuses_cover_every_kind_of_worker() -> None:
    rows = bamboohr_records(made(1), NOW)["employment_statuses"].values()
    kinds = {"Full-Time", "Part-Time", "Contractor", "Intern", "Terminated", "Furloughed"}
    assert {row["status"] for row in rows} == kinds
    assert all(entry.day for person in made(1).staff.workers for entry in person.entries if entry.table == STATUSES)
    teams = {row.values[1] for row in TEAMS}
    jobs = bamboohr_records(made(1), NOW)["job_info"].values()
    assert {row["department"] for row in jobs} <= teams
