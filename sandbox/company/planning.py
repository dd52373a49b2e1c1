"""What the company plans and lists: teams by product, list prices, rates of a year, sizes of markets, the budget.

Belongs here: the rows of those files. Does not: what is sold and spent in the end, goals (goals.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from sandbox.company.calendar import Period
from sandbox.company.structure import MARKETS, REORGANISATION, SEGMENTS, DatedRow
from sandbox.timestamps import ms

SPLIT_ANEW, INSIGHTS_SHARED = "2026-02-01", "2026-07-20"
TEAM_PRODUCTS = [
    DatedRow(("T-FALCON", "payments", "1", "2025-01-01", REORGANISATION)),
    DatedRow(("T-EAGLE", "checkout", "1", REORGANISATION, "")),
    # Split over products, in other shares later on.
    DatedRow(("T-HERON", "storefront", "0.6", "2025-01-01", SPLIT_ANEW)),
    DatedRow(("T-HERON", "mobile", "0.4", "2025-01-01", SPLIT_ANEW)),
    DatedRow(("T-HERON", "storefront", "0.333334", SPLIT_ANEW, "")),
    DatedRow(("T-HERON", "mobile", "0.333333", SPLIT_ANEW, "")),
    DatedRow(("T-HERON", "insights", "0.333333", SPLIT_ANEW, "")),
    DatedRow(("T-OSPREY", "insights", "1", "2025-07-01", "")),
    DatedRow(("T-CREW", "core", "1", "2025-01-01", INSIGHTS_SHARED)),
    # From then on the platform team works for two products, and both serve all others and each other.
    DatedRow(("T-CREW", "core", "0.75", INSIGHTS_SHARED, "")),
    DatedRow(("T-CREW", "insights", "0.25", INSIGHTS_SHARED, "")),
    # Who works for every team works for several products; Sales, Marketing and the Back Office for none in particular.
    DatedRow(("T-PRODUCT", "payments", "0.25", "2025-01-01", "")),
    DatedRow(("T-PRODUCT", "storefront", "0.5", "2025-01-01", "")),
    DatedRow(("T-PRODUCT", "insights", "0.25", "2025-01-01", "")),
    DatedRow(("T-DESIGN", "storefront", "0.5", "2025-01-01", "")),
    DatedRow(("T-DESIGN", "mobile", "0.5", "2025-01-01", "")),
    DatedRow(("T-CARE", "storefront", "0.7", "2025-01-01", "")),
    DatedRow(("T-CARE", "payments", "0.3", "2025-01-01", "")),
]
RAISED, SINCE = "2026-01-01", "2024-10-01"
# Of a unit and month in cents of a euro, and what 100 of those are in the minor unit of the currency.
LIST = {"storefront": 2_500, "payments": 4_900, "insights": 3_300, "mobile": 1_200, "payments-fraud": 900}
MINOR_UNITS = {"EUR": (100, 2), "USD": (110, 2), "GBP": (85, 2), "JPY": (160, 0), "KWD": (330, 3)}
PLAN = {"EUR": "1", "USD": "1.10", "GBP": "0.86", "JPY": "165", "KWD": "0.335"}
# Between how many thousands the plans of a product's period are: about what comes of it.
PLANNED = {"revenue": (12, 32), "cost_of_revenue": (2, 22), "research_and_development": (8, 30)}
BUDGETED = ("payments", "storefront", "insights", "mobile", "core")
REVISED = "2026-07-06T09:00:00Z"


def amount(minor_units: int, decimals: int) -> str:
    """1250 minor units of a currency with two decimals are 12.50."""
    return f"{minor_units // 10**decimals}.{minor_units % 10**decimals:0{decimals}d}" if decimals else str(minor_units)


def list_prices() -> list[DatedRow]:
    """Raised at the start of 2026; a lower price of many units, one of a market's own, one of a segment's own."""
    rows = []
    for product, cents in LIST.items():
        for currency, (minor_units, decimals) in MINOR_UNITS.items():
            for tier, percent in (("1", 100), ("50", 90)):
                for rise, since, until in ((100, SINCE, RAISED), (110, RAISED, "")):
                    price = amount(cents * minor_units * percent * rise // 1_000_000, decimals)
                    rows.append(DatedRow((product, "", "", currency, tier, price, since, until)))
    return [
        *rows,
        DatedRow(("storefront", "UKI", "", "GBP", "1", "19.99", SINCE, "")),
        DatedRow(("insights", "", "ENT", "EUR", "1", "29.00", "2025-06-01", "")),
    ]


def market_sizes() -> list[DatedRow]:
    """A market of each year and product; one that is not yet said to be for any product, one of a single segment."""
    draws = Random("market sizes")
    rows = []
    for market in MARKETS:
        for product in ("storefront", "payments", "insights"):
            for year in ("2025", "2026"):
                tam = draws.randrange(50, 900) * 100_000
                rows.append(DatedRow((market.values[0], "", product, year, f"{tam}.00", f"{tam // 4}.00", "EUR")))
    return [
        *rows,
        DatedRow(("LATAM", "", "", "2026", "42000000.00", "6000000.00", "USD")),
        DatedRow(("DACH", SEGMENTS[0].values[0], "mobile", "2026", "9000000.00", "9000000.00", "EUR")),
    ]


def rows(seed: int, periods: list[Period]) -> dict[str, list[DatedRow]]:
    """The rows of all of these files but holidays.csv."""
    draws = Random(f"planning {seed}")
    years = sorted({period.year for period in periods})
    budget = [
        DatedRow((group, product, period.name, f"{draws.randrange(*thousands) * 1_000}.00"))
        for period in periods
        for group, thousands in PLANNED.items()
        for product in BUDGETED
    ]
    budget += [row for number, period in enumerate(periods) for row in odd_budgets(number, period)]
    # A correction below zero.
    budget += [DatedRow(("research_and_development", "", periods[-1].name, "-12500.50"))]
    return {
        "team_products": TEAM_PRODUCTS,
        "price_book": list_prices(),
        "fx_plan": [DatedRow((currency, year, rate)) for year in years for currency, rate in PLAN.items()],
        "market_size": market_sizes(),
        "budget": budget,
    }


def odd_budgets(number: int, period: Period) -> Iterator[DatedRow]:
    """Of no product in particular; of one that brings nothing yet; of no group of accounts; below zero; of the whole
    of operating expense, and revised in the middle of a year for what is then to come."""
    yield DatedRow(("general_and_administration", "", period.name, "30000.00"))
    yield DatedRow(("revenue", "checkout", period.name, f"{number % 3 * 1_250}.50"))
    yield DatedRow(("operating_expense", "mobile", period.name, "21000.00"))
    if number % 4 == 0:
        yield DatedRow(("travel", "", period.name, "1200.00"))
        yield DatedRow(("cost_of_revenue", "platform-sso", period.name, "-250.00"))
    is_revised = period.first.isoformat() > REVISED
    first = ("operating_expense", "", period.name, "90000.00")
    yield DatedRow(first, 0, ms(REVISED) if is_revised else None)
    if is_revised:
        yield DatedRow((*first[:3], "84000.00"), ms(REVISED))


def labelled_cases(periods: list[Period]) -> dict[str, tuple[tuple[str, ...], str]]:
    """Labelled cases: stream and record id of the rows, and what they show."""
    return {
        "team_split_in_time": (
            tuple(f"team_products/{'/'.join((r.values[0], r.values[1], r.values[3]))}" for r in TEAM_PRODUCTS[2:7]),
            "A team works for two products and, from February 2026 on, for three.",
        ),
        "team_after_reorganisation": (
            ("team_products/T-FALCON/payments/2025-01-01", f"team_products/T-EAGLE/checkout/{REORGANISATION}"),
            "Two teams of one name, one after the other, for different products.",
        ),
        "shared_products_of_each_other": (
            tuple(f"team_products/T-CREW/{product}/{INSIGHTS_SHARED}" for product in ("core", "insights")),
            "A platform team works for two products: each of them uses the other.",
        ),
        "unmapped_market_size": (("market_size/LATAM///2026",), "The size of a market for no product in particular."),
        "market_size_of_a_segment": (("market_size/DACH/ENT/mobile/2026",), "All of it can be served: sam is tam."),
        "list_price_of_a_market": ((f"price_book/storefront/UKI//GBP/1/{SINCE}",), "A market with a price of its own."),
        "list_price_of_many": ((f"price_book/mobile///JPY/50/{SINCE}",), "Fifty and more cost less; yen are whole."),
        "budget_of_no_product": (
            (f"budget/general_and_administration//{periods[0].name}",),
            "Planned for no product in particular.",
        ),
        "budget_of_no_group": ((f"budget/travel//{periods[0].name}",), "A group of accounts that nobody knows."),
        "budget_of_what_brings_nothing": (
            (f"budget/revenue/checkout/{periods[0].name}",),
            "Planned for a product without revenue.",
        ),
        "budget_revised": (
            (f"budget/operating_expense//{periods[-1].name}",),
            "Planned anew in the middle of a year.",
        ),
        "budget_below_zero": ((f"budget/research_and_development//{periods[-1].name}",), "A correction."),
    }
