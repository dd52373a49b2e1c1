"""What use brings by the month, beside recurring revenue, where the company shows it.

The definitions:
- Use is what a metered price bills afterwards, less discounts and tax, by the month of its term. It counts for the days
  that its line names (docs.stripe.com/billing/subscriptions/usage-based: it is billed at the end of the period in which
  it was), so a period shows what was used around its end once that is billed. Drafts and void invoices bill nothing.
- Each tier has a line. The fee of the first one is billed however little is used: it recurs (recurring.py), so it is no
  use.
- It is where recurring revenue would be: product, customer, segment and market of the period's last day, at the rate of
  the plan.
Does not: recurring revenue (recurring.py, revenue.py); of that it is no part.
"""

from collections import defaultdict
from fractions import Fraction
from typing import Any

from sandbox.truth.recurring import Held
from sandbox.truth.revenue import Revenue, RevenueCell

MONTHS = {"month": 1, "year": 12}


def used(revenue: Revenue) -> dict[tuple[str, RevenueCell], int]:
    """In minor units at plan rates, by period and cell; nothing where the company does not show it."""
    sums: dict[tuple[str, RevenueCell], int] = defaultdict(int)
    catalogue = revenue.company.billing.catalogue.products
    for bill in revenue.company.billing.books(revenue.now).records["invoice"].values():
        if bill["status"] in ("draft", "void") or not revenue.policy.usage_shown:
            continue
        terms: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
        for line in bill["lines"]:
            if line.price is not None and line.price.metered:
                terms[line.item, line.price, line.start, line.end].append(line)
        for (_, price, _, _), tiers in terms.items():
            line, amount = tiers[0], sum(one.amount for one in tiers)
            if amount <= price.base_fee:
                continue
            net = sum(one.amount - one.less for one in tiers) * Fraction(amount - price.base_fee, amount)
            net /= MONTHS[price.interval] * price.count
            whose = (line.subscription, bill["customer"], bill["currency"].upper(), line.item)
            held = Held(*whose, catalogue[price.product], line.quantity, net, price, net, net)
            for period in revenue.periods:
                if line.start < revenue.end(period) <= line.end:
                    for cell, minor_units in revenue.cells(held, revenue.day(period)).items():
                        sums[period.name, cell] += minor_units
    plan = {period.name: period.year for period in revenue.periods}
    return {
        (period, cell): round(minor_units * revenue.exchange.planned(cell.currency, plan[period]))
        for (period, cell), minor_units in sums.items()
    }
