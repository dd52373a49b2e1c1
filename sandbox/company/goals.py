"""The company's goals and decisions: cycles, objectives, key results, check-ins, questions and their answers.

Belongs here: the rows of okrs.yml, checkins.csv and decisions.csv. Does not: how far a goal is reached (sandbox/truth).
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from sandbox.company.calendar import Period
from sandbox.company.structure import HEADERS, DatedRow
from sandbox.timestamps import HOUR, ms, utc

VALID = ("valid_from", "valid_to")
STATUS = ("status", "status_date")
LISTS = {
    "okr_cycles": ("cycles", ("id", "name", "start", "end")),
    "objectives": (
        "objectives",
        ("id", "cycle", "name", "owner", "parent", "link", "product_id", "weight", *STATUS, *VALID),
    ),
    "key_results": (
        "key_results",
        (
            *("id", "objective", "name", "type", "unit", "start", "target", "weight", "metric", "slice", "success_at"),
            *(*STATUS, "continues", *VALID),
        ),
    ),
    "key_result_targets": ("revisions", ("key_result", "date", "target")),
    "goal_parents": ("parents", ("child", "parent", "link", "share", *VALID)),
}
"""Lists of okrs.yml: their names there, and what an entry holds."""

# Of each cycle: number, objective, name, type, unit, start, target, weight, metric.
RESULTS = (
    ("1", "1", "Active people a week", "increase", "people", "1000", "1500", "0.5", "mart_usage.wau"),
    ("2", "2", "Median days from start to done", "decrease", "days", "9.5", "6", "0.25", "manual"),
    ("3", "3", "Availability", "stay-above", "percent", "", "99.9", "1", "manual"),
    ("4", "3", "Open critical bugs", "stay-below", "bugs", "", "5", "0.5", "manual"),
    ("5", "2", "Minutes to a first payment", "baseline", "minutes", "", "", "0.25", "manual"),
    ("6", "1", "Certificate of the auditors", "binary", "", "0", "1", "0.5", "manual"),
)
OBJECTIVES = (
    ("1", "Customers sell more with us", "ada", "", "", "commerce"),
    ("2", "Paying is quick", "bela", "1", "contribute", "payments"),
    ("3", "Nothing stands still", "ivo", "1", "support", "core"),
)
EVERY = timedelta(days=14)


def padded(name: str, said: tuple[str, ...], known_from: int, known_to: int | None = None, **more: str) -> DatedRow:
    """A row of a list or file: its first columns, and more by their names; what it leaves out is empty."""
    header = LISTS[name][1] if name in LISTS else HEADERS[name]
    values = dict.fromkeys(header, "") | dict(zip(header, said, strict=False))
    assert more.keys() <= values.keys(), more
    return DatedRow(tuple((values | more).values()), known_from, known_to)


def midnight(day: date) -> int:
    return ms(f"{day}T00:00:00Z")


def quarters(periods: list[Period]) -> list[tuple[str, date, date]]:
    """Name, first day and the day after the last of each quarter."""
    names = sorted({period.quarter for period in periods})
    within = {name: [period for period in periods if period.quarter == name] for name in names}
    return [(name, found[0].first, found[-1].last + timedelta(days=1)) for name, found in within.items()]


def rows(seed: int, periods: list[Period]) -> dict[str, list[DatedRow]]:
    """The rows of all lists and files, each known from the day on which somebody wrote it."""
    draws = Random(f"goals {seed}")
    found: dict[str, list[DatedRow]] = {name: [] for name in (*LISTS, "checkins")}
    for cycle, start, end in quarters(periods):
        everyday(draws, found, cycle, start, end)
        odd(found, cycle, start, end)
    return found | {"decisions": decisions(draws, periods[0].first, periods[-1].last)}


def everyday(draws: Random, found: dict[str, list[DatedRow]], cycle: str, start: date, end: date) -> None:
    """What every cycle has alike."""
    written, middle = midnight(start), start + (end - start) / 2
    found["okr_cycles"].append(DatedRow((cycle, f"Goals of {cycle}", str(start), str(end)), written))
    for number, name, owner, parent, link, product in OBJECTIVES:
        above = f"{cycle}-O{parent}" if parent else ""
        said = (f"{cycle}-O{number}", cycle, name, owner, above, link, product)
        found["objectives"].append(padded("objectives", said, written))
    for number, objective, *rest in RESULTS:
        said = (f"{cycle}-KR{number}", f"{cycle}-O{objective}", *rest)
        found["key_results"].append(padded("key_results", said, written))
    further = (f"{cycle}-KR4", f"{cycle}-O2", "contribute", "0.25")
    found["goal_parents"].append(padded("goal_parents", further, written))
    for number, target in (("1", "1400"), ("5", "12")):
        revised = (f"{cycle}-KR{number}", str(middle), target)
        found["key_result_targets"].append(DatedRow(revised, midnight(middle)))
    # The fourth is not looked at before the cycle is half over, the third in no cycle of a second quarter.
    for number, begins in (("1", start), ("2", start), ("3", start), ("4", middle), ("5", start), ("6", start)):
        if number == "3" and cycle.endswith("Q2"):
            continue
        day = begins + timedelta(days=7)
        while day < end:
            value = reached(draws, number, (day - start) / (end - start))
            said = (f"{cycle}-KR{number}", str(day), value, "hana")
            found["checkins"].append(padded("checkins", said, midnight(day)))
            day += EVERY


def odd(found: dict[str, list[DatedRow]], cycle: str, start: date, end: date) -> None:
    """What people do with goals that not every tool knows, each in one quarter of every year."""
    written, quarter = midnight(start), cycle[-2:]
    third, middle, late = (start + (end - start) * part / 6 for part in (2, 3, 4))

    def result(
        number: str, objective: str, *rest: str, since: date = start, until: date | None = None, **more: str
    ) -> None:
        said = (f"{cycle}-{number}", f"{cycle}-{objective}", *rest)
        ended = None if until is None else midnight(until)
        found["key_results"].append(padded("key_results", said, midnight(since), ended, **more))

    def checkin(number: str, at: date | str, value: str, **more: str) -> None:
        day = date.fromisoformat(str(at)[:10])
        found["checkins"].append(
            padded("checkins", (f"{cycle}-{number}", str(at), value, "ivo"), midnight(day), **more)
        )

    if quarter == "Q1":
        # a key result that an objective works for; a stretch goal; what is kept and not counted
        fast = (f"{cycle}-O4", cycle, "Checkout is fast", "chen", f"{cycle}-KR2", "contribute", "checkout")
        found["objectives"].append(padded("objectives", fast, written, weight="2"))
        result("KR7", "O4", "Seconds to pay", "decrease", "seconds", "9", "3", "1", "manual", success_at="0.7")
        result("KR8", "O4", "Payments that work", "maintain", "percent", "99", "", "0", "manual")
        for day, seconds in ((third, "7.2"), (middle, "6"), (late, "4.5")):
            checkin("KR7", day, seconds)
            checkin("KR8", day, "99.2")
        # several on one day: the last by time counts, though it stands first
        checkin("KR7", f"{late + timedelta(days=7)}T16:30", "4.2")
        checkin("KR7", f"{late + timedelta(days=7)}T08:15:00Z", "4.9")
        # counted by hand, because the tracking was broken
        checkin("KR1", third, "1180", overrides="true")
    if quarter == "Q2":
        # given up, put off, put on hold; the row says so from then on
        for number, status, day in (
            ("KR9", "cancelled", middle),
            ("KR10", "postponed", third),
            ("KR11", "paused", late),
        ):
            rest = (f"Idea {status}", "increase", "", "0", "10", "0.5", "manual")
            result(number, "O2", *rest, until=day)
            result(number, "O2", *rest, since=day, status=status, status_date=str(day))
            checkin(number, start + timedelta(days=14), "3")
    if quarter == "Q3":
        # begun late; a weight that changes; a target edited in place; an end that nobody revised
        rest = ("Partners that sell us", "increase", "partners", "10", "20", "1", "manual")
        result("KR12", "O1", *rest, since=middle, valid_from=str(middle))
        dated = ("Answers within a day", "increase", "percent", "60", "90")
        result("KR13", "O3", *dated, "1", "manual", valid_to=str(middle))
        result("KR13", "O3", *dated, "0.25", "manual", since=middle, valid_from=str(middle))
        edited = ("Shops that go live", "increase", "shops", "0")
        result("KR14", "O1", *edited, "40", "0.5", "manual", until=middle)
        result("KR14", "O1", *edited, "50", "0.5", "manual", since=middle)
        result("KR15", "O2", "Cost of a payment", "baseline", "cents", "", "", "0.5", "manual")
        for number, values in (("KR12", ("", "12", "15")), ("KR13", ("70", "75", "84")), ("KR14", ("10", "22", "36"))):
            for day, value in zip((third, middle, late), values, strict=True):
                if value:
                    checkin(number, day, value)
        checkin("KR15", third, "31")
        # a day late: the quarter is graded in the first days of the next one
        checkin("KR14", end + timedelta(days=2), "41")
    if quarter in ("Q4", "Q1"):
        # not reached in the last quarter of a year, it goes on in the first of the next
        rest = ("Invoices that are paid in time", "increase", "percent")
        year = int(cycle[2:4])
        if quarter == "Q4":
            values = (*rest, "70", "90", "0.5", "manual")
            result("KR16", "O2", *values, until=end)
            over = {"status": "carried_over", "status_date": str(end)}
            result("KR16", "O2", *values, since=end, **over)
            checkin("KR16", late, "82")
        else:
            before = f"FY{year - 1:02d}-Q4-KR16"
            known = any(row.values[0] == before for row in found["key_results"])
            result("KR16", "O2", *rest, "82", "90", "0.5", "manual", continues=before if known else "")
            checkin("KR16", middle, "85")
    if quarter == "Q4":
        # a slice of a measure
        result(
            "KR17",
            "O1",
            "Active Germans",
            "increase",
            "people",
            "20",
            "60",
            "0.5",
            "mart_usage.mau_28d",
            slice="market=DACH",
        )


def reached(draws: Random, number: str, passed: float) -> str:
    """What somebody writes down when a part of the cycle has passed."""
    wobble = draws.randint(-5, 5)
    return {
        "1": str(1000 + round(450 * passed) + wobble),
        "2": f"{(days := 95 - round(30 * passed) + wobble) // 10}.{days % 10}",
        "3": f"99.{90 + wobble}",
        "4": str(5 + wobble),
        "5": str(15 - round(3 * passed) + wobble),
        "6": "1" if passed > 0.8 and wobble >= 0 else "0",
    }[number]


def decisions(draws: Random, first: date, last: date) -> list[DatedRow]:
    """A question every nine days; its row grows with each stage that it reaches."""
    found = []
    for number in range((last - first).days // 9):
        raised = midnight(first) + 9 * 24 * HOUR * number + draws.randrange(24) * HOUR
        data, proposed, decided = (raised + draws.randrange(1, 400) * HOUR * stage for stage in (1, 2, 4))
        stages: list[int | None] = [raised, data, max(data, proposed), max(data, proposed, decided)]
        owner, product = (("ada", "payments"), ("bela", ""), ("ivo", "core"))[number % 3]
        found += grown((f"D-{number + 1:03d}", f"Question {number + 1}", owner, product), stages)
    for asked, times in CASES.values():
        found += grown(asked, [ms(at) if at else None for at in times])
    return found


CASES = {
    "decision_reopened": (
        ("D-AGAIN", "Which price for the wallet?", "ada", "payments-wallet"),
        ("2025-11-03T09:00:00Z", "2025-11-10T09:00:00Z", "2025-11-12T15:30:00Z", "2025-11-14T10:00:00Z"),
    ),
    "decision_after_reopening": (
        ("D-AGAIN", "Which price for the wallet?", "ada", "payments-wallet"),
        ("2026-02-02T08:00:00Z", "2026-02-02T08:30:00Z", "2026-02-02T09:00:00Z", "2026-02-02T10:00:00Z"),
    ),
    "decision_still_open": (
        ("D-OPEN", "Do we leave a market?", "ivo", ""),
        ("2025-09-01T12:00:00Z", "2025-12-01T12:00:00Z", None, None),
    ),
    "decision_without_data": (
        ("D-GUT", "A new name for the shop", "emil", "storefront"),
        ("2025-12-08T09:00:00Z", None, None, "2025-12-08T11:00:00Z"),
    ),
    "decision_before_its_data": (
        ("D-EARLY", "Do we drop cheques?", "bela", "payments"),
        ("2026-03-02T09:00:00Z", "2026-03-06T09:00:00Z", None, "2026-03-04T09:00:00Z"),
    ),
    "decision_withdrawn": (
        ("D-WITHDRAWN", "A second brand?", "ivo", ""),
        ("2026-02-10T09:00:00Z", None, None, None, "2026-02-20T09:00:00Z"),
    ),
}
EXPLAINED = {
    "decision_reopened": "Decided, and raised again eleven weeks later: the first of two rows.",
    "decision_after_reopening": "The second time it takes two hours.",
    "decision_still_open": "Raised long ago and not decided yet.",
    "decision_without_data": "Decided in two hours, without data and without a proposal.",
    "decision_before_its_data": "Decided two days before the data for it was there.",
    "decision_withdrawn": "Nobody asks any more, and nobody decided.",
}


ODD = {
    "objective_below_a_key_result": ("objectives/FY26-Q1-O4", "Its parent is a key result, and it weighs twice."),
    "result_is_cancelled": ("key_results/FY26-Q2-KR9", "Given up in the middle of the cycle."),
    "result_is_postponed": ("key_results/FY26-Q2-KR10", "Put off when a third of the cycle was over."),
    "result_is_paused": ("key_results/FY26-Q2-KR11", "Put on hold, and nobody took it up again."),
    "result_begins_late": ("key_results/FY26-Q3-KR12", "Is there from the middle of the cycle on."),
    "result_weighs_less_later": ("key_results/FY26-Q3-KR13", "Two rows, one after the other, with two weights."),
    "target_edited_in_place": (
        "key_results/FY26-Q3-KR14",
        "Its target was 40 until the middle of the cycle.",
    ),
    "baseline_without_a_target": ("key_results/FY26-Q3-KR15", "Was measured, and nobody set a target."),
    "checkin_after_the_end": ("checkins/FY26-Q3-KR14", "Graded two days after the end of the cycle."),
    "result_carried_over": ("key_results/FY25-Q4-KR16, key_results/FY26-Q1-KR16", "Goes on in the next cycle."),
    "result_of_a_slice": ("key_results/FY25-Q4-KR17", "Bound to a measure of one market."),
    "checkins_of_one_day": ("checkins/FY26-Q1-KR7", "Two of one day, the later one written first."),
    "checkin_overrides": ("checkins/FY26-Q1-KR1", "One of them counts before the measure."),
}


def grown(asked: tuple[str, ...], stages: list[int | None]) -> list[DatedRow]:
    """A decision's row in each of its versions, one after the other."""
    reached = sorted({at for at in stages if at is not None})
    found = []
    for at, until in zip(reached, [*reached[1:], None], strict=True):
        shown = [f"{utc(stage):%Y-%m-%dT%H:%M:%SZ}" if stage is not None and stage <= at else "" for stage in stages]
        found.append(padded("decisions", (*asked, *shown), at, until))
    return found


