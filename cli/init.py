"""prodops init: the settings and the files that a new company begins with.

Belongs here: which file is written and which is left alone, what a person is asked, what is said. Does not: what stands
in the files (quality/first_files.py), which files there may be (ingestion/sources/files).

A file that somebody filled is never written; only rates that contracts need are added to those that are there. Without
a terminal nothing is asked: what landed decides.
"""

import csv
import io
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from zoneinfo import available_timezones

import click

from cli.screen import out
from ingestion import lease
from ingestion.clock import now
from ingestion.errors import FileError, Mistakes, SettingsError, refuse
from ingestion.home import company_folder, of_project
from ingestion.ownership import configured_vendors
from ingestion.settings import dotenv, named_file, variable
from ingestion.sources import SOURCES
from ingestion.sources.files import fiscal_calendar
from ingestion.sources.files.checks import CompanyFiles
from ingestion.sources.files.google_sheets import read_tabs
from ingestion.sources.files.load import spreadsheet
from ingestion.sources.files.rows import GOALS, SHEETS, PolicySwitches
from ingestion.sources.files.tables import Lines, Table, kept_tables, read_settings, validated
from ingestion.sources.fx.load import BANK, OWN_RATES, PLAIN
from ingestion.writes import write_atomically
from orchestration import deployment
from quality import first_files
from quality.first_files import Found, Key, Row

EXAMPLE = ".env.example"
FILLED_FROM = ("jira", "stripe")
SHOWN = 6
"""So many names stand in a line; the rest is a number."""
ALL = "Everyone"
"""A company that shows no teams is one."""


def begin(given: Sequence[str], *, yes: bool) -> int:
    """Writes what is not there yet; 2 where something is left that a run can't do without."""
    rates = _rates(given)
    if not dotenv().exists() and not configured_vendors():
        _write_settings(dotenv())
        return 0
    settled = deployment.settle()
    if settled.seed is not None:
        hint = "no source is set up, so this is the made-up company, which has its files; fill in Jira and Stripe there"
        raise SettingsError(str(dotenv()), hint)
    with lease.hold(settled.home, "prodops init"):
        found = first_files.read()
        wanted = [name for name in FILLED_FROM if name in configured_vendors()]
        if wanted and not {*wanted} & {*found.sources}:
            hint = f"nothing of {' or '.join(wanted)} has landed there yet; {_load_first(wanted)}"
            raise SettingsError(f"PRODOPS_HOME={settled.home}", hint)
        files = Files(company_folder(), ask=not yes and sys.stdin.isatty())
        for name in wanted:
            if name not in found.sources:
                files.open(f"nothing of {name} has landed; {_load_first([name])}")
        _fill(files, found, rates)
        return files.end()


