"""A number that a pack shows, and which one of the snapshot it is.

Belongs here: the row and column behind a number, how it is written, how a written number is read back. Does not: which
numbers a page shows (pages/), how a page looks (pptx.py and the other forms).

Every number of a pack is a ``Figure``, which names its table, key and measure. None is computed here or on any page.
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal

import msgspec

Value = Decimal | int | float
"""As a mart holds it: amounts are decimals, counts integers, ratios and days floating point."""

EXACT = Context(prec=100)
"""Of any number of DuckDB, a decimal of 38 places or the 17 of a double, no digit is lost."""
THOUSANDS = {3: "K", 6: "M", 9: "B"}
PERCENT = -2
"""The scale of a ratio: 0.034 is 3.4%."""
MINUS = "\u2212"
"""A minus after which no line breaks, as it does after a hyphen."""
HIDDEN = ("withheld", "too_few", "too_few_observations", "too_few_logos")
"""Reasons by which a value is there and not shown: few people or customers are behind it."""
WITHHELD, MISSING = "withheld", "–"


class Form(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a number is written: divided by ten to the power of ``scale``, rounded half away from zero to ``decimals``,
    with thousands apart, between ``prefix`` and ``suffix``; with a plus where ``is_signed``."""

    scale: int = 0
    decimals: int = 0
    prefix: str = ""
    suffix: str = ""
    is_signed: bool = False

    def rounded(self, value: Value) -> Decimal:
        """What is left of a value when it is written, in the unit of the writing."""
        exact = value if isinstance(value, Decimal) else Decimal(repr(value))
        step = Decimal(1).scaleb(-self.decimals)
        found = exact.scaleb(-self.scale, EXACT).quantize(step, ROUND_HALF_UP, EXACT)
        return found if found else abs(found)  # no minus before a zero

    def shown(self, value: Value) -> str:
        number = self.rounded(value)
        sign = MINUS if number < 0 else "+" if self.is_signed and number > 0 else ""
        return f"{sign}{self.prefix}{abs(number):,f}{self.suffix}"

    def read(self, text: str) -> Decimal:
        """The number of a writing, as ``rounded`` gives it. Raises ``ValueError`` for any other writing, one with a
        missing comma too."""
        digits = text.lstrip(f"+{MINUS}").removeprefix(self.prefix).removesuffix(self.suffix).replace(",", "")
        if not digits.replace(".", "", 1).isascii() or not digits.replace(".", "", 1).isdigit():
            raise ValueError(f"{text!r} is no number")
        number = -Decimal(digits) if text.startswith(MINUS) else Decimal(digits)
        if self.shown(number.scaleb(self.scale, EXACT)) != text:
            raise ValueError(f"{text!r} is not written as {self.shown(number.scaleb(self.scale, EXACT))!r}")
        return number

    @property
    def number_format(self) -> str:
        """The same as a number format of spreadsheets and charts, for the exact value."""
        digits = "#,##0" + ("." + "0" * self.decimals if self.decimals else "")
        if self.scale == PERCENT:
            body = f"{_quoted(self.prefix)}{digits}%{_quoted(self.suffix.removeprefix('%'))}"
        else:
            body = f"{_quoted(self.prefix)}{digits}{',' * (self.scale // 3)}{_quoted(self.suffix)}"
        negative = f'"{MINUS}"{body}'
        return f"+{body};{negative};{body}" if self.is_signed else f"{body};{negative}"


def _quoted(text: str) -> str:
    return f'"{text}"' if text else ""


UNITS = {
    "hours": (0, 1, " h"),
    "days": (0, 0, " days"),
    "fte": (0, 1, ""),
    "ratio": (PERCENT, 1, "%"),
    "count": (0, 0, ""),
}
"""Scale, decimals and suffix of what is no money."""


def form_for(
    unit: str,
    values: Iterable[Value | None],
    currency: str | None = None,
    *,
    is_signed: bool = False,
    is_fine: bool = False,
) -> Form:
    """The form in which numbers that stand together are written: money in thousands, millions or billions by the
    largest, with its currency where one is given. ``is_fine``: much smaller ones are among them, as in a table."""
    if unit in UNITS:
        scale, decimals, suffix = UNITS[unit]
        return Form(scale, decimals, suffix=suffix, is_signed=is_signed)
    if unit != "money":
        return Form(decimals=2, is_signed=is_signed)
    largest = max((abs(Decimal(value)) for value in values if value is not None), default=Decimal())
    more = 1 if is_fine else 0
    scale = next((one for one in sorted(THOUSANDS, reverse=True) if largest >= 10 ** (one + more)), 0)
    digits = len(str(int(largest.scaleb(-scale, EXACT))))
    decimals = max(0, 3 - digits if digits < 3 else 1 - more) if scale else 0
    return Form(scale, decimals, f"{currency}\u00a0" if currency else "", THOUSANDS.get(scale, ""), is_signed)


class Figure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One number: column ``measure`` of the row of ``table`` that ``key`` names, each part of it as DuckDB casts it to
    text.

    ``metric``: its id and version, like ``arr@1.0.0`` or ``mart_okr.p_hit@1.0.0``; ``name`` what people call it;
    ``slice``: ``all``, or what it is of, like ``product=payments``; ``period``: a fiscal quarter or period, a day or
    week; ``as_of``: the newest data of the source that is oldest, of all behind the table, ISO, UTC; ``status``: final,
    open, partial or suppressed where the table says so. Without a ``value`` there is a ``reason`` as the mart gives it.
    """

    table: str
    measure: str
    key: dict[str, str]
    metric: str
    name: str
    slice: str
    period: str
    snapshot_id: str
    as_of: str | None
    unit: str
    value: Value | None
    form: Form
    reason: str | None = None
    status: str | None = None

    @property
    def reference(self) -> str:
        """Row and column as one line of text: ``mart_okr.p_hit[goal_id=KR-1, …]``."""
        return f"{self.table}.{self.measure}[{', '.join(f'{name}={value}' for name, value in self.key.items())}]"

    @property
    def is_hidden(self) -> bool:
        """Whether disclosure control withholds it."""
        return self.value is None and self.reason in HIDDEN

    @property
    def text(self) -> str:
        """What stands on the page."""
        if self.value is None:
            return WITHHELD if self.is_hidden else MISSING
        return self.form.shown(self.value)
