"""How long decisions take, with those that are still open.

An open question has taken its age so far and will take longer: leaving it out, or taking it as decided today, makes
decisions quicker than they are. Kaplan and Meier's estimate counts it among those that could have been decided, until
then. scipy computes it (``scipy.stats.ecdf`` of censored data).

Belongs here: stages of a question raised once, their quantiles. Does not: what the files say (ingestion), business
hours: the clock is the wall's.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from scipy.stats import CensoredData, ecdf

STAGES = (("raised", "data_ready"), ("data_ready", "proposed"), ("proposed", "decided"), ("raised", "decided"))
ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Round:
    """A question from when it was raised; raised again it is another round. ``withdrawn``: when it needed no answer."""

    decision_id: str
    raised: datetime
    data_ready: datetime | None = None
    proposed: datetime | None = None
    decided: datetime | None = None
    withdrawn: datetime | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """``is_over``: the stage was left; else it took at least so long. ``hours`` is None where there is a reason."""

    hours: float | None
    is_over: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Quantiles are None where the estimate does not come so far: ``not_reached``."""

    rounds: int
    decided: int
    median: float | None
    p85: float | None
    reason: str = ""


def span(question: Round, begin: str, end: str, now: datetime) -> Span:
    """How long a stage took by now, or has taken. A stage out of order is no stage; the rest of its row stays."""
    begun, ended, decided, withdrawn = (
        at if at is not None and at <= now else None
        for at in (getattr(question, begin), getattr(question, end), question.decided, question.withdrawn)
    )
    if begun is None:
        return Span(None, False, f"{begin}_unknown")
    if ended is not None and ended >= begun:
        return Span(hours(begun, ended), True)
    over = [at for at in (decided, withdrawn) if at is not None]
    if ended is not None or any(at < begun for at in over):
        return Span(None, False, f"decided_before_{'data' if begin == 'data_ready' else begin}")
    if decided is not None:
        return Span(None, False, f"{end}_unknown")
    return Span(hours(begun, min([now, *over])), False)


def hours(begin: datetime, end: datetime) -> float:
    return (end - begin).total_seconds() / 3600


def reopened(rounds: Iterable[Round]) -> tuple[int, int]:
    """Questions that were raised more than once, and all questions."""
    times = Counter(question.decision_id for question in rounds)
    return sum(count > 1 for count in times.values()), len(times)


def survival(spans: Sequence[Span]) -> tuple[np.ndarray, np.ndarray]:
    """Hours, and the share that takes longer. Who is censored at t is at risk at t."""
    known = [one for one in spans if one.hours is not None]
    over, still = ([one.hours for one in known if one.is_over == wanted] for wanted in (True, False))
    if not over:
        return np.empty(0), np.empty(0)
    found = ecdf(CensoredData(uncensored=over, right=still)).sf
    return found.quantiles, found.probabilities


def estimate(spans: Sequence[Span]) -> Estimate:
    known = [one for one in spans if one.hours is not None]
    decided = sum(one.is_over for one in known)
    times, longer = survival(spans)
    median, p85 = (
        next((float(time) for time, share in zip(times, longer, strict=True) if share <= 1 - level + ROUNDING), None)
        for level in (0.5, 0.85)
    )
    return Estimate(len(known), decided, median, p85, "no_decisions" if not known else "" if p85 else "not_reached")