class Files:
    """The company's folder: what is in it, what is written now, and what is left for a person."""

    def __init__(self, folder: Path, *, ask: bool) -> None:
        self.folder, self.is_asked = folder, ask
        self.tabs: Mapping[str, Lines] = {}
        if (sheets := spreadsheet()) is not None:
            self.tabs = read_tabs(sheets, [*SHEETS, *GOALS])
        filled = {stream: sheet for stream, sheet in SHEETS.items() if self._is_filled(stream)}
        self.kept: Mapping[str, Table] = kept_tables(folder, self.tabs, filled)
        refuse(mistake for table in self.kept.values() for mistake in table.mistakes)
        self._left: list[str] = []
        self._hints: list[str] = []
        self._headers: list[str] = []
        out().print(f"the company's files in {folder}", markup=False)

    def open(self, text: str) -> None:
        """Something without which a run is red."""
        self._left.append(text)

    def hint(self, text: str) -> None:
        """Something that a person should look at."""
        self._hints.append(text)

    def names(self, stream: str, key: str) -> dict[str, str] | None:
        """The names of what a table that was there already lists, by id, or None where it was not."""
        if stream not in self.kept:
            return None
        return {getattr(row, key): row.name for row in self.kept[stream].rows}

    def table(self, stream: str, rows: Sequence[Row], words: str = "") -> None:
        """Writes a table, unless somebody filled it."""
        columns = list(SHEETS[stream].row.columns())
        if stream in self.kept:
            self.leave(self.kept[stream].file)
            return
        self._write(f"{stream}.csv", _csv(columns, rows))
        if rows:
            self._say("wrote", f"{stream}.csv", f"{_count(len(rows), 'row')}, {words}")
        else:
            self._headers.append(f"{stream}.csv")

    def goals(self, empty: str) -> None:
        """Writes the lists of goals, unless they are kept in any way."""
        if (self.folder / "okrs.yml").exists():
            self.leave("okrs.yml")
        elif not any(self._is_filled(stream) for stream in GOALS):
            self._write("okrs.yml", empty)
            self._headers.append("okrs.yml")

    def leave(self, file: str) -> None:
        """A file that somebody filled."""
        self._say("kept", file, "it is filled already; nothing in it was changed")

    def more(self, file: str, columns: Sequence[str], rows: Sequence[Row], words: str) -> None:
        """Adds rows below those that are there."""
        path = self.folder / file
        is_new = not path.exists()
        there = _csv(columns, []) if is_new else path.read_text(encoding="utf-8-sig")
        ended = there if there.endswith("\n") else f"{there}\n"
        self._write(file, ended + _csv(columns, rows).partition("\n")[2])
        self._say("wrote" if is_new else "more", file, f"{_count(len(rows), 'row')}, {words}")

    def settings(self, file: str, values: Mapping[str, str]) -> None:
        self._write(file, "".join(f"{name}: {value}\n" for name, value in values.items()))
        self._say("wrote", file, ", ".join(f"{name} {value}" for name, value in values.items()))

    def asked(self, question: str, default: str, is_right: Callable[[str], bool], words: str) -> str:
        """What a person answers; without a terminal the default."""
        while self.is_asked:
            answer = str(click.prompt(question, default=default, show_default=bool(default))).strip()
            if answer == default or is_right(answer):
                return answer
            out().print(words, markup=False)
        return default

    def end(self) -> int:
        """Says what is left and what to do next."""
        if self._headers:
            self._say("header", ", ".join(self._headers), "to fill in where you keep such a thing")
        try:
            CompanyFiles(self.folder, self.tabs)
        except (FileError, Mistakes) as error:
            self._left += [str(one) for one in error.parts]
        for text in self._hints:
            out().print(f"  note    {text}", markup=False)
        for text in self._left:
            out().print(f"  TO DO   {text}", markup=False)
        then = "after what is to do: " if self._left else ""
        out().print(f"next: {then}look through the files (docs/files.md has every column), then make run", markup=False)
        return 2 if self._left else 0

    def _is_filled(self, stream: str) -> bool:
        """Whether a table has more than its header, or is kept elsewhere than in a CSV file."""
        text = self.folder / f"{stream}.csv"
        rows = len(text.read_bytes().strip().splitlines()) if text.exists() else 0
        return rows > 1 or stream in self.tabs or (self.folder / f"{stream}.xlsx").exists()

    def _write(self, file: str, content: str) -> None:
        write_atomically(self.folder / file, content)

    def _say(self, what: str, file: str, words: str) -> None:
        out().print(f"  {what:<7} {file}: {words}", markup=False)


