"""A small published snapshot with all that pages read: two portfolios, names that break files, two quarters.

Belongs here: its rows, in the columns that the marts' yml name. Does not: claims.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from ingestion import sql
from serving.clocks import Clock
from serving.comments import MartInfo
from serving.failures import Check
from serving.publish import Edition, publish
from serving.published import Snapshot

MARTS = Path(__file__).parents[3] / "dbt_project" / "models" / "marts"
NOW = datetime(2026, 10, 15, 6, tzinfo=UTC)
QUARTERS = (("FY26-Q1", date(2026, 3, 31)), ("FY26-Q2", date(2026, 6, 30)), ("FY26-Q3", date(2026, 9, 30)))
LONG, GOAL = "N" * 196 + "ame", "O" * 200
PRODUCTS = {
    "formula": ("shop", "=1+1"),
    "sum": ("shop", "@SUM(A1:A9)"),
    "sign": ("tools", "-5+6"),
    "entity": ("shop", "&lt;10&gt; {{ 11 }} 'Co'"),
    "arabic": ("tools", "مرحبا ١٤"),
    "markup": ("shop", "<script>alert(1)</script> & Co"),
    "emoji": ("shop", "🚀 Rakete"),
    "hebrew": ("tools", "שלום עולם"),
    "long": ("tools", LONG),
}
"""Of each product the portfolio and the name."""
FLOWS = {
    "logo_new_arr": 120_000,
    "expansion_arr": 60_000,
    "returned_arr": 5_000,
    "contraction_arr": -20_000,
    "churn_arr": -45_000,
    "transfer_and_fx_arr": 0,
}
PROFIT = {
    "recognised_revenue": 900_000,
    "cost_of_revenue": 100_000,
    "gross_profit": 800_000,
    "research_and_development": 500_000,
    "research_and_development_net": 450_000,
    "sales_and_marketing": 150_000,
    "general_and_administrative": 250_000,
    "contribution": 300_000,
    "operating_profit": -50_000,
}
RATIOS = {"nrr": 1.05, "grr": 0.91, "gross_margin": 0.8889, "stickiness": 0.21, "realised_price": 0.9}
COUNTS = {"paying_customers": 480, "new_customers": 31, "mau": 1659, "dau": 350, "headcount": 69, "throughput": 237}
UNITS = {"fte": "fte", "revenue_per_fte": "money", "arpa": "money"}
PLANNED = {"recognised_revenue", "cost_of_revenue", "operating_profit"}


def snapshot(home: Path, without: Iterable[str] = (), held: Iterable[str] = (), **over: Any) -> Snapshot:
    """Published in a home. ``without``: marts that are not there; ``held``: marts that a red check holds back; ``over``
    replaces columns of the rows of the board's metrics."""
    warehouse = home / "warehouse.duckdb"
    warehouse.unlink(missing_ok=True)
    tables = {**dimensions(), "mart_board_metric": board(**over), "mart_okr": goals(), "mart_roadmap_outcome": epics()}
    tables["mart_reconciliation"] = proofs()
    infos = {}
    with duckdb.connect(str(warehouse)) as built:
        built.execute("create schema marts")
        for table, rows in tables.items():
            if table in without:
                continue
            columns, key = described(table)
            types = ", ".join(f"{sql.text(name)}: {sql.text(kind)}" for name, kind in columns.items())
            lines = home / f"{table}.json"
            lines.write_text("\n".join(json.dumps(row, default=str) for row in rows))
            built.execute(f"create table marts.{table} as from read_json({sql.text(lines)}, columns = {{{types}}})")
            lines.unlink()
            infos[table] = MartInfo(key, sources=("stripe",))
    clock = Clock(datetime(2026, 10, 14), datetime(2026, 10, 15), datetime(2026, 10, 20), date(2026, 6, 30), "FY26-P06")
    checks = [
        Check("unique", "marts/mart_arr", True),
        *(Check("red", f"marts/{one}", False, holds=(one,)) for one in held),
    ]
    edition = Edition(NOW, "0.1.0+abc", checks, {}, infos, "sandbox-9", True, {"stripe": clock})
    return publish(home, warehouse, edition)


@cache
def described(table: str) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """Columns with their types, and the key, as its yml says."""
    (model,) = yaml.safe_load(next(MARTS.glob(f"*/{table}.yml")).read_text())["models"]
    return {one["name"]: one["data_type"] for one in model["columns"]}, tuple(model["meta"]["key"])


def dimensions() -> dict[str, list[dict[str, Any]]]:
    portfolios = [("shop", "Shop"), ("tools", "Tools")]
    products = [{"product_id": "COMPANY", "product_name": "Company", "product_level": "company"}]
    products += [
        {"product_id": one, "product_name": name, "product_level": "portfolio", "portfolio_id": one}
        for one, name in portfolios
    ]
    products += [
        {"product_id": one, "product_name": name, "product_level": "product", "portfolio_id": portfolio}
        for one, (portfolio, name) in PRODUCTS.items()
    ]
    periods = [
        {
            "fiscal_period": f"FY26-P{month:02}",
            "fiscal_year": "FY26",
            "fiscal_quarter": f"FY26-Q{(month + 2) // 3}",
            "first_date": date(2026, month, 1),
            "last_date": next(end for _, end in QUARTERS if end.month >= month)
            if month % 3 == 0
            else date(2026, month, 28),
        }
        for month in range(1, 10)
    ]
    return {"dim_product": products, "dim_fiscal_period": periods}


