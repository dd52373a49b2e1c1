"""What each item of a contract brings by the month and when, as derived from what landed, beside what is true.

Belongs here: both sides in the same words. Does not: the claim (claims.py).
"""

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import duckdb

from sandbox.timestamps import ms
from sandbox.truth.recurring import RecurringPolicy, Timeline, timelines
from tests.end_to_end.play import Play

Range = tuple[int, int | None, Any]
"""From an instant to another one, or still; and what holds."""
Ranges = dict[str, list[Range]]

UNTIL = "nullif(epoch_ms(valid_to), epoch_ms(timestamp '9999-12-31'))"
BY_ITEM = f"""
    select subscription_item_id, epoch_ms(valid_from), {UNTIL}, subscription_id, customer_key, currency, product_key,
        quantity, monthly_numerator, monthly_denominator, mrr_minor
    from intermediate.fct_subscription_interval
    order by 1, 2
"""
BY_CONTRACT = f"""
    select subscription_id, epoch_ms(valid_from), {UNTIL}
    from intermediate.int_subscription_failures_ranged
    order by 1, 2
"""


def differences(play: Play) -> list[str]:
    """Items that bring another sum or at another time than they truly do, and contracts that fail when they do not:
    exact fractions by the month, to the second."""
    sides = ((derived_items(play), true_items(play)), (derived_failures(play), true_failures(play)))
    items, failures = (len(derived) for derived, _ in sides)
    few = [] if items > 80 and failures > 1 else [f"only {items} items and {failures} contracts that fail"]
    return few + [
        f"{key}: {derived.get(key, [])} derived, {true.get(key, [])} true"
        for derived, true in sides
        for key in sorted(derived.keys() | true.keys())
        if derived.get(key) != true.get(key)
    ]


def derived_items(play: Play) -> Ranges:
    found: Ranges = defaultdict(list)
    for item, since, to, *whose, numerator, denominator, minor_units in _rows(play, BY_ITEM):
        found[item].append((since, to, (*whose, Fraction(int(numerator), int(denominator)), minor_units)))
    return {item: merged(ranges) for item, ranges in found.items()}


def true_items(play: Play) -> Ranges:
    found: Ranges = defaultdict(list)
    for line in _timelines(play).values():
        for (since, to), held in zip(_spans(line), line.held, strict=True):
            for one in held:
                whose = (one.contract, one.account, one.currency, one.product, one.quantity)
                found[one.item].append((since, to, (*whose, one.monthly, one.minor_units)))
    return {item: ranges for item, known in found.items() if (ranges := merged(known))}


def derived_failures(play: Play) -> Ranges:
    found: Ranges = defaultdict(list)
    for contract, since, to in _rows(play, BY_CONTRACT):
        found[contract].append((since, to, None))
    return dict(found)


def true_failures(play: Play) -> Ranges:
    """When each contract counts as lost because nobody paid."""
    found = {
        contract: merged((*span, None) for span, failed in zip(_spans(line), line.failed, strict=True) if failed)
        for contract, line in _timelines(play).items()
    }
    return {contract: ranges for contract, ranges in found.items() if ranges}


def merged(ranges: Iterable[Range]) -> list[Range]:
    """Neighbours that say the same are one; what lasts no time is none."""
    found: list[Range] = []
    for since, to, what in ranges:
        if found and found[-1][1:] == (since, what):
            found[-1] = (found[-1][0], to, what)
        elif since != to:
            found.append((since, to, what))
    return found


def _timelines(play: Play) -> dict[str, Timeline]:
    return timelines(play.company, ms(play.now), RecurringPolicy.of(play.company))


def _spans(line: Timeline) -> list[tuple[int, int | None]]:
    return list(zip(line.since, [*line.since[1:], None], strict=True))


def _rows(play: Play, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(play.home / "warehouse.duckdb"), read_only=True) as warehouse:
        return warehouse.execute(query).fetchall()
