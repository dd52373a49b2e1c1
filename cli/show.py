"""What the command line prints.

Belongs here: words, tables, progress; plain where the output is no terminal. Does not: deciding anything, the
figures of the marts (headline.py, agreement.py).
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from cli import agreement
from cli.headline import tables
from orchestration.deployment import Deployment
from orchestration.progress import Listener
from orchestration.steps import Outcome
from quality.proof import page
from serving.published import current, status

WORDS = {"land": "landing", "build": "building", "published": "publishing"}
WIDEST = 1_000  # of any table


def out() -> Console:
    """Bound to the stream of this moment: while dbt runs, what it says goes elsewhere."""
    return Console(file=sys.stdout, highlight=False, soft_wrap=True)


def err() -> Console:
    return Console(file=sys.stderr, highlight=False, soft_wrap=True)


class _Progress(Listener):
    """In a terminal one line that follows what steps say; elsewhere one line a step, when it begins."""

    def __init__(self, screen: Console) -> None:
        self._screen, self._started, self._place = screen, time.monotonic(), ""
        self.bar = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=screen, transient=True
        )
        self._task = self.bar.add_task("starting", total=None)

    def begin(self, step: str, number: int, of: int) -> None:
        self._place = f"step {number} of {of}, {WORDS.get(step.split('_')[0], 'checking')} ({step})"
        if self._screen.is_terminal:
            self.say(step, "")
        else:
            self._screen.print(f"{self._place}, after {elapsed(time.monotonic() - self._started)}")

    def say(self, step: str, text: str) -> None:
        self.bar.update(self._task, description=escape(f"{self._place}{': ' if text else ''}{text}"))


@contextmanager
def progress(company: Deployment) -> Iterator[Listener]:
    """Shows what a run does, as long as it lasts."""
    screen = out()
    screen.print(f"{company.described} in {company.home}")
    following = _Progress(screen)
    with following.bar if screen.is_terminal else nullcontext():
        yield following


def elapsed(seconds: float) -> str:
    return "{}:{:02}".format(*divmod(int(seconds), 60))


def interrupted(company: Deployment, what: str) -> str:
    """What a person reads who ended a run."""
    served = current(company.home)
    state = f"served as before: {served.snapshot_id}" if served else "nothing is published yet"
    return f"{what} was interrupted: what landed and was built counts; {state}; run it again to continue"


def print_table(one: Table) -> None:
    """As wide as its figures: in a terminal that is narrower a line breaks, and no digit is lost."""
    screen = out()
    needed = Measurement.get(screen, screen.options.update(max_width=WIDEST), one)
    screen.width = max(screen.width, needed.minimum) if screen.is_terminal else WIDEST
    screen.print(one)


def note(text: str) -> None:
    """Something that a person should know and need not mend."""
    err().print(f"note: {text}", markup=False)


def whose(company: Deployment) -> None:
    """Says so where what follows is of a made-up company, beside output that may go to a file."""
    if company.seed is not None:
        note(f"figures of {company.described}")


def outcome(company: Deployment, done: Outcome) -> None:
    """What a run did and where to look."""
    if done.landed:
        out().print(_landed(done))
    for text in done.notes:
        note(text)
    if done.built:
        out().print(f"models built: {done.built}")
    if done.checks_passed or done.checks_failed:
        out().print(f"tests and proofs: {done.checks_passed} passed, {len(done.checks_failed)} red")
    for name in done.checks_failed:
        err().print(f"red: {name}", markup=False)
    for text in done.errors:
        err().print(f"error: {text}", markup=False)
    served = current(company.home)
    if done.snapshot and served:
        for one in tables(served):
            print_table(one)
        for text in agreement.lines(served):
            out().print(text, markup=False)
        where = served.folder.parent.parent / "current"
        out().print(f"published of {company.described}: {where} ({served.snapshot_id})")
        for mart, held in served.held.items():
            rows = f"shows the rows of {held['rows_of']}" if held["rows_of"] else "is not there yet"
            err().print(f"held back: {mart} {rows}", markup=False)
        out().print(f"the Dagster UI: make ui{'' if company.seed in (None, 1) else f' SEED={company.seed}'}")
    elif served and not done.exit_code and status(company.home).is_stale:
        out().print(f"served: {served.snapshot_id}, stale: {status(company.home).reason}", markup=False)
    if done.exit_code:
        served_now = f"still served: {served.snapshot_id}, marked stale" if served else "nothing is published yet"
        state = "all that does not need what failed is published" if done.snapshot else served_now
        err().print(
            f"{done.job} failed after {done.seconds:.0f} s; {state}; more in {company.home / 'logs'} and `make ui`"
        )
        return
    if done.nothing_new:
        steps = "built, checked and published" if done.job == "main" else "built and checked"
        out().print(f"nothing new: {steps} as of {done.nothing_new}")
    out().print(f"{done.job} done in {done.seconds:.0f} s")


def proven(warehouse: Path) -> None:
    """What each mart is proven by, over all periods, and why periods are held back."""
    groups, held = page(warehouse)
    columns = ("mart", "of", "control", "periods", "agree", "held back", "with named items")
    table = Table(*columns, title="marts and their controls", title_justify="left")
    for one in groups:
        counts = (one.periods, one.agreeing, one.held_back, one.explained)
        table.add_row(one.mart, one.account_group, one.control_of, *(f"{count:,}" for count in counts))
    print_table(table)
    for text in held:
        out().print(text, markup=False)


def _landed(done: Outcome) -> Table:
    table = Table("stream", "seen", "new or changed", "deleted", title="landed", title_justify="left")
    # of a source that is off or has nothing no stream is listed
    sources = {stream.partition("/")[0] for stream, counts in done.landed.items() if any(counts.values())}
    for stream, counts in sorted(done.landed.items()):
        if stream.partition("/")[0] not in sources:
            continue
        table.add_row(stream, *(f"{counts[name]:,}" for name in ("seen", "landed", "deleted")))
    return table
