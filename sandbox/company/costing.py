"""What the company says of its costs: what bills for AI are for, when epics may be capitalised, the rules that share
cost out.

Belongs here: the rows of ai_spend.csv and capex_criteria.csv, the versions of allocation_rules.yml. Does not: what is
posted (books), what a product costs in the end (sandbox/truth).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import Any

from sandbox.company.structure import DatedRow, Person, worker_id
from sandbox.timestamps import ms

# October 2025 to January 2027
MONTHS = [f"{2025 + number // 12}-{number % 12 + 1:02d}-01" for number in range(9, 25)]
BILLS = {
    "ai_seats_of_a_year": (
        ("Pairwright", "2026-02-01", "2027-02-01", "T-HERON", "", "3600.00", "EUR"),
        "Twelve months of seats, paid at once.",
    ),
    "ai_seats_refunded": (
        ("Pairwright", "2026-07-01", "2027-02-01", "T-HERON", "", "-525.00", "EUR"),
        "Some of the seats are given back in the middle of their year: less than nothing.",
    ),
    "ai_seats_of_a_team_that_ended": (
        ("Pairwright", "2026-02-01", "2027-02-01", "T-FALCON", "", "1200.00", "EUR"),
        "Its team ends two months after they are paid for a year.",
    ),
    "ai_seats_added": (
        ("Pairwright", "2026-02-01", "2027-02-01", "T-HERON", "", "360.00", "EUR"),
        "A second bill for the same team and days.",
    ),
    "ai_spend_between_months": (
        ("Draftsmith", "2025-08-20", "2025-09-20", "T-OSPREY", "", "100.01", "USD"),
        "Begins and ends in the middle of a month.",
    ),
    "ai_spend_of_a_day": (
        ("Draftsmith", "2025-01-15", "2025-01-16", "T-CREW", "", "7", "JPY"),
        "One day, in a currency without cents.",
    ),
    "ai_spend_of_an_unknown_user": (
        ("Askably", "2026-04-01", "2026-05-01", "", "ghost-dev", "20.00", "USD"),
        "Of a person whom nobody has mapped.",
    ),
}


def ai_spend(seed: int, people: Sequence[Person]) -> list[DatedRow]:
    """Bills known from the day on which they begin. Of each month, known when it is over: what persons use, and what is
    used without anybody's name."""
    draws = Random(f"costing {seed}")
    rows = [DatedRow(values, ms(f"{values[1]}T09:00:00Z")) for values, _ in BILLS.values()]
    for first, end in pairwise(MONTHS):
        known = ms(f"{end}T06:00:00Z")
        rows += [DatedRow(("Askably", first, end, "", login, "20.00", "USD"), known) for login in logins(people)]
        used = draws.randrange(1_000, 90_000)
        rows.append(DatedRow(("Tokenworks", first, end, "", "", f"{used // 100}.{used % 100:02d}", "USD"), known))
    return rows


def logins(people: Sequence[Person]) -> dict[str, str]:
    """The first people of Jira by the name that vendors of AI have for them."""
    return {f"{person.name.split()[0].lower()}-dev": worker_id(number + 1) for number, person in enumerate(people[:3])}


def mapped(people: Sequence[Person]) -> list[DatedRow]:
    """Rows of worker_map.csv."""
    return [DatedRow(("vendor", login, worker, "2025-01-01", "")) for login, worker in logins(people).items()]


# By project whose third epic it is, or by title: regime, criterion, day on which it is met, approver.
CRITERIA = {
    "PAY": (
        ("asc350_40_stage", "preliminary_stage_complete", "2025-08-11", "cto"),
        ("asc350_40_stage", "authorised_and_funded", "2025-09-01", "cfo"),
        ("asc350_40_stage", "probable_to_complete", "2025-09-01", "cfo"),
        ("asu_2025_06", "authorised_and_funded", "2025-09-01", "cfo"),
        ("asu_2025_06", "no_significant_uncertainty", "2025-10-15", "cto"),
        ("ias38", "technical_feasibility", "2025-09-01", "cto"),
        ("ias38", "intention", "2025-09-01", "cfo"),
        ("ias38", "ability_to_use", "2025-09-01", "cto"),
        ("ias38", "future_benefits", "2025-11-03", "cfo"),
        ("ias38", "resources", "2025-09-01", "cfo"),
        ("ias38", "measurable", "2025-09-01", "cfo"),
        ("all", "ready_for_use", "2026-04-20", "cto"),
    ),
    # Ready before it is probable, and the money before the plan.
    "SHOP": (
        ("asc350_40_stage", "authorised_and_funded", "2025-09-01", "cfo"),
        ("asc350_40_stage", "preliminary_stage_complete", "2025-10-01", "cto"),
        ("asc350_40_stage", "probable_to_complete", "2026-03-02", "cfo"),
        ("all", "ready_for_use", "2026-02-02", "cto"),
    ),
    "INS": (
        ("asu_2025_06", "authorised_and_funded", "2025-09-15", "cfo"),
        ("asu_2025_06", "no_significant_uncertainty", "2025-09-15", "cto"),
        ("all", "abandoned", "2026-01-19", "cfo"),
    ),
    # One of the two is never met.
    "OPS": (("asu_2025_06", "authorised_and_funded", "2025-09-15", "cfo"),),
    # Somebody works on a story of it from 11 to 20 May: each regime begins in the middle of that.
    "Statements 7": (
        ("asc350_40_stage", "preliminary_stage_complete", "2026-05-04", "cto"),
        ("asc350_40_stage", "authorised_and_funded", "2026-05-12", "cfo"),
        ("asc350_40_stage", "probable_to_complete", "2026-05-12", "cfo"),
        ("asu_2025_06", "authorised_and_funded", "2026-05-12", "cfo"),
        ("asu_2025_06", "no_significant_uncertainty", "2026-05-14", "cto"),
        *(("ias38", one, "2026-05-12", "cfo") for one in ("intention", "ability_to_use", "resources", "measurable")),
        ("ias38", "future_benefits", "2026-05-15", "cfo"),
        ("ias38", "technical_feasibility", "2026-05-18", "cto"),
        ("all", "ready_for_use", "2026-06-22", "cto"),
    ),
    # And then on this one, also after it is ready for use; it is given up later.
    "Statements 8": (
        ("asc350_40_stage", "preliminary_stage_complete", "2026-05-04", "cto"),
        ("asc350_40_stage", "authorised_and_funded", "2026-05-12", "cfo"),
        ("asc350_40_stage", "probable_to_complete", "2026-05-12", "cfo"),
        ("asu_2025_06", "authorised_and_funded", "2026-05-12", "cfo"),
        ("asu_2025_06", "no_significant_uncertainty", "2026-05-12", "cfo"),
        ("all", "ready_for_use", "2026-06-02", "cto"),
        ("all", "abandoned", "2026-09-16", "cfo"),
    ),
}
UNKNOWN_EPIC = ("PAY-90001", "asu_2025_06", "authorised_and_funded", "2025-01-20", "cfo")
CAPITAL = {
    "epic_capitalised": ("PAY", "Meets what all regimes ask for, on other days, and is ready for use."),
    "epic_ready_before_probable": ("SHOP", "Its criteria are met out of order, the last after it is ready for use."),
    "epic_abandoned": ("INS", "Given up four months after it was authorised."),
    "epic_half_approved": ("OPS", "Meets one of two criteria and never the other."),
    "epic_capitalised_while_worked_on": ("Statements 7", "Each regime begins in the middle of somebody's work on it."),
    "epic_abandoned_in_use": ("Statements 8", "Ready for use, and given up three months later."),
}