def _fill(files: Files, found: Found, given: Mapping[str, Decimal]) -> None:
    currency, zone = _policy(files, found)
    calendar = _calendar(files)
    products, product_map, unknown = first_files.products(found, files.names("products", "product_id"))
    files.table("products", products, "of Jira's projects and Stripe's products; those of one name are one")
    files.table("product_map", product_map, "one a project of Jira and a product of Stripe")
    if "product_map" not in files.kept:
        if unknown:
            files.hint(f"called like no product of the company's: {_listed(unknown)}; add them to product_map.csv")
        for project, product in first_files.alike(found):
            files.hint(
                f"{project.name} ({project.key} in Jira) and {product.name} ({product.key} in Stripe) may be one "
                "product; if so, give both the same product_id in product_map.csv"
            )
    customers, customer_map, left_out = first_files.customers(found, files.names("customers", "customer_id"))
    files.table("customers", customers, "of Stripe's customers; segment and market are yours to fill in")
    files.table("customer_map", customer_map, "one a customer of Stripe")
    if left_out and "customer_map" not in files.kept:
        files.hint(f"{left_out} customers of Stripe are called like none of the company's; prodops mapping lists them")
    _teams(files, found)
    work, left = first_files.work_types(found)
    files.table("work_types", work, "of types of issues and resolutions whose name says what they are")
    if left and "work_types" not in files.kept:
        files.hint(f"of no kind yet: {_listed(left)}; prodops mapping work_types, after a run, has rows for them")
    _plan(files, found, given, currency, zone, calendar)
    written = {"products", "product_map", "customers", "customer_map", "teams", "work_types", "fx_plan"}
    for stream in SHEETS:
        if stream not in written:
            files.table(stream, [])
    files.goals(first_files.goals())


def _policy(files: Files, found: Found) -> tuple[str, str]:
    """The company's currency and time zone."""
    file = "policy.yml"
    if (files.folder / file).exists():
        policy = validated(file, None, read_settings(files.folder / file, "reporting_currency: EUR"), PolicySwitches)
        files.leave(file)
        return policy.reporting_currency, policy.reporting_time_zone
    is_currency = re.compile("[A-Z]{3}").fullmatch
    currency = files.asked(
        "Currency of your reports", found.currency, lambda text: bool(is_currency(text)), "a currency like EUR, please"
    )
    zone = files.asked(
        "Time zone of your reports",
        found.zone,
        lambda text: text in available_timezones(),
        "a time zone like Europe/Berlin, please",
    )
    files.settings(file, {"reporting_time_zone": zone, "reporting_currency": currency})
    return currency, zone


def _calendar(files: Files) -> list[fiscal_calendar.FiscalPeriod]:
    if not (files.folder / fiscal_calendar.FILE).exists():
        months = [str(number) for number in range(1, 13)]
        month = files.asked("Month in which your fiscal year begins", "1", months.__contains__, "1 to 12, please")
        if month != "1":
            files.settings(
                fiscal_calendar.FILE, {"pattern": "months", "start_month": month, "first_fiscal_year": "FY00"}
            )
    return list(fiscal_calendar.periods(fiscal_calendar.read_calendar(files.folder), now().date()))


def _teams(files: Files, found: Found) -> None:
    names, words = list(found.teams), "of the teams on Jira's issues; type is yours to change"
    if not names and "teams" not in files.kept:
        answer = files.asked("Your teams, with commas between them", ALL, lambda text: bool(text.strip(", ")), "")
        names, words = (
            list(dict.fromkeys(name.strip() for name in answer.split(",") if name.strip())),
            "as you named them",
        )
    if names == [ALL]:
        words = "for all, because no team is on any issue"
        files.hint("name your teams in teams.csv as Jira's team field calls them, once it does")
    rows, left = first_files.teams(names)
    files.table("teams", rows, words)
    if left and "teams" not in files.kept:
        named = ", ".join(left)
        files.hint(f"a spreadsheet would take these teams for formulas: {named}; add them to teams.csv by hand")


