"""What stands in a file beside what should stand there.

Belongs here: the two lists and their difference, in words. Does not: where either comes from (a module for each form of
file; frozen.py for the snapshot).

What prodops wrote stands as it wrote it, names beside numbers too: two that are swapped are as wrong as two numbers. What
people add may hold words and no number. No digit is let through for what it looks like: the number of a slide, a date and
a name have their own slots.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from serving.board.figures import Figure
from serving.board.page import Pack, Text, plain

Place = tuple[str, str]
"""A layer of a file, such as its cells or the text of its charts, and a slot in it."""


@dataclass(frozen=True, slots=True)
class Found:
    """A text or a number as it stands in a file. ``slot``: what it says it is, None where it says nothing; ``where``: in
    words, for people."""

    layer: str
    slot: str | None
    where: str
    text: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number that a file holds as a number: of a figure, or of what holds a bar of a waterfall up."""

    value: Decimal | int | float
    figure: Figure | None = None

    def is_in(self, text: str) -> bool:
        """Fifteen digits count, as spreadsheets and charts hold numbers."""
        try:
            return float(text) == float(f"{self.value:.15g}")
        except ValueError:
            return False


Declared = Mapping[Place, Text | Number]


@dataclass(frozen=True, slots=True)
class Opened:
    """A file of a pack: what it carries, what it must hold by that, and what it holds. A text among the latter says what
    can't be read or should not be there."""

    pack: Pack
    declared: Declared
    found: Iterable[Found | str]


def differences(declared: Declared, found: Iterable[Found | str]) -> Iterator[str]:
    """A line for each place that holds something else, each number that nothing declares and each place that is missing."""
    seen: dict[Place, str] = {}
    for one in found:
        if isinstance(one, str):
            yield one
            continue
        place = (one.layer, one.slot or "")
        wanted = declared.get(place) if one.slot else None
        if wanted is None:
            if has_number(one.text):
                yield f"{one.where}: {_short(one.text)} is no number of the pack; nothing says what it is"
        elif place in seen:
            yield f"{one.where}: {_short(one.text)} stands there twice, see {seen[place]}"
        else:
            seen[place] = one.where
            yield from _compared(one, wanted)
    for place, wanted in declared.items():
        if place not in seen and _said(wanted):
            yield f"{place[1]} in the {place[0]}: {_short(_said(wanted))} is missing{_of(wanted)}"


def has_number(text: str) -> bool:
    """Whether any character is a digit or a fraction of any script."""
    return any(character.isnumeric() for character in text)


def _compared(found: Found, wanted: Text | Number) -> Iterator[str]:
    if isinstance(wanted, Number):
        differs = not wanted.is_in(found.text)
    else:
        differs = found.text.split() != plain(wanted).split()
    if differs:
        yield f"{found.where}: {_short(found.text)}, should be {_short(_said(wanted))}{_of(wanted)}"


def _said(wanted: Text | Number) -> str:
    return f"{wanted.value}" if isinstance(wanted, Number) else plain(wanted)


def _of(wanted: Text | Number) -> str:
    """Which figures it is, in brackets."""
    parts = (wanted.figure,) if isinstance(wanted, Number) else wanted
    named = [f"{part.metric}, {part.slice}, {part.period}" for part in parts if isinstance(part, Figure)]
    return f" ({'; '.join(named)})" if named else ""


def _short(text: str) -> str:
    text = " ".join(text.split())
    return repr(text if len(text) <= 80 else f"{text[:77]}…")
