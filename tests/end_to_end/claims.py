"""What must hold of every company that is played: what landed, what is staged and what is built are what happened.

Belongs here: the claims, each a function that lists differences and says so where too little was compared. Does not:
which companies are played and how often they load (test_company_*.py, tests/torture).

A difference means that a figure on somebody's slide is wrong, whatever every other test says.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox import faults
from tests.end_to_end import awaited, controls, costs, effort, headlines, intervals, labels, ledger, recurring, workers
from tests.end_to_end.play import Play, days_of_runs

EMPTY_PAGES = {
    "fault": "empty_page",
    "source": "jira",
    "path": "search/jql|changelog/bulkfetch",
    "count": "always",
    "every": 9,
}
"""Pages of Jira that are empty and lead on, as some sites have them."""

KEPT = ("--select", "+config.materialized:incremental")
"""What an earlier build leaves to the next one; all else is made anew by each."""


@contextmanager
def played(
    home: Path, seed: int, runs: int, *, builds: int = 1, page_cap: int | None = None, last: int | None = None
) -> Iterator[Play]:
    """A company that loads in so many runs and builds after the last ones, but for the last one only what stays; the
    last run, now or so many days after the first day, counts what is there, the others do or do not."""
    play, chance, days = Play(home, seed, page_cap=page_cap), random.Random(seed), days_of_runs(seed, runs, last)
    play.application.rules += faults.rules([EMPTY_PAGES])
    with play.served():
        for run, day in enumerate(days, start=1):
            play.load(day, census=run == runs or chance.random() < 0.5)
            if run > runs - builds:
                play.build(*(() if run == runs else KEPT))
        yield play


def paged_differences(home: Path, seed: int, page_cap: int) -> list[str]:
    """What landed and is not what happened, of the sources that have pages of any size, and what lands once more."""
    play = Play(home, seed, page_cap=page_cap, sources=("files", "jira"))
    play.application.rules += faults.rules([EMPTY_PAGES])
    with play.served():
        landed = play.load()
        found = [] if landed > 700 else [f"only {landed} versions landed"]
        found += play.landed_differences()
        again = play.load()
    return found + ([f"a second run with nothing new lands {again} versions"] if again else [])


def wrong_marts(play: Play) -> list[str]:
    """Figures of any mart that are not the true ones, and marts that are hardly there."""
    comparison = play.compared()
    few = [f"only {mart.rows} rows of {mart.mart}" for mart in comparison.marts if mart.rows < 5 or not mart.compared]
    return few + [example for mart in comparison.marts for example in mart.examples]


CLAIMS: dict[str, Callable[[Play], list[str]]] = {
    "what landed": Play.landed_differences,
    "what is staged": Play.staged_differences,
    "the marts": wrong_marts,
    "the ledger and the reported balances": ledger.differences,
    "what each item of a contract brings, to the second": intervals.differences,
    "recurring revenue and its movements": recurring.differences,
    "recurring revenue, looked at every evening": recurring.evening_differences,
    "each labelled case of billing, by its name": labels.differences,
    "who works where and what was known of it": workers.differences,
    "what each product costs, by stage": costs.differences,
    "what everybody worked on, under each model": effort.differences,
    "what dates of epics are drawn from": awaited.differences,
    "what the vendors say themselves": controls.differences,
    "plain sums of marts": headlines.differences,
}