def capex_criteria(epics: Mapping[str, str]) -> list[DatedRow]:
    """Written down on the same day in the evening; the key of each project's third epic, and of those with a title."""
    rows = [(epics[name], *row) for name, known in CRITERIA.items() for row in known]
    return [DatedRow(row, ms(f"{row[3]}T18:00:00Z")) for row in (*rows, UNKNOWN_EPIC)]


@dataclass(frozen=True, slots=True)
class RulesVersion:
    """An entry of allocation_rules.yml, from the instant on at which somebody wrote it."""

    settings: dict[str, Any]
    known_from: int = 0


WRITTEN_ANEW = ms("2026-01-08T09:00:00Z")
RULES: tuple[tuple[RulesVersion, ...], ...] = (
    (),
    (
        # One that says nothing, and one that begins in the middle of a period.
        RulesVersion({"version": "first"}),
        RulesVersion(
            {
                "version": "second",
                "valid_from": "2026-01-15",
                "overhead_types": ["facilities", "tools", "marketing", "bad_debt"],
                "shared": {"method": "reciprocal", "driver": "active_users", "drivers": {"core": "revenue"}},
                "overhead": {"driver": "revenue"},
            },
            WRITTEN_ANEW,
        ),
    ),
    (
        # From a day on: before it the defaults hold. Without overhead types nothing hides pay in a remainder.
        RulesVersion(
            {
                "version": "2025",
                "valid_from": "2025-10-01",
                "overhead_types": [],
                "payroll": {"by_function": "false", "classed": "ignored"},
                "overhead": {"driver": "equal"},
            }
        ),
        RulesVersion(
            {
                "version": "2026",
                "valid_from": "2026-02-01",
                "shared": {"driver": "equal", "drivers": {"insights": "revenue"}},
                "overhead": {"driver": "fte"},
            },
            WRITTEN_ANEW,
        ),
    ),
)
"""By the seed's remainder of three; no version is no file."""


def rules(seed: int, now: int) -> list[dict[str, Any]]:
    return [version.settings for version in RULES[seed % len(RULES)] if version.known_from <= now]


def labelled_cases(
    seed: int, people: Sequence[Person], epics: Mapping[str, str]
) -> dict[str, tuple[tuple[str, ...], str]]:
    """Labelled cases: stream and record id of the rows, and what they show."""
    found = {name: (("/".join(("ai_spend", *values)),), words) for name, (values, words) in BILLS.items()}
    month, login = "2026-02-01/2026-03-01", next(iter(logins(people)))
    found["ai_spend_of_a_user"] = ((f"ai_spend/Askably/{month}//{login}/20.00/USD",), "Of a person, for their team.")
    found["ai_spend_unattributed"] = ((f"ai_spend/Tokenworks/{month}",), "Of no team and no person.")
    for name, (epic, words) in CAPITAL.items():
        keys = (f"capex_criteria/{epics[epic]}/{regime}/{what}" for regime, what, *_ in CRITERIA[epic])
        found[name] = (tuple(keys), words)
    unknown = "capex_criteria/" + "/".join(UNKNOWN_EPIC[:3])
    found["epic_of_no_tracker"] = ((unknown,), "A key that no epic has.")
    names = [version.settings["version"] for version in RULES[seed % len(RULES)]] or ["default"]
    words = "How cost is shared out changes." if len(names) > 1 else "No file of rules: the defaults hold."
    found["rules_of_cost"] = (tuple(f"allocation_rules/{name}" for name in names), words)
    return found
