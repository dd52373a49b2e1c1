"""The table of faults: what each does before the vendor answers, and after.

Belongs here: how a fault enters the table, what it may change. Does not: any fault.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from sandbox.company import Company
from sandbox.timestamps import Clock
from sandbox.transport import Reply


class Backend(Protocol):
    """What a fault may change before the vendor answers: the company behind all vendors, and their clock."""

    company: Company
    clock: Clock


BEFORE: dict[str, Callable[..., None]] = {}
AFTER: dict[str, Callable[..., Reply]] = {}


def before(change: Callable[..., None]) -> Callable[..., None]:
    BEFORE[change.__name__] = change
    return change


def after(change: Callable[..., Reply]) -> Callable[..., Reply]:
    AFTER[change.__name__] = change
    return change