def labelled_cases() -> dict[str, tuple[tuple[str, ...], str]]:
    """Labelled cases: stream and record id of the rows, and what they show."""
    results = {
        "target_changed": ("key_result_targets", "1", "Its target is lowered in the middle of the cycle."),
        "result_decreases": ("key_results", "2", "Is better the smaller it is."),
        "result_stays_above": ("key_results", "3", "Has a floor and no start; nobody looked at it in second quarters."),
        "result_stays_below": ("key_results", "4", "Has a ceiling; looked at for the first time in mid-cycle."),
        "result_is_a_baseline": ("key_results", "5", "Has no target before it was measured; a revision sets one."),
        "result_is_binary": ("key_results", "6", "Done or not."),
        "result_told_twice": ("checkins", "1", "Bound to a measure, and written down by hand as well."),
        "result_of_two_parents": ("goal_parents", "4", "A quarter of it belongs to a second objective."),
        "result_is_a_stretch": ("key_results", "7", "Counts as reached at 0.7."),
        "result_is_kept": ("key_results", "8", "Is to stay where it began; weighs nothing."),
    }
    found: dict[str, tuple[tuple[str, ...], str]] = {
        name: ((f"{stream}/FY26-Q1-KR{number}",), words) for name, (stream, number, words) in results.items()
    }
    for name, (keys, words) in ODD.items():
        found[name] = (tuple(keys.split(", ")), words)
    found |= {name: ((f"decisions/{asked[0]}/{times[0]}",), EXPLAINED[name]) for name, (asked, times) in CASES.items()}
    return found
