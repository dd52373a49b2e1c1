"""What products cost, as the models of the restricted database share it out and as it truly is.

Belongs here: both sides in the same words. Does not: the claim (claims.py). A cell of few people shows their pay, so
that no difference shows an amount.
"""

from typing import Any

import duckdb

from sandbox.timestamps import ms
from sandbox.truth.cost import Costs
from tests.end_to_end.play import Play

STAGES = ("direct", "team", "shared", "overhead")
LEAST = 500
"""Cells of any company; with fewer, nothing would be proven."""
ALLOCATED = """
    select fiscal_period, product_id, stage, statement_group, cost_type, cast(sum(amount_minor) as bigint)
    from restricted.intermediate.fct_allocation
    where scenario_id = 'actual'
    group by all
    having sum(amount_minor) <> 0
"""
BY_POSTING = """
    select costs.gl_line_id
    from warehouse.intermediate.int_cost_postings_selected as costs
    left join restricted.intermediate.fct_allocation as parts
        on costs.gl_line_id = parts.gl_line_id and parts.scenario_id = 'actual'
    group by costs.gl_line_id, costs.amount_minor
    having costs.amount_minor is distinct from sum(parts.amount_minor)
"""
BY_ACCOUNT = """
    select fiscal_period, account_id, cast(sum(amount_minor) as bigint)
    from restricted.intermediate.fct_allocation
    where scenario_id = 'actual'
    group by all
    having sum(amount_minor) <> 0
"""


def differences(play: Play) -> list[str]:
    """Cells of either side that the other one lacks or has another amount in, postings that do not add up, and accounts
    whose periods are not what moved between two trial balances."""
    derived, true = derived_cells(play), true_cells(play)
    found = [] if len(derived) > LEAST else [f"only {len(derived)} cells"]
    found += [f"stage {stage}: no cell" for stage in STAGES if stage not in {key[2] for key in derived}]
    found += [f"cost of {'/'.join(key)}: differs" for key in sorted(dict(derived.items() ^ true.items()))]
    found += [f"posting {one}: its parts do not add up to it" for (one,) in _rows(play, BY_POSTING)]
    moved = {(period, account): amount for period, account, amount in _rows(play, BY_ACCOUNT)}
    return found + [f"account {'/'.join(key)}: differs" for key in sorted(dict(moved.items() ^ posted(play).items()))]


def derived_cells(play: Play) -> dict[tuple[str, ...], int]:
    return {tuple(key): amount for *key, amount in _rows(play, ALLOCATED)}


def true_cells(play: Play) -> dict[tuple[str, ...], int]:
    return {
        (row.fiscal_period, row.product_id, STAGES[row.stage], row.statement_group, row.cost_type): row.amount
        for row in Costs(play.company, ms(play.now)).rows()
    }


def posted(play: Play) -> dict[tuple[str, str], int]:
    """What the books themselves have posted on accounts of cost, by period and account."""
    costs, found = Costs(play.company, ms(play.now)), dict[tuple[str, str], int]()
    for period in costs.postings.periods:
        for posting in costs.postings.of(period):
            if costs.kind(posting)[0]:
                key = (period.name, posting.account)
                found[key] = found.get(key, 0) + posting.amount
    return {key: amount for key, amount in found.items() if amount}


def _rows(play: Play, sql: str) -> list[tuple[Any, ...]]:
    """Over the warehouse and what is restricted."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{play.home}/warehouse.duckdb' as warehouse (read_only)")
        connection.execute(f"attach '{play.home}/restricted/people.duckdb' as restricted (read_only)")
        return connection.execute(sql).fetchall()
