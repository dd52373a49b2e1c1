"""Which landed records the vendor does not list any more.

Belongs here: comparing ids that were read with ids that landed, and refusing a loss that is not plausible. Does not:
how a vendor lists ids or confirms that a record is gone (the sources' pages).
"""

from collections.abc import Callable, Collection, Set

from ingestion.landing import Landing

Ids = Set[str]


def _all(ids: set[str]) -> set[str]:
    return ids


def vanished(
    landing: Landing,
    stream: str,
    listed: Ids,
    max_share: float,
    *,
    alive: set[str] | None = None,
    expected: Callable[[set[str]], Collection[str]] = _all,
    confirmed: Callable[[set[str]], Collection[str]] = _all,
    may_be_empty: bool = False,
    cursor: str | None = None,
) -> set[str]:
    """Ids that are alive in landing and not in the list: what gets a tombstone.

    ``alive``: the landed ids to compare with, where these are not all of the stream. ``expected``: of the missing,
    those that the list should have shown. ``confirmed``: of these, those that are gone by what else the vendor says.

    Raises ``SourceError`` for an empty list, unless it may be one, and where more than that share of what is alive
    would vanish at once: a lost permission looks the same.
    """
    alive = landing.alive(stream) if alive is None else alive
    missing = set(expected(alive - listed))
    if not listed and not may_be_empty:
        landing.refuse_empty(stream, len(missing), max_share, cursor)
    gone = set(confirmed(missing))
    landing.refuse_loss(stream, len(gone), len(alive), max_share)
    return gone
