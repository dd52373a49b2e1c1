"""What a launch has changed: the use of accounts that have it against that of accounts that do not have it yet.

A difference in differences of one number an account (Bertrand, Duflo and Mullainathan 2004: what is collapsed to before
and after can't be too sure because weeks resemble each other): how much the account's use has changed since it got the
launch. Accounts that get it in waves are each compared over their own weeks with accounts that never had it by then
(Callaway and Sant'Anna 2021). Means of both groups are compared as Welch does, each account weighing the same.

In percent, an account's change is its use after as a multiple of its use before, so that one that stopped counts; the
effect is the factor by which the exposed accounts' must be divided for them to have changed as the others did, and
factors that are not refused at 95 % are the interval. In units of the metric, changes are differences.

Groups that were already moving apart before are not compared (``pre_trend``). Not seeing a difference is no proof that
there is none (Roth 2022), so the test refuses early: one clean launch in five or so is refused.

Belongs here: panels in, an estimate or the reason why there is none. Does not: who had what since when (dbt).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import t as student

Array = NDArray[np.float64]
LEVEL = 0.95
PRE_TREND_LEVEL, PLACEBO_LEVEL = 0.2, 0.05
"""A slope, or a jump where a launch is only supposed, that chance gives less often than so refuses the launch."""
LEAST_ACCOUNTS, LEAST_SHARE = 10, 0.1
"""Accounts that each group needs; and of all, those without the launch: where all get it, time ends before the last."""
LEAST_BEFORE = 4
RECENT = 4
"""In so many periods before the first launch an account must have use: who left before, or came after, says nothing."""
SUPPOSED = 0.25
"""The part of the time before that comes after a launch that is only supposed."""
WIDEST = 3.0
"""Effects are looked for between e^-3 and e^3 times the use."""
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Panel:
    """Use by account (rows) and period (columns), and the first period in which the account had the launch; the number
    of periods where it has not had it. ``is_relative``: the effect is asked for in percent, not in units. ``gap``: so
    many periods from then on are neither before nor after, because the account had it for a part of them."""

    use: Array
    since: NDArray[np.int64]
    is_relative: bool
    gap: int = 0


@dataclass(frozen=True, slots=True)
class Effect:
    """An effect on an exposed account, as a share of its use or in units, with its 95 % interval; or the reason.

    ``pre_trend_p`` and ``placebo_p`` are how often chance alone gives groups that differ so much before the launch."""

    exposed: int
    control: int
    effect: float | None = None
    low: float | None = None
    high: float | None = None
    pre_trend_p: float | None = None
    placebo_p: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    of: float
    error: float
    freedom: float

    @property
    def p(self) -> float:
        """How often chance gives a difference so large. Without any noise every difference is one."""
        if self.error <= ROUNDING * max(1.0, abs(self.of)):
            return float(abs(self.of) <= ROUNDING)
        return float(2 * student.sf(abs(self.of) / self.error, self.freedom))

    @property
    def margin(self) -> float:
        return float(student.ppf((1 + LEVEL) / 2, self.freedom)) * self.error


def estimate(panel: Panel) -> Effect:
    if not np.any(panel.since < panel.use.shape[1]):
        return Effect(0, len(panel.since), reason="no_release")
    panel = comparable(panel)
    periods = panel.use.shape[1]
    exposed, control = int((panel.since < periods).sum()), int((panel.since >= periods).sum())
    if exposed and not control:
        return Effect(exposed, control, reason="no_control")
    if min(exposed, control) < LEAST_ACCOUNTS:
        return Effect(exposed, control, reason="too_few")
    trend, placebo = compared(*measured(panel, slope)), compared(*measured(panel, supposed)).p
    known = Effect(exposed, control, pre_trend_p=trend.p, placebo_p=placebo)
    if trend.p < PRE_TREND_LEVEL or placebo < PLACEBO_LEVEL:
        return replace(known, reason="pre_trend")
    found = interval(panel, trend)
    if found is None:
        return replace(known, reason="too_few")
    return replace(known, effect=found[0], low=found[1], high=found[2])


def comparable(panel: Panel) -> Panel:
    """Accounts with time and recent use before, until so many have the launch that too few are left to compare with."""
    periods, accounts = panel.use.shape[1], len(panel.since)
    wanted = max(LEAST_ACCOUNTS, round(LEAST_SHARE * accounts))
    if wanted <= accounts and (panel.since >= periods).sum() < wanted:
        last = int(np.sort(panel.since)[-wanted])
        # Where everybody got it at once there is no earlier end.
        periods = last if np.any(panel.since < last) else periods
    first = int(panel.since.min(initial=periods))
    since = np.minimum(panel.since, periods)
    # Who had it too early has no time before, and who had it too late none after.
    kept = (since >= LEAST_BEFORE) & ((since == periods) | (since + panel.gap < periods))
    kept &= panel.use[:, max(0, first - RECENT) : first].sum(axis=1) > 0
    there = np.array(
        [seen(panel, wave) & np.isin(since, (wave, periods)) for wave in np.unique(since[since < periods])]
    )
    kept &= there.any(axis=0)
    return replace(panel, use=panel.use[kept, :periods], since=since[kept])


def seen(panel: Panel, wave: int) -> NDArray[np.bool_]:
    """Accounts with use in the periods in which a wave got it. Those that got it had, as somebody was shown it: of the
    others, too, these alone are compared, or those who had left by then would make the launch look good."""
    return panel.use[:, wave : wave + panel.gap].sum(axis=1) > 0 if panel.gap else np.ones(len(panel.use), dtype=bool)


Measure = Callable[[Array, int, bool], Array]
"""A number for each account, of its use and the period in which a wave had the launch."""


def measured(panel: Panel, measure: Measure) -> tuple[Array, Array]:
    """Of exposed accounts, each at its own wave, and of the others, at the same waves in the same mix."""
    has = panel.since < panel.use.shape[1]
    waves, sizes = np.unique(panel.since[has], return_counts=True)
    own, others, weights = np.empty(0), np.zeros(int((~has).sum())), np.zeros(int((~has).sum()))
    for wave, size in zip(waves, sizes, strict=True):
        use = np.delete(panel.use, np.arange(wave, wave + panel.gap), axis=1)
        own = np.append(own, measure(use[panel.since == wave], int(wave), panel.is_relative))
        weight = size * seen(panel, int(wave))[~has]
        others, weights = others + weight * measure(use[~has], int(wave), panel.is_relative), weights + weight
    return own, others / weights


def compared(own: Array, others: Array) -> Difference:
    parts = [(float(group.var(ddof=1)) / len(group), len(group) - 1) for group in (own, others)]
    squared = sum(part for part, _ in parts)
    freedom = squared**2 / sum(part**2 / freedom for part, freedom in parts) if squared else np.inf
    return Difference(float(own.mean() - others.mean()), float(np.sqrt(squared)), float(freedom))


def change(use: Array, wave: int, is_relative: bool) -> Array:
    before: Array = use[:, :wave].mean(axis=1)
    after: Array = use[:, wave:].mean(axis=1)
    found: Array = after - before
    return np.divide(after, before, out=np.ones_like(after), where=before > 0) if is_relative else found


def supposed(use: Array, wave: int, is_relative: bool) -> Array:
    """The change at a launch that was none, before the launch that was."""
    return change(use[:, :wave], wave - max(1, round(SUPPOSED * wave)), is_relative)


def slope(use: Array, wave: int, is_relative: bool) -> Array:
    """Change a period before the launch, of an account's mean use where it is relative."""
    before = use[:, :wave]
    times = np.arange(wave) - (wave - 1) / 2
    found: Array = before @ times / (times @ times)
    level = before.mean(axis=1)
    return np.divide(found, level, out=np.zeros_like(level), where=level > 0) if is_relative else found


