"""How far a key result should be by now, how far it is of that, and what one word says of it.

Belongs here: the share of a cycle that is over, pace on a straight line and on a learned shape, the pace that is needed
from now, labels and their published thresholds. Does not: probabilities (key_results.py).
"""

from datetime import date, timedelta
from fractions import Fraction

ON_TRACK, AT_RISK = 0.7, 0.4
"""Least probability, or ratio of progress to expected progress, of each label; below both it is off track."""
BORDER = 1e-9
"""A ratio that is a threshold but for the rounding of floating point has reached it."""

Number = float | Fraction


def elapsed(day: date, first: date, end: date) -> Fraction:
    """The share of a life that is over: 0 on its first day, 1 on its last. ``end`` is the day after the last.

    A key result that begins late has a life of its own: ``first`` is the day on which it began.
    """
    days = (end - timedelta(days=1) - first).days
    return (
        min(Fraction(1), max(Fraction(0), Fraction((day - first).days, days))) if days > 0 else Fraction(day >= first)
    )


def pace(progress: Number | None, expected: Number | None) -> tuple[Number | None, str]:
    """Progress over expected progress, or None and the reason."""
    if progress is None or expected is None:
        return None, "no_value"
    if expected <= 0:
        return None, "cycle_begins"
    return progress / expected, ""


def needed(progress: Number, aim: Number, over: Number) -> Number | None:
    """Progress per whole life that is needed from now on: 1 is the straight line from 0 to 1. None when it is over."""
    return max(aim - progress, type(aim)(0)) / (1 - over) if over < 1 else None


def label(ratio: Number | None) -> str:
    """One word for a probability, or for a ratio of pace."""
    if ratio is None:
        return "not_known"
    if ratio >= ON_TRACK - BORDER:
        return "on_track"
    return "at_risk" if ratio >= AT_RISK - BORDER else "off_track"
