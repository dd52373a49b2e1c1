"""What the company's roadmap promises: effects of epics on metrics, and days.

Belongs here: the rows of promises.csv. Does not: epics (sandbox/company/work), whether a promise was kept
(sandbox/truth).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sandbox.company.structure import DatedRow
from sandbox.company.work.issues import IssueWriter
from sandbox.timestamps import DAY, HOUR, utc

# Work on an epic begins three days after it is made at the soonest, and a month after at the latest.
BEFORE, AFTER = DAY, 45 * DAY
EVENTS, WEEKLY = "mart_usage.events", "mart_usage.wau"
# Of each promise: id, project and number of the epic, metric, product, feature, size, kind, days from the epic's making
# to the promised day, and when it was registered.
PROMISES: tuple[tuple[str, tuple[str, int], tuple[str, str, str, str, str], int | None, int], ...] = (
    ("PR-1", ("PAY", 3), (EVENTS, "checkout", "checkout-express", "5", "percent"), 120, BEFORE),
    ("PR-2", ("PAY", 3), (EVENTS, "checkout", "checkout-express", "3", "percent"), 210, AFTER),
    ("PR-3", ("SHOP", 2), ("", "", "", "", ""), 150, AFTER),
    ("PR-4", ("INS", 2), (WEEKLY, "insights", "insights-copilot", "0.5", "absolute"), 400, BEFORE),
    ("PR-5", ("INS", 2), ("mart_arr.closing_arr", "insights", "", "10", "percent"), None, BEFORE),
    ("PR-6", ("PAY", 0), ("", "", "", "", ""), 450, BEFORE),
    ("PR-7", ("OPS", 1), ("", "", "", "", ""), 900, BEFORE),
    ("PR-8", ("PAY", 4), (EVENTS, "payments", "", "20", "percent"), 300, BEFORE),
)
UNKNOWN = ("PR-9", "NEVER-1"), ("2026-06-30", "", "", "", "", "")
WRITTEN = {
    "promise_of_an_effect": ("PR-1", "An effect and a day, registered before work on the epic began."),
    "promise_made_smaller": ("PR-2", "The same promise again, smaller and later, when work had begun."),
    "promise_after_the_start": ("PR-3", "A day that was promised only when work had begun is no promise."),
    "promise_in_units": ("PR-4", "An effect in units of the metric, on people of each account."),
    "promise_of_what_no_account_has": ("PR-5", "Of a metric that is not measured by account and week."),
    "promise_of_a_day": ("PR-6", "A day alone, of an epic that was done later."),
    "promise_without_release": ("PR-8", "Of an epic that has just begun."),
    "promise_of_no_item": ("PR-9", "A key that no epic has."),
}


def promises(epics: Mapping[str, Sequence[IssueWriter]]) -> list[DatedRow]:
    """Each is written down when it is registered."""
    found = []
    for name, (project, number), effect, days, after in PROMISES:
        epic = epics[project][number]
        due = "" if days is None else str(utc(epic.created + days * DAY).date())
        found.append(written((name, epic.key), (due, *effect), epic.created + after))
    return [*found, written(*UNKNOWN, epics["PAY"][0].created + HOUR)]


def written(what: tuple[str, str], promised: tuple[str, ...], at: int) -> DatedRow:
    whole = at // 1000 * 1000
    return DatedRow((*what, f"{utc(whole):%Y-%m-%dT%H:%M:%SZ}", *promised), whole)


def labelled_cases() -> dict[str, tuple[tuple[str, ...], str]]:
    """Labelled cases: stream and record id of the rows, and what they show."""
    return {name: ((f"promises/{promise}",), words) for name, (promise, words) in WRITTEN.items()}