def interval(panel: Panel, trend: Difference) -> tuple[float, float, float] | None:
    """The effect, and the least and the greatest that can't be excluded; None where there is no end to them.

    The middle of the periods after is half of all periods later than the middle of those before: so far would the
    difference in slopes have gone on."""
    own, others = measured(panel, change)
    drift = trend.of * panel.use.shape[1] / 2
    asked = ((0.0, 0), (max(drift, 0.0), -1), (min(drift, 0.0), 1))
    if not panel.is_relative:
        found = compared(own, others)
        effect, low, high = (found.of - of + margins * found.margin for of, margins in asked)
        return effect, low, high

    def excess(log_factor: float, of: float, margins: int) -> float:
        found = compared(own / np.exp(log_factor), others)
        return found.of - of + margins * found.margin

    if any(excess(-WIDEST, *one) < 0 or excess(WIDEST, *one) > 0 for one in asked):
        return None
    effect, low, high = (float(np.expm1(brentq(excess, -WIDEST, WIDEST, args=one, xtol=1e-12))) for one in asked)
    return effect, low, high


def beyond_own_trend(use: Array, wave: int) -> float | None:
    """Of the sum of a group: use since the launch over what steady growth by the rate before gives, less one.

    For the record where the groups grew apart: it rests on growth going on, and is no effect."""
    before, after = use[:, :wave].sum(axis=0), use[:, wave:].sum(axis=0)
    if wave < 2 or not len(after) or np.any(before <= 0):
        return None
    rate, level = np.polyfit(np.arange(wave), np.log(before), 1)
    expected = np.exp(level + rate * np.arange(wave, use.shape[1])).sum()
    return float(after.sum() / expected - 1)