def board(**over: Any) -> list[dict[str, Any]]:
    """Each metric of each slice and quarter; parts of the company are a tenth of it."""
    slices: list[tuple[str, str, str, str | None, str | None]] = [("all", "ALL", "All", None, None)]
    slices += [("portfolio", one, one.title(), one, "portfolio") for one in ("shop", "tools")]
    slices += [("product", one, name, portfolio, "product") for one, (portfolio, name) in PRODUCTS.items()]
    slices += [("market", one, one, None, None) for one in ("DACH", "=cmd")]
    return [
        {**_row(metric, one, number), **over}
        for metric in (
            *FLOWS,
            *PROFIT,
            *RATIOS,
            *COUNTS,
            *UNITS,
            "arr",
            "opening_arr",
            "market_price",
            "objectives_on_track",
        )
        for one in slices
        for number in range(len(QUARTERS))
    ]


def _row(metric: str, one: tuple[str, str, str, str | None, str | None], number: int) -> dict[str, Any]:
    slice_type, slice_value, name, portfolio, level = one
    period, end = QUARTERS[number]
    part = Decimal(1 if slice_type == "all" else 0.5 if slice_type == "portfolio" else 0.125)
    opening = 4_000_000 + sum(FLOWS.values()) * number
    amounts = {**FLOWS, **PROFIT, **COUNTS, "opening_arr": opening, "arr": opening + sum(FLOWS.values())}
    amounts |= {"fte": 65, "revenue_per_fte": 64_078, "arpa": 812}
    is_ratio = metric in RATIOS or metric in ("market_price", "objectives_on_track")
    unit = "ratio" if is_ratio else "count" if metric in COUNTS else UNITS.get(metric, "money")
    value = Decimal(str(RATIOS.get(metric, 1.02))) if is_ratio else amounts[metric] * part
    is_hidden = metric == "paying_customers" and slice_type == "product"
    return {
        "metric_id": metric,
        "metric_version": "1.0.0",
        "metric_name": metric.replace("_", " ").capitalize(),
        "unit": unit,
        "slice_type": slice_type,
        "slice_value": slice_value,
        "slice_name": name,
        "product_level": level,
        "portfolio_id": portfolio,
        "period_type": "fiscal_quarter",
        "period_id": period,
        "period_end_date": end,
        "is_complete": number < 2,
        "is_rollup": True,
        "value": None if is_hidden else value,
        "value_reason": "too_few" if is_hidden else None,
        "numerator": 2 if metric == "objectives_on_track" else None,
        "denominator": 3 if metric == "objectives_on_track" else None,
        "prior_value": value if number else None,
        "change_value": Decimal("120000.5") if metric == "arr" and number else None,
        "yoy_ratio": 0.25 if metric in ("arr", "mau") else None,
        "plan_value": value + 1000 if metric in PLANNED else None,
        "plan_variance_value": Decimal(-1000) if metric in PLANNED else None,
        "plan_variance_ratio": -0.01 if metric in PLANNED else None,
        "status": "suppressed" if is_hidden else "final" if number < 2 else "partial",
        "currency": "USD" if unit == "money" else None,
    }


def goals() -> list[dict[str, Any]]:
    common: dict[str, Any] = {"is_latest": True, "status": "active", "cycle_name": "Q3", "objective_id": "O1"}
    common |= {"objective_name": GOAL, "portfolio_id": "shop", "product_id": "formula", "is_rollup": False}
    running = {"as_of_date": date(2026, 10, 14), "is_complete": False, "end_date": date(2026, 12, 31), "p_hit": 0.42}
    ended = {"as_of_date": date(2026, 6, 30), "is_complete": True, "end_date": date(2026, 6, 30), "cycle_name": "Q2"}
    scores = {
        "progress_ratio": 0.5,
        "p_hit_lowest": 0.1,
        "p_hit_highest": 0.6,
        "label": "at_risk",
        "label_reason": "pace",
    }
    result = {"goal_type": "key_result", "unit": "percent", "value": 84.0, "target_value": 90.0}
    objective = {"goal_type": "objective", "goal_id": "O1", "goal_name": GOAL, **scores}
    return [
        {**common, **running, **objective},
        {**common, **running, **result, **scores, "goal_id": "K1", "goal_name": "=SUM(A1)"},
        {**common, **ended, **objective},
        {**common, **ended, **result, **scores, "goal_id": "K1", "goal_name": "🚀", "label_reason": "missed"},
    ]


def epics() -> list[dict[str, Any]]:
    common = {"is_rollup": False, "item_level": "epic", "currency": "USD", "as_of_date": date(2026, 10, 14)}
    return [
        {**common, "item_id": "1", "promise_id": "p", "item_name": "=HYPERLINK(1)", "horizon": "now"}
        | {"cost_to_date": Decimal("40525.42"), "promised_size": 5.0, "size_kind": "percent", "effect": 21.9}
        | {"metric": "mart_usage.wau", "promised_date": date(2026, 11, 3)},
        {**common, "item_id": "2", "promise_id": "NONE", "item_name": GOAL, "horizon": "later"}
        | {"cost_to_date": Decimal("1.50"), "promised_size": 0.5, "size_kind": "absolute", "effect_reason": "too_few"},
    ]


def proofs() -> list[dict[str, Any]]:
    common = {"is_rollup": False, "fiscal_period": "FY26-P06", "period_end_date": date(2026, 6, 30), "status": "agrees"}
    money = {"control_of": "QuickBooks trial balance", "currency": "USD", "difference": 0}
    return [
        {**common, **money, "mart_name": "mart_revenue", "account_group": "revenue", "control": 9, "figure": 9},
        {**common, "mart_name": "mart_usage", "account_group": "events", "control_of": "Amplitude export"}
        | {"control": 7, "figure": 7, "difference": 0},
    ]
