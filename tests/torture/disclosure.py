"""Attacks on what is published of many made-up organisations, and how long the audit of a large one takes.

Belongs here: how many, and the figures. Does not: the organisations and the scheme (tests/quality/organisations).
"""

import os
import random
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from tests.quality.organisations import before_and_after, found_in, organisation, publish, told_by, what_ifs


@dataclass(frozen=True)
class Attack:
    kind: str
    people: int
    figures: int
    found: list[str]
    remainders: str
    of_what_ifs: int
    """Answers that are not of days and standard rates alone."""
    found_uncovered: int
    """People whose pay is told where every statement group has a remainder of its own, whatever other cost is in it."""
    found_uncovered_unknown: int
    """The same for a reader who knows of other cost only that it is not below 0."""


def attack(seed: int) -> Attack:
    """Margins, joiners and leavers, slices and years together; then once more with an earlier version beside."""
    one = organisation(seed)
    published = publish(one)
    told = told_by(one, published)
    bounds = found_in(one, told, published)
    bounds += before_and_after(one, random.Random(seed).choice(sorted({row.person_id for row in one.work})))
    bare = publish(one, is_covered=False)
    people = [
        len({bound.person_id for bound in found_in(one, told_by(one, bare), bare, known_within=known_within)})
        for known_within in (0.1, None)
    ]
    by_period = Counter(period for period, _ in published.remainders)
    kinds = {{0: "withheld", 1: "joint", 2: "own"}[by_period[period]] for period, _ in one.other}
    found = [f"organisation {seed}: {bound.message}" for bound in bounds]
    return Attack(
        one.kind,
        len({row.person_id for row in one.work}),
        len(told),
        found,
        " and ".join(sorted(kinds)),
        len(what_ifs(one, published)),
        *people,
    )


def large(people: int, years: int = 5) -> dict[str, object]:
    one = organisation(0, years=years, engineers=people)
    published = publish(one)
    told = told_by(one, published)
    begun = time.monotonic()
    bounds = found_in(one, told, published)
    return {
        "large_people": len({row.person_id for row in one.work}),
        "large_periods": 12 * years,
        "large_figures": len(told),
        "large_found": len(bounds),
        "large_audit_seconds": round(time.monotonic() - begun, 1),
    }


def attacked(organisations: int) -> dict[str, object]:
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        done = list(pool.map(attack, range(organisations)))
    return {
        "organisations": len(done),
        "organisation_people": sum(one.people for one in done),
        "figures": sum(one.figures for one in done),
        "remainders": dict(Counter(one.remainders for one in done)),
        "disclosed": [message for one in done for message in one.found],
        "what_ifs_disclosed": sum(one.of_what_ifs for one in done),
        "uncovered_organisations": sum(one.found_uncovered > 0 for one in done),
        "uncovered_people": sum(one.found_uncovered for one in done),
        "uncovered_by_kind": dict(Counter(one.kind for one in done if one.found_uncovered)),
        "uncovered_unknown_organisations": sum(one.found_uncovered_unknown > 0 for one in done),
        **large(4960),
    }
