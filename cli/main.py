"""The command line.

Belongs here: what a person types and the exit code they get. Does not: what commands do (commands.py, imported when
needed: Dagster alone takes two seconds).
"""

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from ingestion import disk
from ingestion.errors import ProdopsError

Command = Callable[..., int | None]


def reported(command: Command) -> Command:
    """Ends with the command's exit code; an error meant for a person is one line, without a traceback."""

    @wraps(command)
    def run(*args: Any, **options: Any) -> None:
        try:
            sys.exit(command(*args, **options) or 0)
        except ProdopsError as error:
            click.echo(f"error: {error}", err=True)
            sys.exit(error.exit_code)
        except KeyboardInterrupt as interruption:
            click.echo(str(interruption) or "interrupted; run the same command again to continue", err=True)
            sys.exit(130)
        except Exception as error:
            if (full := disk.full_disk(error)) is None:
                raise
            click.echo(f"error: {full}", err=True)
            sys.exit(full.exit_code)

    return run


class Commands(click.Group):
    """Commands whose every typing error is one line as well."""

    def main(self, *args: Any, **extra: Any) -> Any:
        try:
            return super().main(*args, **{**extra, "prog_name": "prodops", "standalone_mode": False})
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
        except click.UsageError as error:
            command = error.ctx.command_path if error.ctx else "prodops"
            text = " ".join(error.format_message().split())
            click.echo(f"error: {text} ({command} --help says what can be typed)", err=True)
        except click.Abort:
            sys.exit(130)
        sys.exit(2)


class Whole(click.IntRange):
    """A whole number in a range, refused in plain words."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            return int(super().convert(value, param, ctx))
        except click.BadParameter:
            most = f" to {self.max}" if self.max is not None else " on"
            self.fail(f"{value!r} is no whole number from {self.min}{most}", param, ctx)


seed_option = click.option("--seed", type=Whole(min=1), default=None, help="Which made-up company (default 1).")


format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    help="How tables are printed; json and csv have all columns and exact values.",
)


def port_option(default: int, text: str, least: int = 1) -> Callable[[Command], Command]:
    return click.option("--port", type=Whole(least, 65535), default=default, help=text)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """The product operations warehouse. Exit codes: 0 done, 1 a check is red, 2 bad settings or files, 3 a source
    failed, 4 another run holds the lease, 5 a disk is full, 130 interrupted. docs/runbook says what to do."""


@main.command()
@click.option("--yes", is_flag=True, help="Ask nothing: what landed decides, as without a terminal.")
@click.option("--rate", "rates", multiple=True, metavar="USD=1.08", help="How much of a currency one euro is.")
@reported
def init(yes: bool, rates: tuple[str, ...]) -> int:
    """Write a new company's settings and files. They are filled from what landed; nothing that is filled is
    overwritten."""
    from cli import init

    return init.begin(rates, yes=yes)


@main.command()
@format_option
@seed_option
@reported
def run(seed: int | None, form: str) -> int:
    """Land what is new; build, check and publish what follows."""
    from cli import commands

    return commands.run(seed, form)


@main.command()
@click.argument("sources", nargs=-1)
@click.option("--no-census", is_flag=True, help="Don't look for deletions.")
@click.option("--resync", is_flag=True, help="Read everything again from the first day.")
@format_option
@seed_option
@reported
def load(sources: tuple[str, ...], no_census: bool, resync: bool, seed: int | None, form: str) -> int:
    """Land what is new, from all sources or those named."""
    from cli import commands

    return commands.load(sources, census=not no_census, resync=resync, seed=seed, form=form)


@main.command()
@click.option("--full", is_flag=True, help="Build and test everything, also what nothing new has touched.")
@seed_option
@reported
def build(full: bool, seed: int | None) -> int:
    """Build and test what is new. That is what landed, what was edited, and all that follows from it."""
    from cli import commands

    return commands.build(seed, full=full)


@main.command()
@format_option
@seed_option
@reported
def check(seed: int | None, form: str) -> int:
    """Run every test and proof again, without building. Shows what each mart is proven by."""
    from cli import commands

    return commands.check(seed, form)


@main.command()
@format_option
@seed_option
@reported
def publish(seed: int | None, form: str) -> int:
    """Publish the marts, if every blocking check is green."""
    from cli import commands

    return commands.job("publish", seed, form)


@main.command()
@seed_option
@reported
def rebuild(seed: int | None) -> int:
    """Build the warehouse again from landing. It is deleted first; no source is called."""
    from cli import commands

    return commands.job("rebuild", seed)


@main.command()
@click.option("--period", metavar="FY26-Q3", default=None, help="Quarter or period (default: the newest quarter over).")
@click.option(
    "--audience",
    "audiences",
    multiple=True,
    metavar="AUDIENCE",
    help="company, a portfolio's id or product:<id>; may be given again (default: company and portfolios).",
)
@seed_option
@reported
def board(period: str | None, audiences: tuple[str, ...], seed: int | None) -> int:
    """Write board packs from what is published. Slides, workbook, page and data of the same figures."""
    from cli import commands

    return commands.board(seed, period, audiences)


@main.command()
@seed_option
@reported
def compact(seed: int | None) -> int:
    """Make small landing files one."""
    from cli import commands

    return commands.job("compact", seed)


@main.command()
@seed_option
@reported
def doctor(seed: int | None) -> int:
    """Say what is set up, what is missing and how to fix it."""
    from cli import doctor

    return doctor.examine(seed)


@main.command()
@click.argument("map_file", metavar="[FILE]", required=False)
@format_option
@seed_option
@reported
def mapping(map_file: str | None, form: str, seed: int | None) -> int:
    """Every key that nobody mapped, with what is at stake. For one file (product_map) or all; with suggestions."""
    from cli import mapping

    return mapping.show(seed, map_file, form)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@seed_option
@reported
def verify(file: Path, seed: int | None) -> int:
    """Prove every number in a FILE of a board pack. Each is compared with the snapshot that the file names."""
    from cli import verify

    return verify.show(seed, file)


@main.group()
def restate() -> None:
    """Changes of closed periods. They wait until a person accepts them."""


@restate.command("list")
@format_option
@seed_option
@reported
def list_restatements(seed: int | None, form: str) -> int:
    """What waits to be accepted. The figure that is published, and what it would be."""
    from cli import restate

    return restate.show(seed, form)


@restate.command()
@click.argument("periods", nargs=-1)
@seed_option
@reported
def accept(periods: tuple[str, ...], seed: int | None) -> int:
    """Accept what waits for PERIODS (FY26-P03), or for all. The next run publishes it."""
    from cli import restate

    return restate.accept(seed, periods)


@main.command()
@click.option("--pack", "period", required=True, metavar="FY26-Q2", help="The period of the pack.")
@click.option("--metric", required=True, metavar="arr", help="Of the board, or of a mart, as mart_arr.closing_arr.")
@click.option("--slice", "slice_", default="all", metavar="product=web", help="What it is of (default all).")
@click.option("--audience", default="company", help="Whose pack: company, a portfolio, product:<id> (default company).")
@format_option
@seed_option
@reported
def explain(period: str, metric: str, slice_: str, audience: str, form: str, seed: int | None) -> int:
    """Say why a figure of a pack is another one now. Late data, edits, mappings, rates, code: the share of each."""
    from cli import explain

    return explain.explain(seed, period, metric, slice_, audience, form)


@main.group()
def whatif() -> None:
    """The marts as they would be, beside how they are. Nothing is published."""


@whatif.command()
@click.option("--file", type=click.Path(path_type=Path), required=True, help="Prices that are assumed, as CSV or YAML.")
@format_option
@seed_option
@reported
def price(file: Path, form: str, seed: int | None) -> int:
    """Recurring revenue and prices at other prices."""
    from cli import whatif

    return whatif.price(seed, file, form)


@whatif.command()
@click.option("--file", type=click.Path(path_type=Path), required=True, help="What is assumed, as YAML.")
@format_option
@seed_option
@reported
def cost(file: Path, form: str, seed: int | None) -> int:
    """Cost and profit by product under other assumptions. Headcount, splits of teams, drivers or rules."""
    from cli import whatif

    return whatif.cost(seed, file, form)


@main.command()
@seed_option
@port_option(3000, "Where the UI listens, on this machine only.")
@reported
def ui(seed: int | None, port: int) -> int:
    """Dagster's UI with schedules, freshness and sensors running."""
    from cli import ui

    return ui.serve(seed, port)


