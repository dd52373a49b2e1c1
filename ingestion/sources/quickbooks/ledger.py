"""The general ledger as a report: its columns, the days that an answer can hold, and whether an answer can be used.

Belongs here: what is asked for and what must come back. Does not: requests (api.py), when a period is read (load.py).

The report has a column for whatever is asked and leaves out without a word what the company lacks. A company of several
currencies has debits and credits in the currency of its books only under the home keys; a company of one has no home
keys. Some companies refuse (400) a column that they lack. An answer holds 400,000 cells: a row in words stands where
the rest would be. Titles are in the language of the company, so that a column is known by its key alone.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import msgspec

from ingestion.errors import SourceError

NEEDED = ("tx_date", "txn_type", "doc_num", "name", "memo", "account_name")
HOME = ("debt_home_amt", "credit_home_amt")
PLAIN = ("debt_amt", "credit_amt")
BEGINNING = date(1980, 1, 1)
"""No posting is older."""
Ask = Callable[[date, date], bytes]


class CutOffError(SourceError):
    """The answer has more cells than QuickBooks shows."""


class _Currencies(msgspec.Struct):
    MultiCurrencyEnabled: bool = False


class _Tracking(msgspec.Struct):
    ClassTrackingPerTxn: bool = False
    ClassTrackingPerTxnLine: bool = False
    TrackDepartments: bool = False


class _Preferences(msgspec.Struct):
    CurrencyPrefs: _Currencies = msgspec.field(default_factory=_Currencies)
    AccountingInfoPrefs: _Tracking = msgspec.field(default_factory=_Tracking)


class _Described(msgspec.Struct):
    Name: str = ""
    Value: str = ""


class _Column(msgspec.Struct):
    ColType: str = ""
    MetaData: list[_Described] = []

    @property
    def key(self) -> str:
        return next((one.Value for one in self.MetaData if one.Name == "ColKey"), self.ColType)


class _Columns(msgspec.Struct):
    Column: list[_Column] = []


class _Rows(msgspec.Struct):
    Row: list[msgspec.Raw] = []


class _Report(msgspec.Struct):
    Columns: _Columns = msgspec.field(default_factory=_Columns)
    Rows: _Rows = msgspec.field(default_factory=_Rows)


def columns_to_ask(preferences: bytes) -> list[tuple[str, ...]]:
    """What to ask for, by the company's preferences: all that is of use, else what it tracks, else what is needed."""
    found = msgspec.json.decode(preferences, type=_Preferences)
    tracking, is_multi = found.AccountingInfoPrefs, found.CurrencyPrefs.MultiCurrencyEnabled
    needed: tuple[str, ...] = (*NEEDED, *(HOME if is_multi else PLAIN))
    tracked = needed
    if tracking.ClassTrackingPerTxn or tracking.ClassTrackingPerTxnLine:
        tracked += ("klass_name",)
    if tracking.TrackDepartments:
        tracked += ("dept_name",)
    useful = (*tracked, "item_name", *(("currency",) if is_multi else ()))
    return list(dict.fromkeys((useful, tracked, needed)))


def has_rows(report: bytes) -> bool:
    return bool(msgspec.json.decode(report, type=_Report).Rows.Row)


def lacking(report: bytes, asked: tuple[str, ...]) -> list[str]:
    """The columns without which the rows of an answer can't be read, that were asked for and did not come."""
    found = msgspec.json.decode(report, type=_Report)
    keys = {column.key for column in found.Columns.Column}
    vital = {"tx_date", "txn_type", *HOME, *PLAIN}
    return [key for key in asked if key in vital and key not in keys] if found.Rows.Row else []


def pieces(ask: Ask, first_day: date, last_day: date) -> Iterator[tuple[date, date, bytes]]:
    """The answers that hold these days, in their order: one, or those of both halves where one is cut off. The rest of
    a single day that is cut off can't be asked for: that raises ``CutOffError``."""
    try:
        answer = ask(first_day, last_day)
    except CutOffError:
        if first_day == last_day:
            raise
        middle = first_day + (last_day - first_day) // 2
        yield from pieces(ask, first_day, middle)
        yield from pieces(ask, middle + timedelta(days=1), last_day)
        return
    yield first_day, last_day, answer
