"""What a pack is read from: the rows of one audience in one snapshot.

Belongs here: which file an audience's pack is read from and nothing else, the rows of it, figures made of them, how new
they are. Does not: what is on a page (pages/).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from types import TracebackType
from typing import Any

import duckdb

import registry
from ingestion import sql
from ingestion.errors import ProdopsError, SettingsError
from serving import audiences
from serving.board.figures import Figure, Form, Value
from serving.published import COMPANY, MARTS_FILE, Snapshot

BOARD = "mart_board_metric"
QUARTER, PERIOD = "fiscal_quarter", "fiscal_period"
PRODUCT = "product:"
NOBODYS = ("UNALLOCATED", "UNMAPPED")
"""What is nobody's comes last wherever products are listed."""
PERIODS = re.compile(r"FY\d+-[QP]\d+")


class PackError(ProdopsError):
    """There is no pack of what was asked for."""


class Absent(Exception):
    """What a page is about is not there; its text says why. The pack names the page in its appendix."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Whose pack it is. ``file``: what alone is read for it, in the snapshot's folder; ``slice_type`` and
    ``slice_value``: its own slice of the board's metrics."""

    id: str
    name: str
    file: str
    slice_type: str
    slice_value: str

    @property
    def is_company(self) -> bool:
        return self.id == COMPANY

    @property
    def is_product(self) -> bool:
        return self.id.startswith(PRODUCT)


def audience_of(snapshot: Snapshot, wanted: str) -> Audience:
    """The audience by what people type: ``company``, a portfolio's id, ``product:<id>``. Raises ``SettingsError``."""
    if wanted == COMPANY:
        name = str(snapshot.manifest.get("company", COMPANY))
        return Audience(COMPANY, name, MARTS_FILE, "all", "ALL")
    with snapshot.connect() as file:
        products = dict[str, tuple[str, str | None, str]]()
        if file.execute("select 1 from duckdb_tables() where table_name = 'dim_product'").fetchone():
            found = file.execute("select product_id, product_name, portfolio_id, product_level from dim_product")
            products = {row[0]: (row[1], row[2], row[3]) for row in found.fetchall()}
    wanted_id = wanted.removeprefix(PRODUCT)
    name, portfolio, level = products.get(wanted_id, ("", None, ""))
    is_portfolio = level == "portfolio"
    if portfolio is None or is_portfolio == wanted.startswith(PRODUCT):
        own = sorted(key for key, (_, _, level) in products.items() if level == "portfolio")
        hint = f"no such audience; there are {', '.join([COMPANY, *own])} and {PRODUCT}<id> of each of their products"
        raise SettingsError(f"--audience {wanted}", hint)
    kind = "portfolio" if is_portfolio else "product"
    return Audience(wanted, name, audiences.file_of(portfolio), kind, wanted_id)


def every_audience(snapshot: Snapshot) -> list[str]:
    """Those that get a pack by themselves: the company, and each portfolio that has a file."""
    with snapshot.connect() as file:
        if not file.execute("select 1 from duckdb_tables() where table_name = 'dim_product'").fetchone():
            return [COMPANY]
        found = file.execute(
            "select product_id from dim_product where product_level = 'portfolio' order by 1"
        ).fetchall()
    return [COMPANY, *(one for (one,) in found if (snapshot.folder / audiences.file_of(one)).exists())]


class Row(Mapping[str, Any]):
    """A row of a table of the book."""

    def __init__(self, book: "Book", table: str, values: Mapping[str, Any]) -> None:
        self._book, self.table, self._values = book, table, values

    def __getitem__(self, column: str) -> Any:
        return self._values[column]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def value(self, measure: str) -> Value | None:
        found = self._values[measure]
        return None if found is None or found != found else found  # a double may be no number

    def figure(self, measure: str, form: Form, name: str, *, unit: str | None = None, of: str | None = None) -> Figure:
        """The figure of a column. ``of``: what it is a slice of, where the row does not say it."""
        return self._book.figure(self, measure, form, name, unit, of)


