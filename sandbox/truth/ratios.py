"""A ratio of a mart: its value, or why there is none.

Belongs here: the form that all of them share. Does not: what is divided by what.
"""

from __future__ import annotations

from typing import Any


def guarded(name: str, part: int, whole: int | None, empty: str, n: int, least: int) -> dict[str, Any]:
    """Nothing is a ratio of nothing (`empty` is the mart's word for that), or of fewer than the least (`n` things)."""
    reason = empty if not whole else "too_few" if n < least else None
    return {name: None if reason or not whole else part / whole, f"{name}_suppressed_reason": reason}
