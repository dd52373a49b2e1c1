"""Children of a stream that are asked for one by one, each of which may be refused.

Belongs here: what a refusal costs: that child, named by its id, and never its stream. Does not: how a vendor is asked,
what happens to a child that could not be read (it stays as it landed, and the sources' pages see to that).
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from ingestion.errors import SourceError
from ingestion.landing import SMALL_LOSS
from ingestion.records import BrokenJsonError, NotAPageError

OF_ALL = (401, 429)
"""Statuses that are never about one child."""
ODD = (400, 404, 409, 410, 422)
"""Statuses by which a vendor says that there is nothing to be had of this child: it is gone, or of another kind."""
SHOWN, NAMED = 3, 50
"""So many are shown with their reason, so many by their id."""
MOST = 0.2
"""Of the children asked for: where more are refused it is nothing odd about each of them (decision 0007)."""


def is_of_child(error: SourceError) -> bool:
    """Whether an error may be about the child alone that was asked for."""
    return error.status is not None and error.status not in OF_ALL


class Unread:
    """The children that could not be read in one load, each with its error. ``kind``: what one is called. ``odd``:
    statuses that are about one child even where none could be read."""

    def __init__(self, source: str, stream: str, kind: str, odd: Collection[int] = ODD) -> None:
        self.source, self.stream, self.kind, self.odd = source, stream, kind, odd
        self.errors: dict[str, SourceError] = {}
        self._read, self._failed = 0, 0

    @contextmanager
    def asked(self, key: str) -> Iterator[None]:
        """What is read inside is the child's: where it is refused the child is noted, and the load goes on.

        Raises ``SourceError`` for what is not about one child: credentials, limits, a vendor that is down.
        """
        try:
            yield
        except SourceError as error:
            if not is_of_child(error):
                raise
            self._failed += not isinstance(error.status, int) or error.status >= 500
            if self._failed > SMALL_LOSS:
                raise
            self.errors[key] = error
        except (BrokenJsonError, NotAPageError) as other:
            hint = f"{other}: the vendor's API changed or answered garbled"
            self.errors[key] = SourceError(self.source, self.stream, hint, cursor=key, status=200)
        else:
            self._read += 1

    def lacks(self, key: str, error: SourceError) -> None:
        """Notes a child that lands without a part of it."""
        self.errors[key] = error

    @property
    def note(self) -> str:
        """What a person should know about it; nothing where all were read.

        Raises ``SourceError`` where so many were refused that it is no oddity of each: then a permission is missing, or
        the vendor is down.
        """
        refused = [error for error in self.errors.values() if error.status not in self.odd]
        if not self._read and refused:
            raise refused[0]
        if len(self.errors) > max(SMALL_LOSS, MOST * (self._read + len(self.errors))):
            raise next(iter(self.errors.values()))
        if not self.errors:
            return ""
        shown = [f"{self.kind} {key} (status {one.status}: {one.hint})" for key, one in self.errors.items()][:SHOWN]
        others = list(self.errors)[SHOWN:NAMED]
        more = len(self.errors) - SHOWN
        named = ", ".join([*shown, *([f"and {more} more: {', '.join(others)}"] if others else [])])
        return f"{self.stream}: could not be read and stays as it landed: {named}"