class Book:
    """The rows of an audience. One at a time; closed with the context."""

    def __init__(self, snapshot: Snapshot, audience: Audience, period: str | None = None) -> None:
        """``period``: a fiscal quarter or period; None is the newest quarter that is complete."""
        self.snapshot, self.audience = snapshot, audience
        self._file = duckdb.connect(str(snapshot.folder / audience.file), read_only=True)
        self._file.execute("set timezone = 'UTC'")
        self.columns: dict[str, list[str]] = {}
        for table, column in self._file.execute(
            "select table_name, column_name from duckdb_columns() where not internal order by table_name, column_index"
        ).fetchall():
            self.columns.setdefault(table, []).append(column)
        self.dated = {row["table_name"]: row for row in self.rows("snapshot")}
        self.period = self._period(period)

    def __enter__(self) -> "Book":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def _period(self, wanted: str | None) -> str:
        if wanted is not None and not PERIODS.fullmatch(wanted):
            raise SettingsError(f"--period {wanted}", "periods are FY26-Q3 or FY26-P07")
        if BOARD not in self.columns:
            raise PackError(
                f"no pack of {self.snapshot.snapshot_id}: it has no {BOARD}, as a check holds it back or it was "
                "never built; run prodops doctor, mend what it names, then prodops run"
            )
        if wanted is None:
            rows = self.rows(BOARD, "period_type = ? and is_complete", [QUARTER], "period_end_date desc limit 1")
            if not rows:
                raise PackError(
                    "no pack: no fiscal quarter is complete yet; name a period: prodops board --period FY26-P07"
                )
            return str(rows[0]["period_id"])
        if not self.rows(BOARD, "period_id = ?", [wanted], "all limit 1"):
            known = self._file.execute(
                f"select period_id from {BOARD} group by all order by max(period_end_date) desc limit 4"
            ).fetchall()
            hint = f"the snapshot has nothing of it; the newest periods are {', '.join(one for (one,) in known)}"
            raise SettingsError(f"--period {wanted}", hint)
        return wanted

    @cached_property
    def period_type(self) -> str:
        return QUARTER if "-Q" in self.period else PERIOD

    @property
    def word(self) -> str:
        """What the pack's periods are called."""
        return "quarter" if self.period_type == QUARTER else "period"

    @cached_property
    def _catalogue(self) -> list[str]:
        # What is a portfolio's own, of none of its products, is little: it gets the last colours.
        of = {
            (row["product_level"] == "portfolio", row["portfolio_id"] or "", key[2])
            for key, row in self._board.items()
            if key[1] == "product"
        }
        return [product for *_, product in sorted(of) if product not in NOBODYS]

    def colour(self, product: str) -> str:
        """The role of a product in the palette: the same on every page."""
        return f"product:{self._catalogue.index(product)}" if product in self._catalogue else "muted"

    @cached_property
    def end(self) -> date:
        """The last day of the period."""
        found: date = self.rows(BOARD, "period_id = ?", [self.period], "all limit 1")[0]["period_end_date"]
        return found

    @cached_property
    def start(self) -> date:
        """The first day of the period; its last where no calendar is published."""
        if "dim_fiscal_period" not in self.columns:
            return self.end
        rows = self.rows("dim_fiscal_period", f"{self.period_type} = ?", [self.period], "first_date limit 1")
        found: date = rows[0]["first_date"] if rows else self.end
        return found

    @cached_property
    def is_final(self) -> bool:
        """Whether the books of the period were closed when the snapshot was made."""
        closed = self.dated[BOARD]["closed_fiscal_period"] if BOARD in self.dated else None
        if closed is None or "dim_fiscal_period" not in self.columns:
            return False
        rows = self.rows("dim_fiscal_period", "fiscal_period = ?", [closed], "all")
        return bool(rows) and rows[0]["last_date"] >= self.end

    @cached_property
    def keys(self) -> Mapping[str, Sequence[str]]:
        """The key of each table, as the snapshot says it."""
        return {table: one["key"] for table, one in self.snapshot.manifest["marts"].items() if one.get("key")}

    @cached_property
    def currency(self) -> str | None:
        rows = self.rows(BOARD, "currency is not null", (), "all limit 1")
        return str(rows[0]["currency"]) if rows else None

    def need(self, table: str) -> None:
        """Raises ``Absent`` where a table is not in the file, or has no row."""
        if table not in self.columns:
            why = self.snapshot.held.get(table, {}).get("because")
            raise Absent(f"{table} is held back: {why}" if why else f"{table} is not in what {self.audience.name} gets")
        if not self.rows(table, order="all limit 1"):
            raise Absent(
                f"{table} has no row: nothing of its sources has landed, or nothing is of {self.audience.name}"
            )

    def rows(self, table: str, where: str = "true", values: Sequence[Any] = (), order: str = "all") -> list[Row]:
        """Rows of a table, as they are published; of a product's pack those of the product alone, where rows are by
        product."""
        own: list[Any] = []
        if self.audience.is_product and table.startswith("mart_") and "product_id" in self.columns[table]:
            where, own = f"({where}) and product_id = ?", [self.audience.slice_value]
        found = self._file.execute(f"from {sql.name(table)} where {where} order by {order}", [*values, *own])
        names = [column[0] for column in found.description or ()]
        return [Row(self, table, dict(zip(names, row, strict=True))) for row in found.fetchall()]

    @cached_property
    def _board(self) -> dict[tuple[str, ...], Row]:
        """The board's metrics of all quarters, or all periods, by metric, slice and period: asked for one by one they
        are a thousand queries."""
        rows = self.rows(BOARD, "period_type = ?", [self.period_type], "period_end_date")
        return {
            tuple(row[column] for column in ("metric_id", "slice_type", "slice_value", "period_id")): row
            for row in rows
        }

    def metric(
        self, metric: str, slice_type: str | None = None, slice_value: str | None = None, period: str | None = None
    ) -> Row | None:
        """A row of the board's metrics: of the audience's own slice and the pack's period, unless others are named."""
        slices = (slice_type or self.audience.slice_type, slice_value or self.audience.slice_value)
        return self._board.get((metric, *slices, period or self.period))

    def slices(self, metric: str, slice_type: str) -> list[Row]:
        """The rows of a metric of all slices of a type, in the pack's period: the largest first, what is nobody's
        last."""
        found = [
            row
            for (one, kind, value, period), row in self._board.items()
            if (one, kind, period) == (metric, slice_type, self.period)
            and (not self.audience.is_product or (kind, value) == ("product", self.audience.slice_value))
        ]
        return sorted(found, key=_largest_first)

    def history(self, metric: str, slice_type: str, slice_value: str, number: int) -> list[Row]:
        """The rows of a metric of the newest periods up to the pack's, the oldest first."""
        wanted = (metric, slice_type, slice_value)
        found = [row for key, row in self._board.items() if key[:3] == wanted and row["period_end_date"] <= self.end]
        return found[-number:]

    def figure(self, row: Row, measure: str, form: Form, name: str, unit: str | None, of: str | None) -> Figure:
        table = row.table
        dated = self.dated.get(table)
        is_board = table == BOARD
        reason = None
        if row.value(measure) is None:
            columns = (f"{measure}_reason", f"{measure}_suppressed_reason", "value_reason" if is_board else "")
            reason = next((row[column] for column in columns if row.get(column)), None)
        return Figure(
            table=table,
            measure=measure,
            key={column: as_text(row[column]) for column in self.keys[table]},
            metric=f"{row['metric_id']}@{row['metric_version']}" if is_board else _versioned(table, measure),
            name=name,
            slice=_slice(row) if of is None else of,
            period=_of_period(row),
            snapshot_id=self.snapshot.snapshot_id,
            as_of=dated["as_of"].isoformat() if dated and dated["as_of"] else None,
            unit=unit or (row["unit"] if is_board else "money"),
            value=row.value(measure),
            form=form,
            reason=reason,
            status=row["status"] if is_board else None,
        )

    def marks(self, shown: Iterable[Figure]) -> tuple[str, ...]:
        """What a reader must know of figures: rows that a check held back, data that is late, periods that are not over
        or whose books are open."""
        listed = list(shown)
        tables = sorted({figure.table for figure in listed})
        return tuple(dict.fromkeys([*self._stale(tables), *self._unfinished(listed)]))

    def _stale(self, tables: Sequence[str]) -> Iterator[str]:
        for table in tables:
            dated = self.dated.get(table)
            if dated is None:
                continue
            if dated["snapshot_id"] != self.snapshot.snapshot_id:
                yield f"Stale: {table} shows the rows of {dated['snapshot_id']}, a check holds newer ones back."
            published = datetime.fromisoformat(self.snapshot.manifest["published_at"]).replace(tzinfo=None)
            if dated["expected_by"] and dated["expected_by"] < published:
                due = f"{dated['expected_by']:%Y-%m-%d %H:%M} UTC"
                yield f"Late: newer data of {dated['expected_source']} was due {due}."

    def _unfinished(self, listed: Sequence[Figure]) -> Iterator[str]:
        states = {figure.status for figure in listed}
        if "partial" in states:
            yield f"Partial: {self.period} is not over; its figures are up to the day of the data."
        if "open" in states:
            yield f"Open: the books of {self.period} are not closed; figures may still change."
        if any(figure.is_hidden for figure in listed):
            yield "Withheld: too few people or customers are behind some figures to show them."

    def as_of(self, shown: Iterable[Figure]) -> str | None:
        return min((figure.as_of for figure in shown if figure.as_of), default=None)


