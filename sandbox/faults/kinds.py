"""The table of faults: what each does before the vendor answers, and after.

Here belongs how a fault enters the table. Not here: any fault.
"""

from __future__ import annotations

from collections.abc import Callable

from sandbox.transport import Answer

BEFORE: dict[str, Callable[..., None]] = {}
AFTER: dict[str, Callable[..., Answer]] = {}


def before(change: Callable[..., None]) -> Callable[..., None]:
    BEFORE[change.__name__] = change
    return change


def after(change: Callable[..., Answer]) -> Callable[..., Answer]:
    AFTER[change.__name__] = change
    return change
