"""Launches as the warehouse knows them: who had what since when, week by week, and what the estimate says of it."""

from datetime import date, timedelta

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from planning.launches import effect_estimates

TODAY = date(2026, 6, 1)
FIRST, WEEKS, LAUNCHED = date(2025, 10, 6), 34, 24
TABLES = """
    create schema staging; create schema intermediate;
    create table staging.stg_files__promises
        (promise_id text, metric text, product_id text, feature_id text, size_kind text);
    create table intermediate.int_amplitude_clocks_read (last_date date);
    create table intermediate.int_usage_keys_resolved
        (activity_date date, object_type text, place_key text, product_id text);
    create table intermediate.int_events_attributed (
        activity_date date, flag_key text, customer_id text, is_bot boolean, is_internal boolean, is_dated boolean,
        events int
    );
    create table intermediate.fct_event_daily (
        activity_date date, customer_id text, canonical_user_id text, product_id text, is_active boolean,
        is_bot boolean, is_internal boolean, events int
    );
"""
PROMISES = [
    ("events", "mart_usage.events", "shop", "express", "percent"),
    ("people", "mart_usage.wau", "shop", "express", "absolute"),
    ("taken up", "mart_usage.events", "blog", "wishlist", "percent"),
    ("arr", "mart_arr.closing_arr", "shop", None, "percent"),
    ("not yet", "mart_usage.events", "shop", "voice", "percent"),
]


@pytest.fixture(scope="module")
def built() -> duckdb.DuckDBPyConnection:
    """120 accounts of a shop; 40 of them are shown Express Pay in the 24th week, and a fifth more events is what they
    do from then on, and one more person. Half of them use it. Machines, colleagues and nobody's events are there as
    well. They read a blog too: a third read more every week, and took up its wishlist when there was one."""
    draws = np.random.default_rng(7)
    warehouse = duckdb.connect()
    warehouse.execute(TABLES)
    warehouse.executemany("insert into staging.stg_files__promises values (?, ?, ?, ?, ?)", PROMISES)
    uses, shown = [], []
    for account in range(120):
        has, grows = account < 40, account % 3 == 0
        name, one = f"C{account}", f"{account}/0"
        for week in range(WEEKS):
            day, is_after = FIRST + timedelta(weeks=week, days=2), week > LAUNCHED
            people = 2 + account % 3 + (has and is_after)
            level = (20 + account % 7) * (1.2 if has and is_after else 1) / people
            uses += [
                (day, name, f"{account}/{who}", "shop", True, False, False, 1 + int(draws.poisson(level)))
                for who in range(people)
            ]
            uses.append((day, name, "a machine", "shop", True, True, False, 500 * has))
            uses.append((day, "UNMAPPED", "nobody", "shop", True, False, False, 90))
            uses.append((day, name, one, "blog", True, False, False, int(draws.poisson(20 * 1.03 ** (week * grows)))))
            if has and account % 2 and is_after:
                uses.append((day, name, one, "express", True, False, False, 1))
            if grows and week >= LAUNCHED:
                uses.append((day, name, one, "wishlist", True, False, False, 1))
        seen = FIRST + timedelta(weeks=LAUNCHED, days=account % 5)
        shown.append((seen, "express-pay" if has else "other", name, False, False, True, 1))
        shown.append((FIRST, "express-pay", name, False, True, True, 1))
    for table, rows in (("fct_event_daily", uses), ("int_events_attributed", shown)):
        columns = {str(number): pa.array(column) for number, column in enumerate(zip(*rows, strict=True))}
        warehouse.register("frame", pa.table(columns))
        warehouse.execute(f"insert into intermediate.{table} from frame")
    warehouse.execute("""
        insert into intermediate.int_usage_keys_resolved
        select distinct activity_date, 'exposure', 'express-pay', 'express' from intermediate.int_events_attributed
    """)
    warehouse.execute("insert into intermediate.int_amplitude_clocks_read values (?)", [FIRST + timedelta(weeks=WEEKS)])
    return warehouse


def test_accounts_that_were_shown_it_are_compared_with_those_that_were_not(built: duckdb.DuckDBPyConnection) -> None:
    found = {row["promise_id"]: row for row in effect_estimates(built, TODAY)}
    assert list(found) == sorted(name for name, *_ in PROMISES)
    events = found["events"]
    assert (events["reason"], events["account_groups"]) == (None, "exposed")
    assert (events["accounts"], events["exposed_accounts"], events["adopting_accounts"]) == (120, 40, 20)
    assert (events["compared_exposed"], events["compared_control"]) == (40, 80)
    low, effect, high = (float(str(events[name])) for name in ("low", "effect", "high"))
    assert low < 0.2 < high
    assert high - low < 0.2
    assert effect == pytest.approx(0.2, abs=0.06)
    people = found["people"]
    assert (people["reason"], people["effect"], people["low"], people["high"]) == (None, "1", "1", "1")
    assert events["launched_date"] == str(FIRST + timedelta(weeks=LAUNCHED))


def test_who_took_it_up_while_growing_and_what_no_account_has_are_refused(built: duckdb.DuckDBPyConnection) -> None:
    found = {row["promise_id"]: row for row in effect_estimates(built, TODAY)}
    grown = found["taken up"]
    assert (grown["account_groups"], grown["reason"], grown["effect"]) == ("adopted", "pre_trend", None)
    assert abs(float(str(grown["beyond_own_trend"]))) < 0.1, "they went on as they did before"
    assert (found["arr"]["reason"], found["not yet"]["reason"]) == ("no_metric", "no_release")
    assert found["arr"]["beyond_own_trend"] is found["events"]["beyond_own_trend"] is None


def test_without_usage_nothing_was_released(built: duckdb.DuckDBPyConnection) -> None:
    empty = duckdb.connect()
    empty.execute(TABLES)
    empty.executemany("insert into staging.stg_files__promises values (?, ?, ?, ?, ?)", PROMISES)
    assert {row["reason"] for row in effect_estimates(empty, TODAY)} == {"no_release", "no_metric"}
