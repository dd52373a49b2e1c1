"""Every expectation there is: what it looks for, what red means and what to do then.

Belongs here: names, words, bounds, which streams and marts each is about. Does not: values that vendors document
(values.py), how the figures are made (batches.py, marts.py). Nothing here imports Great Expectations: definitions load
without it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MARTS = "marts"


@dataclass(frozen=True, slots=True)
class Rule:
    """``gx``: the class of Great Expectations that looks at a ``column`` of a frame, with ``bounds``. ``means``: what
    red means, ``mend``: what to do. ``is_blocking``: whether red holds back the marts behind what it is about."""

    name: str
    gx: str
    column: str
    bounds: Mapping[str, Any]
    means: str
    mend: str
    is_blocking: bool = False

    @property
    def description(self) -> str:
        """What a person reads beside the check."""
        follows = "the marts behind it keep their published rows" if self.is_blocking else "nothing is held back"
        colour = "Red" if self.is_blocking else "Yellow"
        return f"{colour}: {self.means}; {follows}. Next: {self.mend}."


@dataclass(frozen=True, slots=True)
class Expectation:
    """A rule for one stream of a source, or for one mart (``source`` is ``marts``)."""

    source: str
    stream: str
    rule: Rule

    @property
    def id(self) -> str:
        """Its name, which no other expectation has."""
        return f"{self.source}.{self.stream}.{self.rule.name}"


def between(name: str, column: str, means: str, mend: str, *, is_blocking: bool = False, **bounds: Any) -> Rule:
    """A rule for numbers of a column; null is no number."""
    return Rule(name, "ExpectColumnValuesToBeBetween", column, bounds, means, mend, is_blocking)


VOLUME = between(
    "volume_as_before",
    "times_before",
    "records were lost or came a second time under other ids: this stream has less than half or more than one and a "
    "half times the 100 or more that it had at the last good load, at most a week before",
    "compare its number with the vendor's own; if it is wrong, load the source again with resync",
    min_value=0.5,
    max_value=1.5,
)
EVENTS_VOLUME = between(
    VOLUME.name,
    "times_weekday",
    "of a day of upload came less than a tenth or more than ten times the events of the same weekday before",
    "look the day up in the vendor's own charts; if it has other events there, materialize the day's partition again",
    min_value=0.1,
    max_value=10,
)
NEEDED = between(
    "needed_fields_are_filled",
    "needed_share",
    "a field that the models need is empty in every record of the load: it was renamed, or these credentials no longer "
    "see it, and figures would lose what hangs on it without a word",
    "give the credentials the permission, or have the model read the field's new name; then load with resync",
    is_blocking=True,
    min_value=0,
    strict_min=True,
)
FILLED = between(
    "fields_filled_as_before",
    "of_expected",
    "a field that four in five records had is now empty or gone in nearly all of them",
    "ask who keeps the source whether the field is no longer used; if figures read it, say so in its metric's page",
    min_value=0.1,
)
NEW = between(
    "no_new_fields",
    "new_share",
    "most records have a field that none had before: a change of the vendor's interface, or a new custom field",
    "read the vendor's changelog; nothing is lost, the field is in landing and no model reads it yet",
    max_value=0.5,
)
KINDS = between(
    "types_as_before",
    "of_other_kind",
    "more than a tenth of a field's values are of a JSON type that none had before, text instead of a number for "
    "instance",
    "see whether records of the stream are in quarantine; the base model of the stream says what it reads",
    max_value=0.1,
)
OF_RECORDS = (VOLUME, NEEDED, FILLED, NEW, KINDS)
OF_EVENTS = (EVENTS_VOLUME, NEEDED, FILLED, NEW, KINDS)
OF_FILES = (VOLUME,)
"""The company's own files: columns and values are judged before anything lands, each mistake by file and row."""

COUNTS = between(
    "counts_not_negative",
    "least",
    "a number of people, events, issues, hours or days is below zero",
    "look up the row that is named and what its mart is built from: something is taken off twice",
    is_blocking=True,
    min_value=0,
)
SHARES = between(
    "shares_are_shares",
    "share",
    "a share of a whole is below 0 or above 1: its parts count what its whole does not",
    "look up the row that is named: numerator and denominator stand beside it",
    is_blocking=True,
    min_value=0,
    max_value=1,
)
EMPTIED = between(
    "rows_are_there",
    "rows_of_published",
    "the mart has no row and what is published has: a mapping, a file or a source is gone",
    "prodops doctor says which source gives nothing",
    is_blocking=True,
    min_value=0,
    strict_min=True,
)
MAGNITUDE = between(
    "magnitude_as_published",
    "of_published",
    "over the periods that both have, a measure adds up to less than half or more than twice what is published",
    "find out what was restated: a file of the company, a unit, or a source that was read anew",
    min_value=0.5,
    max_value=2,
)
GAPS = between(
    "periods_without_gaps",
    "missing_periods",
    "between the first and the last period of the mart one has no row at all",
    "see whether the source landed for the period that is named; load it again for those days",
    max_value=0,
)
AS_OF = between(
    "as_of_not_ahead",
    "days_ahead",
    "the newest data of the mart is dated in the future: a clock is wrong, there or here",
    "find the record with the newest date in the mart's sources",
    max_value=1,
)
