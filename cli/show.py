"""What the command line says of runs: their progress, what they did, what is proven.

Belongs here: these words and tables. Does not: how anything looks (screen.py), deciding anything, the figures of the
marts (headline.py, agreement.py).
"""

import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Column

from cli import agreement
from cli.headline import tables
from cli.screen import Table, beside, err, note, print_tables
from orchestration.deployment import Deployment
from orchestration.progress import Listener
from orchestration.steps import Outcome
from quality.proof import page
from serving.board import packs
from serving.published import current, status

WORDS = {"land": "landing", "build": "building", "published": "publishing", "board": "writing packs"}


class Following(Listener):
    """In a terminal one line that follows what steps say, until they have ended; elsewhere one line a step, when it
    begins."""

    def __init__(self, screen: Console) -> None:
        self._screen, self._started, self._place = screen, time.monotonic(), ""
        text = TextColumn("{task.description}", table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1))
        bar = Progress(SpinnerColumn("line"), TimeElapsedColumn(), text, console=screen, transient=True, expand=True)
        self._bar = bar if screen.is_interactive else None
        self._task = bar.add_task("starting", total=None)

    def begin(self, step: str, number: int, of: int) -> None:
        self._place = f"step {number} of {of}, {WORDS.get(step.split('_')[0], 'checking')} ({step})"
        if self._bar:
            self.say(step, "")
        else:
            self._screen.print(f"{self._place}, after {elapsed(time.monotonic() - self._started)}")

    def say(self, step: str, text: str) -> None:
        if self._bar:
            self._bar.update(self._task, description=escape(f"{self._place}{': ' if text else ''}{text}"))

    def end(self) -> None:
        """Before anything else is printed: the line would be drawn into it."""
        if self._bar:
            self._bar.stop()

    def start(self) -> None:
        if self._bar:
            self._bar.start()


@contextmanager
def progress(company: Deployment, form: str) -> Iterator[Following]:
    """Shows what a run does, until it is ended."""
    screen = beside(form)
    screen.print(f"{company.described} in {company.home}")
    following = Following(screen)
    following.start()
    try:
        yield following
    finally:
        following.end()


def elapsed(seconds: float) -> str:
    return "{}:{:02}".format(*divmod(int(seconds), 60))


def interrupted(company: Deployment, what: str) -> str:
    """What a person reads who ended a run."""
    served = current(company.home)
    state = f"{served.snapshot_id} is served" if served else "nothing is published yet"
    return f"{what} was interrupted: what landed and was built counts, and {state}; run it again to continue"


def whose(company: Deployment) -> None:
    """Says so where what follows is of a made-up company, beside output that may go to a file."""
    if company.seed is not None:
        note(f"figures of {company.described}")


def outcome(company: Deployment, done: Outcome, form: str = "text", proofs: Sequence[Table] = ()) -> None:
    """What a run did and where to look; ``proofs``: what was shown with it."""
    words, served = beside(form), current(company.home)
    figures = list(tables(served)) if done.snapshot and served else []
    if form == "text":
        print_tables([*proofs, *_landed(done)], form)
    for text in done.notes:
        note(text)
    if done.built:
        words.print(f"models built: {done.built}")
    if done.checks_passed or done.checks_failed:
        words.print(f"tests and proofs: {done.checks_passed} passed, {len(done.checks_failed)} red")
    for name in done.checks_failed:
        err().print(f"red: {name}", markup=False)
    for text in done.errors:
        err().print(f"error: {text}", markup=False)
    print_tables(figures if form == "text" else [_summary(done), *_landed(done), *proofs, *figures], form)
    if done.snapshot and served:
        for text in agreement.lines(served):
            words.print(text, markup=False)
        where = served.folder.parent.parent / "current"
        words.print(f"published of {company.described}: {where} ({served.snapshot_id})")
        for mart, held in served.held.items():
            rows = f"shows the rows of {held['rows_of']}" if held["rows_of"] else "is not there yet"
            err().print(f"held back: {mart} {rows}", markup=False)
        for one in served.failures:
            since = one.since[:16].replace("T", " ")
            text = f"to mend: {one.check} on {one.asset}, since {since} UTC, by {one.owner}: {one.next_step}"
            err().print(text, markup=False)
        words.print(f"the Dagster UI: make ui{'' if company.seed in (None, 1) else f' SEED={company.seed}'}")
    elif served and not done.exit_code and status(company.home).is_stale:
        words.print(f"served: {served.snapshot_id}, stale: {status(company.home).reason}", markup=False)
    for path in done.packs:
        pack = json.loads((Path(path) / packs.SIDECAR).read_text())
        state = "final" if pack["is_final"] else "draft, as books are open"
        words.print(f"board pack {pack['period']} for {pack['audience']} ({state}): {path}", markup=False)
    if done.exit_code:
        marked = ", marked stale" if status(company.home).is_stale else ""
        served_now = f"still served: {served.snapshot_id}{marked}" if served else "nothing is published yet"
        state = "all that does not need what failed is published" if done.snapshot else served_now
        err().print(
            f"{done.job} failed after {done.seconds:.0f} s; {state}; more in {company.home / 'logs'} and `make ui`"
        )
        return
    if done.nothing_new:
        steps = "built, checked and published" if done.job == "main" else "built and checked"
        words.print(f"nothing new: {steps} as of {done.nothing_new}")
    words.print(f"{done.job} done in {done.seconds:.0f} s")


def proven(warehouse: Path) -> Table:
    """What each mart is proven by, over all periods, and why periods are held back."""
    groups, held = page(warehouse)
    columns = ("mart", "account_group", "control", "periods", "agree", "held_back", "with_named_items")
    heads = ("mart", "of", "control", "periods", "agree", "held back", "with named items")
    table = Table("proofs", "marts and their controls", columns, heads, words=3)
    for one in groups:
        counts = (one.periods, one.agreeing, one.held_back, one.explained)
        table.add((one.mart, one.account_group, one.control_of, *counts))
    table.notes += held
    return table


def _summary(done: Outcome) -> Table:
    """The run itself, for programs."""
    columns = ("job", "run_id", "exit_code", "seconds", "models_built", "checks_passed", "checks_red", "snapshot_id")
    table = Table("run", "the run", (*columns, "nothing_new_since"))
    counts = (done.built, done.checks_passed, len(done.checks_failed))
    table.add((done.job, done.run_id, done.exit_code, round(done.seconds, 3), *counts, done.snapshot, done.nothing_new))
    return table


def _landed(done: Outcome) -> Iterator[Table]:
    """What a load brought, stream by stream; people see streams without news as a number. Of a source that is off or
    has nothing no stream is listed."""
    columns = ("stream", "seen", "landed", "deleted")
    table = Table("landed", "landed", columns, ("stream", "seen", "new or changed", "deleted"))
    sources = {stream.partition("/")[0] for stream, counts in done.landed.items() if any(counts.values())}
    quiet: Counter[str] = Counter()
    for stream, counts in sorted(done.landed.items()):
        source = stream.partition("/")[0]
        if source in sources:
            table.add((stream, *(counts[name] for name in columns[1:])))
        if source in sources and not (counts["landed"] or counts["deleted"]):
            quiet[source] += 1
            table.lines.pop()
    if quiet:
        listed = ", ".join(f"{number} of {source}" for source, number in quiet.items())
        table.notes.append(f"streams without news: {listed}")
    if table.records:
        yield table
