"""What the commands do: settle the company, take the lease, run jobs, report the outcome.

Belongs here: the order of these. Does not: jobs (defs/), texts (show.py).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from cli import show
from cli.screen import Table
from cli.show import Following
from ingestion import clock, lease
from ingestion.errors import SettingsError
from ingestion.sources import SOURCES
from orchestration import deployment, interruption, steps, warehouse
from orchestration.deployment import Deployment
from orchestration.steps import Outcome
from sandbox import files
from serving.publish import mark_stale


def run(seed: int | None, form: str) -> int:
    """Loads every source, then runs of the main job what is due by what landed."""
    with ready(seed, "prodops run", form) as (settled, report):
        deployment.refuse_bad_settings(settled, SOURCES)
        with deployment.sources_reachable(settled):
            loaded = steps.run("load", report=report)
        if loaded.exit_code and not steps.rest_may_move():
            return finish(settled, report, loaded, form)
        done = steps.after(loaded, steps.run_due("main", report=report))
        packed = steps.run("board", report=report) if steps.lacks_pack() else None
        return finish(settled, report, done, form, packed=packed)


def build(seed: int | None, *, full: bool) -> int:
    """Builds and tests what is due, or everything."""
    with ready(seed, "prodops build") as (settled, report):
        done = steps.run("build", report=report) if full else steps.run_due("build", report=report)
        return finish(settled, report, done)


def load(sources: tuple[str, ...], *, census: bool, resync: bool, seed: int | None, form: str) -> int:
    """Loads the sources named, or all, side by side."""
    from orchestration.loads import how_to_switch_on, load_config, switched_on

    unknown = [name for name in sources if name not in SOURCES]
    if unknown:
        raise SettingsError(", ".join(unknown), f"no such source; there are {', '.join(SOURCES)}")
    with ready(seed, "prodops load", form) as (settled, report), deployment.sources_reachable(settled):
        on = [source.name for source in switched_on()]
        for name in sources:
            if name not in on:
                raise SettingsError(name, how_to_switch_on(SOURCES[name]))
        wanted = list(sources or on)
        deployment.refuse_bad_settings(settled, wanted)
        config = load_config(census=census, resync=resync, sources=wanted)
        return finish(settled, report, steps.run("load", config=config, sources=wanted, report=report), form)


def board(seed: int | None, period: str | None, audiences: Sequence[str]) -> int:
    """Packs of a period for these audiences, or for all that get one by themselves."""
    with ready(seed, "prodops board") as (settled, report):
        done = steps.write_packs(period, audiences, report)
        report.end()
        show.outcome(settled, done)
        return done.exit_code


def job(name: str, seed: int | None, form: str = "text") -> int:
    """A job that needs no source."""
    with ready(seed, f"prodops {name}", form) as (settled, report):
        return finish(settled, report, steps.run(name, report=report), form)


def check(seed: int | None, form: str) -> int:
    """Every test and proof, and what each mart is proven by."""
    built = warehouse.warehouse_of(deployment.settle(seed).home)
    with ready(seed, "prodops check", form) as (settled, report):
        done = steps.run("check", report=report)
        return finish(settled, report, done, form, [show.proven(built)])


@contextmanager
def ready(seed: int | None, what: str, form: str = "text") -> Iterator[tuple[Deployment, Following]]:
    """The company, its home leased and cleared of what a killed run left, and what reports progress."""
    settled = deployment.settle(seed)
    with interruption.noticed(), lease.hold(settled.home, what):
        steps.end_dead_runs()
        steps.forget_old_runs()
        if done := steps.wait_for_warehouse(settled.home / "warehouse.duckdb"):
            show.note(done)
        try:
            with show.progress(settled, form) as report:
                yield settled, report
        except KeyboardInterrupt:
            steps.end_dead_runs(interrupted=True)
            raise KeyboardInterrupt(show.interrupted(settled, what)) from None


def finish(
    settled: Deployment,
    report: Following,
    outcome: Outcome,
    form: str = "text",
    proofs: Sequence[Table] = (),
    packed: Outcome | None = None,
) -> int:
    """Reports what happened; what went wrong also stands beside what is served, unless what was published says it.
    ``packed``: the packs that followed, which change nothing of what is served."""
    report.end()
    if outcome.exit_code and outcome.snapshot is None:  # first: somebody may interrupt what is printed
        problem = next(iter([*outcome.errors, *outcome.checks_failed]), f"{outcome.job} failed")
        mark_stale(settled.home, problem, clock.now())
    outcome = steps.with_packs(outcome, packed) if packed else outcome
    show.outcome(settled, outcome, form, proofs)
    if settled.seed is not None and (edited := files.edited(deployment.made_up_files(settled.home))):
        show.note(f"{', '.join(edited)} are as somebody edited them; prodops sandbox reset restores them")
    return outcome.exit_code
