"""What the command line prints.

Belongs here: words, tables, progress; plain where the output is no terminal. Does not: deciding anything, the
figures of the marts (headline.py, agreement.py).
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from cli import agreement
from cli.headline import tables
from orchestration.deployment import Deployment
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


@contextmanager
def progress(company: Deployment) -> Iterator[Callable[[str, str], None]]:
    """A line that follows what steps say; one line per step where there is no terminal."""
    screen = out()
    screen.print(f"{company.described} in {company.home}")
    reported: set[str] = set()
    with screen.status("starting") as line:

        def report(step: str, text: str) -> None:
            words = f"{WORDS.get(step.split('_')[0], 'checking')} ({step})"
            line.update(f"{words}: {text}")
            if not screen.is_terminal and step not in reported:
                reported.add(step)
                screen.print(words)

        yield report


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
        for one in served.failures:
            since = one.since[:16].replace("T", " ")
            text = f"to mend: {one.check} on {one.asset}, since {since} UTC, by {one.owner}: {one.next_step}"
            err().print(text, markup=False)
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
