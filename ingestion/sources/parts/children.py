"""Children of a stream that are asked for one by one, each of which may be refused.

Belongs here: what a refusal costs: that child, named by its id, and never its stream. Does not: how a vendor is asked,
what happens to a child that could not be read (it stays as it landed, and the sources' pages see to that).
"""

from collections.abc import Iterator
from contextlib import contextmanager

from ingestion.errors import SourceError
from ingestion.landing import SMALL_LOSS
from ingestion.records import BrokenJsonError, NotAPageError

OF_ALL = (401, 429)
"""Statuses that are never about one child."""
ODD = (400, 404, 409, 410, 422)
"""Statuses by which a vendor says that there is nothing to be had of this child: it is gone, or of another kind."""
SHOWN = 3


class Unread:
    """The children that could not be read in one load, each with its error. ``kind``: what one is called."""

    def __init__(self, source: str, stream: str, kind: str) -> None:
        self.source, self.stream, self.kind = source, stream, kind
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
            if error.status is None or error.status in OF_ALL:
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

    @property
    def note(self) -> str:
        """What a person should know about it; nothing where all were read. Raises ``SourceError`` where none could be
        read and that is no oddity of each: then it is the permission that is missing, or the vendor that is down."""
        refused = [error for error in self.errors.values() if error.status not in ODD]
        if not self._read and refused:
            raise refused[0]
        shown = [
            f"{self.kind} {key} (status {one.status}: {one.hint})" for key, one in list(self.errors.items())[:SHOWN]
        ]
        more = len(self.errors) - len(shown)
        named = ", ".join([*shown, *([f"and {more} more: {', '.join(list(self.errors)[SHOWN:])}"] if more else [])])
        return f"{self.stream}: could not be read and stays as it landed: {named}" if named else ""
