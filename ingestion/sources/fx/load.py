"""FX rates: how much of each currency one euro is, day by day, as the European Central Bank publishes it.

Upstream -> table (landing/fx/<table>; record id `<date>/<currency>`):
  eurofxref-hist.zip -> rates   {"date", "currency", "rate"}, the rate as the text it is in the file

URL is the bank's history, a zip or the CSV in it (a column a currency, N/A where there is no rate); PATH is a file of
that kind or a plain CSV `date,currency,rate`; without PATH it is fx_rates.csv among the company's own files, if that is
there. With both, the file adds what the bank does not publish; a rate that is in both is an error.

No cursor: the bank serves its whole history, newest first, and corrects it in place; only rates that differ land. Days
without a rate (weekends, holidays of TARGET) are not filled here. Deletes: a rate that left the history is gone; but a
day that left it, or more than a few rates, is a history that was cut off, and nothing lands.

Alone: python -m ingestion.sources fx
Settings: SOURCES__FX__URL and/or SOURCES__FX__PATH, SOURCES__FX__START; see FxSettings.
"""

import csv
import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from ingestion.archives import ZIP_MAGICS, BrokenArchiveError, RefusedArchiveError, unpack
from ingestion.clock import now
from ingestion.errors import Mistakes, SettingsError, SourceError
from ingestion.home import company_folder
from ingestion.http import Client
from ingestion.landing import Landed, Landing, Record, tombstones
from ingestion.settings import BaseUrl, Patience, ProjectPath, is_set, resolve, variable
from ingestion.sources.parts import Finding, LoadOptions, Source, Stream, unset

PLAIN = ["date", "currency", "rate"]
NO_RATE = ("", "N/A")
BANK = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip"
OWN_RATES = "fx_rates.csv"
"""Among the company's own files: rates that the bank does not publish."""
OF_ONE_DAY = ("eurofxref.zip", "eurofxref.csv")
"""What the bank calls the rates of its last working day."""


def _history(value: str) -> str:
    """The bank's page, its rates of one day and its XML look like its history, and are none."""
    name = Path(urlsplit(value).path).name
    if not name.lower().endswith((".zip", ".csv")) or name in OF_ONE_DAY:
        raise ValueError(f"must be the address of a history, a zip or CSV file, like {BANK}")
    return value


class FxSettings(Patience):
    """URL and PATH: where rates come from, at least one of them. No more than a few rates may leave the history."""

    url: Annotated[BaseUrl, AfterValidator(_history)] | None = None
    path: ProjectPath | None = None
    max_deleted_share: float = Field(default=0, ge=0, le=1)


def _own_rates() -> Path | None:
    """The file of rates among the company's own, if there is one."""
    path = company_folder() / OWN_RATES
    return path if path.is_file() else None


def _settings() -> FxSettings:
    settings = resolve("fx", FxSettings)
    if settings.path is None:
        settings = settings.model_copy(update={"path": _own_rates()})
    if settings.url is None and settings.path is None:
        names = f"{variable('fx', 'url')}, {variable('fx', 'path')}"
        raise SettingsError(names, f"missing; {BANK} is the bank's")
    if settings.path is not None and not settings.path.is_file():
        raise SettingsError(variable("fx", "path"), f"there is no file {settings.path}")
    return settings


def _load(landing: Landing, _options: LoadOptions) -> Iterator[Landed]:
    settings = _settings()
    rates = _rates(settings)
    alive = {key for key in landing.alive("rates") if key >= settings.start.isoformat()}
    gone = alive - rates.keys()
    lost = sorted({_day(key) for key in gone} - {_day(key) for key in rates})
    if lost:
        hint = (
            f"the history has lost {len(lost)} days, the first {lost[0]}; nothing landed, get it whole, "
            f"or, if it really begins later, set {variable('fx', 'start')}"
        )
        raise SourceError("fx", "rates", hint, cursor=lost[0])
    landing.refuse_loss("rates", len(gone), len(alive), settings.max_deleted_share)
    timestamp = now()
    landed = [Record(key, json.dumps(payload), timestamp) for key, payload in sorted(rates.items())]
    yield landing.land("rates", landed + tombstones(gone))


def _day(key: str) -> str:
    return key.partition("/")[0]


