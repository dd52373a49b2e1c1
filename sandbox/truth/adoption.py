"""Adoption as it truly was: of those who could have used a feature in a month, how many did, often enough.

The definitions:
- A feature counts where it is one on the last day of the month (or of the data) and a product is above it.
- Eligible is who was active with that product or with the feature; behind a flag, only who was shown it by then or used
  the feature anyway.
- Adopting is who used it often enough (policy: adoption_uses); a customer adopts by all its people's uses together.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sandbox.truth.maps import UNMAPPED, is_valid
from sandbox.truth.people import UsageFacts
from sandbox.truth.ratios import guarded

ONE = timedelta(days=1)


@dataclass
class AdoptionMonth:
    """A month of one node in one slice."""

    users: Counter[str] = field(default_factory=Counter)  # uses
    customers: Counter[str] = field(default_factory=Counter)
    pairs: set[tuple[str, str]] = field(default_factory=set)  # (customer, user) who acted in its name


def adoption(facts: UsageFacts) -> list[dict[str, Any]]:
    months: dict[tuple[date, str, tuple[str, str]], AdoptionMonth] = defaultdict(AdoptionMonth)
    for use in facts.uses:
        for node in use.nodes:
            for part in use.slices:
                month = months[use.day.replace(day=1), node, part]
                month.users[use.person] += 1
                if use.customer != UNMAPPED:
                    month.customers[use.customer] += 1
                    month.pairs.add((use.customer, use.person))
    found = []
    exposed, uses = facts.exposed(), int(facts.policy["adoption_uses"])
    features = sorted({row["product_id"] for row in facts.products if row["level"] == "feature"})
    for first in sorted({month for month, _, _ in months}):
        end = min(last_of(first), facts.last_day)
        slices = sorted({part for month, _, part in months if month == first})
        for feature in features:
            product = product_above(facts, feature, end)
            if product is None:
                continue
            shown = None
            if any(row["product_id"] == feature and is_valid(row, end) for row in facts.map["exposure"]):
                shown = {person for person, day in exposed.get(feature, {}).items() if day <= end}
            for part in slices:
                of_product = months.get((first, product, part), AdoptionMonth())
                of_feature = months.get((first, feature, part), AdoptionMonth())
                eligible = {*of_product.users, *of_feature.users}
                if shown is not None:
                    eligible = {person for person in eligible if person in shown or person in of_feature.users}
                if eligible:
                    customers = {name for name, who in of_product.pairs | of_feature.pairs if who in eligible}
                    found.append(row(first, feature, part, eligible, customers, of_feature, uses, facts.least))
    return found


def last_of(month: date) -> date:
    return (month + 31 * ONE).replace(day=1) - ONE


def product_above(facts: UsageFacts, feature: str, day: date) -> str | None:
    """The nearest product above something that is a feature on a day."""
    own = facts.product(feature, day)
    if own is None or own["level"] != "feature":
        return None
    for node in facts.above(feature, day):
        known = facts.product(node, day)
        if known is not None and known["level"] == "product":
            return node
    return None


def row(
    month: date,
    feature: str,
    part: tuple[str, str],
    eligible: set[str],
    customers: set[str],
    used: AdoptionMonth,
    uses: int,
    least: int,
) -> dict[str, Any]:
    users_adopting = sum(count >= uses for count in used.users.values())
    customers_adopting = sum(count >= uses for count in used.customers.values())
    return {
        "month_start_date": month.isoformat(),
        "product_id": feature,
        "slice_type": part[0],
        "slice_value": part[1],
        "is_rollup": part[0] != "all",
        "users_eligible": len(eligible),
        "users_adopting": users_adopting,
        **guarded("users_adoption_ratio", users_adopting, len(eligible), "nobody_eligible", len(eligible), least),
        "customers_eligible": len(customers),
        "customers_adopting": customers_adopting,
        **guarded(
            "customers_adoption_ratio", customers_adopting, len(customers), "nobody_eligible", len(customers), least
        ),
    }