@main.group()
def service() -> None:
    """What a machine keeps running in production (docs/production.md)."""


@service.command()
@port_option(3000, "Where the webserver listens, on this machine only.")
@click.option("--read-only", is_flag=True, help="Show everything, start and change nothing.")
@reported
def webserver(port: int, read_only: bool) -> None:
    """Dagster's webserver alone."""
    from cli import service

    service.webserver(port, read_only=read_only)


@service.command()
@reported
def daemon() -> int:
    """Dagster's daemon alone: schedules, sensors and their runs. One a home."""
    from cli import service

    return service.daemon()


@main.group()
def sandbox() -> None:
    """The made-up company: its vendors, its truth."""


@sandbox.command()
@seed_option
@port_option(0, "0 takes a free one.", least=0)
@click.option("--scale", default="small", help="tiny, small, medium or large.")
@click.option("--now", default=None, help="Where its time stands (default 2026-10-15T06:00:00Z).")
@click.option("--faults", type=click.Path(exists=True, dir_okay=False), help="Which request gets which fault.")
@reported
def serve(seed: int | None, port: int, scale: str, now: str | None, faults: str | None) -> None:
    """Its vendors' APIs on one port, until interrupted."""
    from cli import sandbox as sandbox_commands

    sandbox_commands.serve(seed or 1, port, scale, now, faults)


@sandbox.command()
@seed_option
@click.option("--scale", default="small")
@click.option("--now", default=None)
@click.option("--format", "form", type=click.Choice(["json"]), default="json")
@reported
def truth(seed: int | None, scale: str, now: str | None, form: str) -> None:
    """Its true figures. Computed from what happened, without dlt, dbt or DuckDB."""
    from cli import sandbox as sandbox_commands

    sandbox_commands.truth(seed or 1, scale, now)


@sandbox.command()
@format_option
@seed_option
@reported
def compare(seed: int | None, form: str) -> int:
    """Every published figure against the truth."""
    from cli import sandbox as sandbox_commands

    return sandbox_commands.compare(seed, form)


@sandbox.command()
@seed_option
@reported
def reset(seed: int | None) -> None:
    """Its company files as they were before anybody edited them."""
    from cli import sandbox as sandbox_commands

    sandbox_commands.reset(seed)


@sandbox.command()
@format_option
@reported
def cases(form: str) -> None:
    """Its labelled edge cases."""
    from cli import sandbox as sandbox_commands

    sandbox_commands.cases(form)


if __name__ == "__main__":
    main()