def _rates(settings: FxSettings) -> dict[str, dict[str, str]]:
    """Every rate since START, by its key. Raises ``SourceError``."""
    found: dict[str, dict[str, str]] = {}
    for rate in _read(settings):
        key = f"{rate['date']}/{rate['currency']}"
        if key in found:
            hint = f"{rate['currency']} stands there twice; leave one of them out"
            raise SourceError("fx", "rates", hint, cursor=rate["date"])
        found[key] = rate
    since = settings.start.isoformat()
    return {key: rate for key, rate in found.items() if rate["date"] >= since}


def _read(settings: FxSettings) -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        if settings.url is not None:
            address, file = urlsplit(settings.url), Path(folder) / "fetched"
            with closing(Client("fx", f"{address.scheme}://{address.netloc}", settings.limits)) as client:
                texts = client.ask(
                    "GET", address.path, lambda _: _unpacked(file, Path(folder)), stream="rates", into=file
                )
            for text in texts:
                yield from _parsed(text, Path(address.path).name)
        if settings.path is not None:
            try:
                texts = _unpacked(settings.path, Path(folder))
            except (BrokenArchiveError, RefusedArchiveError) as broken:
                raise SourceError("fx", "rates", f"{settings.path.name}: {broken}") from None
            for text in texts:
                yield from _parsed(text, settings.path.name)


def _unpacked(file: Path, folder: Path) -> list[Path]:
    with file.open("rb") as opened:
        is_zip = opened.read(4) in ZIP_MAGICS
    return unpack(file, folder / "unpacked") if is_zip else [file]


def _parsed(file: Path, name: str) -> Iterator[dict[str, str]]:
    """The rates in a CSV of either form."""

    def wrong(hint: str, day: str | None = None) -> SourceError:
        return SourceError("fx", "rates", f"{name} {hint}", cursor=day)

    try:
        lines = list(csv.reader(file.read_text(encoding="utf-8-sig").splitlines(), strict=True))
    except (csv.Error, UnicodeDecodeError):
        raise wrong("is not CSV in UTF-8") from None
    header = [column.strip() for column in lines[0]] if lines else []
    is_plain = header == PLAIN
    # the bank ends its lines with a comma
    currencies = header[1:-1] if header[-1:] == [""] else header[1:]
    if not is_plain and (header[:1] != ["Date"] or not all(re.fullmatch("[A-Z]{3}", one) for one in currencies)):
        raise wrong("must begin with Date and currencies, as the ECB's history does, or with date,currency,rate")
    if len(lines) < 2:
        raise wrong("holds no rates")
    for number, line in enumerate(lines[1:], start=1):
        cells = [cell.strip() for cell in line]
        if len(cells) != len(header):
            raise wrong(f"row {number}: must have {len(header)} values, but has {len(cells)}")
        day = cells[0]
        if not _is_day(day):
            raise wrong(f"row {number} column {header[0]} value {day[:20]!r}: must be a day like 2026-01-31")
        for currency, rate in [(cells[1], cells[2])] if is_plain else zip(currencies, cells[1:], strict=False):
            if rate in NO_RATE and not is_plain:
                continue
            if not re.fullmatch("[A-Z]{3}", currency):
                raise wrong(f"row {number} column currency value {currency[:20]!r}: must be a currency like USD", day)
            if not re.fullmatch(r"\d{1,12}(\.\d{1,12})?", rate) or Decimal(rate) <= 0:
                column = "rate" if is_plain else currency
                hint = f"row {number} column {column} value {rate[:20]!r}: must be a number above 0; nothing landed"
                raise wrong(hint, day)
            yield {"date": day, "currency": currency, "rate": rate}


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _check() -> list[Finding]:
    try:
        settings = _settings()
        rates = _rates(settings.model_copy(update={"attempts": 1}))
    except (SettingsError, Mistakes) as error:
        return [unset(one) for one in error.parts]
    except SourceError as error:
        return [Finding(False, "read rates", error.hint)]
    if not rates:
        return [Finding(False, "read rates", f"none is of {settings.start} or later; check {variable('fx', 'start')}")]
    currencies = {rate["currency"] for rate in rates.values()}
    return [Finding(True, f"read rates of {len(currencies)} currencies, the newest of {_day(max(rates))}")]


def _is_configured() -> bool:
    return is_set("fx", FxSettings, "url", "path") or _own_rates() is not None


SOURCE = Source(
    name="fx",
    title="FX rates",
    streams=(Stream("rates", "How much of a currency one euro is, by day", "date/currency"),),
    load=_load,
    is_configured=_is_configured,
    check=_check,
    settings=FxSettings,
    read_settings=_settings,
    # the bank's rates are everybody's
    has_credentials=lambda: is_set("fx", FxSettings, "path"),
)
