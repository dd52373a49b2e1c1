"""What stands in a file beside what should stand there.

Belongs here: the two lists and their difference, in words. Does not: where either comes from (a module for each form of
file; frozen.py for the snapshot).

What prodops wrote stands as it wrote it, names beside numbers too: two that are swapped are as wrong as two numbers.
What people add may hold words and no number. No digit is let through for what it looks like: the number of a slide, a
date and a name have their own slots.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from serving.board.figures import Figure
from serving.board.page import Pack, Text, plain

Place = tuple[str, str]
"""A layer of a file, such as its cells or the text of its charts, and a slot in it."""


@dataclass(frozen=True, slots=True)
class Found:
    """A text or a number as it stands in a file. ``slot``: what it says it is, None where it says nothing;
    ``where``: in words, for people."""

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


LONGEST = 60
"""Characters of a text that a line shows."""
Declared = Mapping[Place, Text | Number]


@dataclass(frozen=True, slots=True)
class Opened:
    """A file of a pack: what it carries, whether that is as it was made, what gives all that the file must hold by it,
    and what it holds. A text among the latter says what can't be read or should not be there."""

    pack: Pack
    is_sealed: bool
    declared: Callable[[], Declared]
    found: Iterable[Found | str]


def differences(declared: Declared, found: Iterable[Found | str]) -> Iterator[str]:
    """A line for each place that holds something else or is missing, and each number that nothing declares."""
    seen: dict[Place, str] = {}
    for one in found:
        if isinstance(one, str):
            yield one
            continue
        place = (one.layer, one.slot or "")
        wanted = declared.get(place) if one.slot else None
        if wanted is None:
            if has_number(one.text):
                yield f"{one.where}: {_short(one.text)!r} is no number of the pack; nothing says what it is"
        elif place in seen:
            yield f"{one.where}: {_short(one.text)!r} stands there twice, see {seen[place]}"
        else:
            seen[place] = one.where
            yield from _compared(one, wanted)
    for place, wanted in declared.items():
        if place not in seen and _said(wanted):
            yield f"{place[1]} in the {place[0]}: {_short(_said(wanted))!r} is missing{_of(wanted)}"


def has_number(text: str) -> bool:
    """Whether any character is a digit or a fraction of any script; words of Chinese that name numbers are words."""
    return any(unicodedata.category(character).startswith("N") for character in text)


def _compared(found: Found, wanted: Text | Number) -> Iterator[str]:
    said = _said(wanted)
    differs = not wanted.is_in(found.text) if isinstance(wanted, Number) else found.text.split() != said.split()
    if differs:
        here, there = _apart(" ".join(found.text.split()), " ".join(said.split()))
        yield f"{found.where}: {here!r}, should be {there!r}{_of(wanted)}"


def _said(wanted: Text | Number) -> str:
    return f"{wanted.value:.15g}" if isinstance(wanted, Number) else plain(wanted)


def _of(wanted: Text | Number) -> str:
    """Which figures it is, in brackets."""
    parts = (wanted.figure,) if isinstance(wanted, Number) else wanted
    named = [f"{part.metric}, {part.slice}, {part.period}" for part in parts if isinstance(part, Figure)]
    return f" ({'; '.join(named)})" if named else ""


def _apart(here: str, there: str) -> tuple[str, str]:
    """Two texts around the first place in which they differ."""
    first = next((place for place, pair in enumerate(zip(here, there, strict=False)) if len({*pair}) > 1), 0)
    start = max(0, first - LONGEST // 2) if max(len(here), len(there)) > LONGEST else 0
    return _short(here[start:], "…" if start else ""), _short(there[start:], "…" if start else "")


def _short(text: str, before: str = "") -> str:
    return before + (text if len(text) <= LONGEST else f"{text[:LONGEST]}…")
