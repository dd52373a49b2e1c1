"""Attacks on what is published of many made-up organisations, and how long the audit of a large one takes.

Belongs here: how many, and the figures. Does not: the organisations and the scheme (tests/quality/organisations).
"""

import os
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from tests.quality.organisations import bounds_of, organisation, publish, told_by


@dataclass(frozen=True)
class Attack:
    kind: str
    people: int
    bounds: int
    found: list[str]
    remainders: str
    found_uncovered: int
    """People whose pay is told where every statement group has a remainder of its own, whatever other cost is in it."""
    found_uncovered_unknown: int
    """The same for a reader who knows of other cost only that it is not below 0."""


def attack(seed: int) -> Attack:
    one = organisation(seed)
    published = publish(one)
    bounds = bounds_of(one, told_by(one, published), published)
    bare = publish(one, is_covered=False)
    told = told_by(one, bare)
    people = [
        len({bound.person_id for bound in bounds_of(one, told, bare, known_within) if bound.is_found})
        for known_within in (0.1, None)
    ]
    sizes = {len(groups) for _, groups in published.remainders}
    remainders = {(): "none", (1,): "each group's", (2,): "shared"}.get(tuple(sorted(sizes)), "both by year")
    found = [f"organisation {seed}: {bound.message}" for bound in bounds if bound.is_found]
    return Attack(one.kind, len({row.person_id for row in one.work}), len(bounds), found, remainders, *people)


def large(people: int, years: int = 2) -> dict[str, object]:
    one = organisation(0, years=years, engineers=people)
    published = publish(one)
    told = told_by(one, published)
    begun = time.monotonic()
    bounds = bounds_of(one, told, published)
    return {
        "large_people": len({row.person_id for row in one.work}),
        "large_periods": 12 * years,
        "large_bounds": len(bounds),
        "large_audit_seconds": round(time.monotonic() - begun, 1),
    }


def attacked(organisations: int) -> dict[str, object]:
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        done = list(pool.map(attack, range(organisations)))
    return {
        "organisations": len(done),
        "organisation_people": sum(one.people for one in done),
        "bounds": sum(one.bounds for one in done),
        "remainders": dict(Counter(one.remainders for one in done)),
        "disclosed": [message for one in done for message in one.found],
        "uncovered_organisations": sum(one.found_uncovered > 0 for one in done),
        "uncovered_people": sum(one.found_uncovered for one in done),
        "uncovered_by_kind": dict(Counter(one.kind for one in done if one.found_uncovered)),
        "uncovered_unknown_organisations": sum(one.found_uncovered_unknown > 0 for one in done),
        **large(460),
    }
