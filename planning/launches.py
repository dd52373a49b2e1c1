"""What launches have changed: of each promise of a metric, the effect on the accounts that have what was launched.

An account is a customer of the company; it has a feature since the week in which a flag showed it to anybody of it, and
where no flag stands for the feature, since the week in which anybody of it used it. That week is in neither time: it is
part of both, and who is shown something is there.

Belongs here: who had what since when and what each used, as panels. Does not: estimates (effects.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import numpy as np

from planning.effects import Array, Effect, Panel, beyond_own_trend, estimate

METRICS = {
    "mart_usage.events": "sum(events)",
    "mart_usage.wau": "count(distinct canonical_user_id)",
}
"""What can be measured of an account and week. Other measures are of the company, which has nothing beside it."""
BEFORE, AFTER = timedelta(weeks=52), timedelta(weeks=26)
"""So long before the first account had it, and after: a year has all seasons, and half a year other launches."""
PROMISES = """
    select promise_id, metric, product_id, coalesce(feature_id, product_id), size_kind
    from staging.stg_files__promises where metric is not null order by promise_id
"""
PEOPLE = "not is_bot and not is_internal and customer_id <> 'UNMAPPED'"
SHOWN = f"""
    select daily.customer_id, date_trunc('week', min(daily.activity_date))::date
    from intermediate.int_events_attributed as daily
    inner join intermediate.int_usage_keys_resolved as resolved
        on daily.activity_date = resolved.activity_date and resolved.object_type = 'exposure'
        and daily.flag_key = resolved.place_key
    where resolved.product_id = ? and {PEOPLE} and daily.events > 0 and daily.is_dated group by all
"""
USED = f"""
    select customer_id, date_trunc('week', min(activity_date))::date from intermediate.fct_event_daily
    where product_id = ? and is_active and {PEOPLE} and activity_date < ? group by all
"""
WEEKLY = f"""
    select customer_id, date_trunc('week', activity_date)::date, {{measure}}::double from intermediate.fct_event_daily
    where product_id = ? and is_active and {PEOPLE} and activity_date < ? group by all
"""
LAST = "select date_trunc('week', max(last_date))::date from intermediate.int_amplitude_clocks_read"


@dataclass(frozen=True, slots=True)
class Launch:
    """``groups``: whether accounts differ in what they were shown (exposed) or in what they took up (adopted)."""

    panel: Panel
    groups: str
    exposed: int
    adopting: int
    launched: date


def effect_estimates(built: duckdb.DuckDBPyConnection, _: date) -> Iterator[dict[str, str | int | None]]:
    """One row a promise of a metric, as of the last week that is over in the events: no day changes it by itself."""
    for promise_id, metric, product, feature, kind in built.execute(PROMISES).fetchall():
        launch = read(built, metric, product, feature, kind == "percent") if metric in METRICS else None
        reason = "no_release" if metric in METRICS else "no_metric"
        found = estimate(launch.panel) if launch else Effect(0, 0, reason=reason)
        yield {
            "promise_id": promise_id,
            "launched_date": launch.launched.isoformat() if launch else None,
            "account_groups": launch.groups if launch else None,
            "accounts": len(launch.panel.since) if launch else 0,
            "exposed_accounts": launch.exposed if launch else 0,
            "adopting_accounts": launch.adopting if launch else 0,
            "compared_exposed": found.exposed,
            "compared_control": found.control,
            "reason": found.reason or None,
            **{name: text(getattr(found, name)) for name in ("effect", "low", "high", "pre_trend_p", "placebo_p")},
            "beyond_own_trend": text(own_trend(launch.panel)) if launch and found.reason == "pre_trend" else None,
        }


def text(value: float | None) -> str | None:
    """To nine digits: what chance decides beyond them is no news."""
    return None if value is None else f"{value:.9g}"


def read(built: duckdb.DuckDBPyConnection, metric: str, product: str, feature: str, is_relative: bool) -> Launch | None:
    """The accounts that use the product, week by week; None where nobody has the feature yet."""
    (end,) = built.execute(LAST).fetchall()[0]
    if end is None:
        return None
    used = dict(built.execute(USED, [feature, end]).fetchall())
    shown = dict(built.execute(SHOWN, [feature]).fetchall())
    had = {account: week for account, week in (shown or used).items() if week < end}
    if not had:
        return None
    launched = min(had.values())
    uses = built.execute(WEEKLY.format(measure=METRICS[metric]), [product, end]).fetchall()
    first = max(launched - BEFORE, min((week for _, week, _ in uses), default=launched))
    weeks = (min(end, launched + AFTER) - first).days // 7
    accounts = sorted({account for account, _, _ in uses} | set(had))
    place = {account: number for number, account in enumerate(accounts)}
    use = np.zeros((len(accounts), weeks))
    for account, week, value in uses:
        if 0 <= (number := (week - first).days // 7) < weeks:
            use[place[account], number] = value
    since = np.array([(had[one] - first).days // 7 if one in had else weeks for one in accounts], dtype=np.int64)
    panel = Panel(use, np.clip(since, 0, weeks), is_relative, gap=1)
    adopting = sum(account in used for account in had)
    return Launch(panel, "exposed" if shown else "adopted", len(had), adopting, launched)


def own_trend(panel: Panel) -> float | None:
    """Of those who had it first."""
    first = int(panel.since.min())
    having: Array = panel.use[panel.since == first]
    return beyond_own_trend(having, first)