def _plan(
    files: Files,
    found: Found,
    given: Mapping[str, Decimal],
    currency: str,
    zone: str,
    calendar: Sequence[fiscal_calendar.FiscalPeriod],
) -> None:
    """Rates that contracts in other currencies need."""
    kept = files.kept.get("fx_plan")
    plan = {(row.currency, row.fiscal_year) for row in kept.rows} if kept else set()
    missing = first_files.missing_rates(found, currency, zone, calendar, plan, now().date())
    given = dict(given)
    if found.rates is not None:
        lacking = {*(one[0] for one in first_files.plan_rates(found, missing, given, calendar)[1])}
        for name in sorted(lacking | {one for one, _ in missing.published} - given.keys()):
            answer = files.asked(f"How much {name} is one euro (Enter leaves it open)", "", _is_rate, "1.25, say")
            given |= {name: Decimal(answer)} if answer else {}
    rows, unplanned = first_files.plan_rates(found, missing, given, calendar)
    days, unpublished = first_files.day_rates(missing, given)
    words = "the rate published before each fiscal year began, or the one you gave; put your own there"
    if kept is None:
        files.table("fx_plan", rows, words)
    elif rows and kept.file == "fx_plan.csv":
        files.more(kept.file, list(SHEETS["fx_plan"].row.columns()), rows, words)
    elif rows:
        added = ", ".join(f"{row['currency']} {row['fiscal_year']} {row['rate']}" for row in rows)
        files.open(f"{kept.file} lacks planned rates; add {added}")
    else:
        files.table("fx_plan", [])
    other = named_file("fx", "path")
    if days and other and other != files.folder / OWN_RATES:
        files.open(f"{variable('fx', 'path')}={other} lacks rates of {', '.join({row['currency'] for row in days})}")
    elif days:
        files.more(OWN_RATES, PLAIN, days, "the rate you gave, on the days that need one; put the published ones there")
    _say_what_lacks(files, found, unplanned, unpublished)


def _say_what_lacks(
    files: Files, found: Found, unplanned: Iterable[tuple[str, str]], unpublished: Iterable[tuple[str, date]]
) -> None:
    years: dict[str, list[str]] = {}
    for name, year in unplanned:
        years.setdefault(name, []).append(year)
    for name, _ in unpublished:
        years.setdefault(name, [])
    if not years:
        return
    names = ", ".join(f"{name} ({', '.join(of)})" if of else name for name, of in sorted(years.items()))
    by_hand = f"prodops init {' '.join(f'--rate {name}=…' for name in sorted(years))} (how much of it one euro is)"
    if found.rates is None:
        files.open(
            f"contracts are in {names} too, and no rates have landed: set {variable('fx', 'url')}={BANK} "
            f"in {dotenv()}, then prodops load fx, then prodops init; or {by_hand}"
        )
    else:
        files.open(
            f"contracts are in {names} too, of which no rate has landed: prodops load fx, if it is old, or {by_hand}"
        )


def _write_settings(path: Path) -> None:
    write_atomically(path, of_project(EXAMPLE).read_text(encoding="utf-8"))
    out().print(f"wrote {path}, which nobody else can read; nothing is set up in it yet", markup=False)
    out().print(
        "next: fill in what you have, for Jira and Stripe four lines; then prodops load, then prodops init again"
    )


def _load_first(sources: Sequence[str]) -> str:
    """Of these sources alone: the company's files, which a load would look for, are not there yet."""
    rates = ["fx"] if SOURCES["fx"].is_configured() else []
    return f"prodops load {' '.join([*sources, *rates])}, then prodops init"


def _rates(given: Sequence[str]) -> dict[str, Decimal]:
    for one in given:
        if not re.fullmatch("[A-Z]{3}=.*", one) or not _is_rate(one[4:]):
            raise SettingsError(f"--rate {one}", "give a currency and how much of it one euro is, like --rate USD=1.08")
    return {one[:3]: Decimal(one[4:]) for one in given}


def _is_rate(text: str) -> bool:
    return bool(re.fullmatch(r"\d{1,9}(\.\d{1,6})?", text)) and Decimal(text) > 0


def _csv(columns: Sequence[str], rows: Iterable[Row]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _listed(keys: Sequence[Key]) -> str:
    names = [f"{key.name} ({key.source} {key.object_type})" for key in keys]
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