def _largest_first(row: Row) -> tuple[Any, ...]:
    value = row["value"]
    return row["slice_value"] in NOBODYS, value is None, -(value or 0), row["slice_value"]


def as_text(value: object) -> str:
    """A part of a key as DuckDB casts it to text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def entry_of(table: str, measure: str) -> registry.Metric | None:
    """What the registry says of a measure or an estimate."""
    mart = registry.metrics().marts.get(table)
    return mart.columns.get(measure) if mart else None


def _versioned(table: str, measure: str) -> str:
    entry = entry_of(table, measure)
    return f"{table}.{measure}@{entry.version}" if entry else f"{table}.{measure}"


def _slice(row: Row) -> str:
    if row.table == BOARD:
        return "all" if row["slice_type"] == "all" else f"{row['slice_type']}={row['slice_value']}"
    parts = [f"{kind}={row[column]}" for kind, column in SLICED.items() if column in row and row[column] is not None]
    return ", ".join(parts) or "all"


SLICED = {"product": "product_id", "segment": "segment", "market": "market", "team": "team_id"}
DATED = ("period_id", "fiscal_period", "fiscal_quarter", "activity_date", "week_start_date", "as_of_date")


def _of_period(row: Row) -> str:
    return next((str(row[column]) for column in DATED if column in row and row[column] is not None), "all")
