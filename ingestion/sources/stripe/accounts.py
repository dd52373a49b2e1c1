"""One account's part of what landed of Stripe.

Belongs here: whose a landed record is. Does not: when an account is read, and how (load.py, api.py).

Stripe makes most ids, and no two accounts share one of those. But a company chooses ids of products, plans and
coupons, and a customer copied to another account can have the same one there: what lands of an account with a name has
that before its ids (``eu/gold``), the names of its cursors behind the stream (``events/eu``), and its own name as the
parent of what has no other one. The account whose key stands alone has no name, and its ids land as they are.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from ingestion.landing import NO_PARENT, Batch, Landed, Landing, Record


class AccountLanding:
    """Takes and gives the ids that the account itself has."""

    def __init__(self, landing: Landing, account: str) -> None:
        self._all, self._account = landing, account
        self._prefix = f"{account}/" if account else ""

    def through(self, stream: str) -> str | None:
        return self._all.through(self._cursor(stream))

    def alive(self, stream: str) -> set[str]:
        """Records that belong to no other one of the account."""
        return self._own(self._all.children(stream, [self._account or NO_PARENT]))

    def payloads(self, stream: str, keys: Collection[str]) -> dict[str, str]:
        payloads = self._all.payloads(stream, self._landed(keys))
        return {key.removeprefix(self._prefix): text for key, text in payloads.items()}

    def children(self, stream: str, parents: Collection[str]) -> set[str]:
        return self._own(self._all.children(stream, self._landed(parents)))

    def land_together(self, batches: Sequence[Batch]) -> list[Landed]:
        """Records and the cursors that move with them, as one package."""
        if not self._account:
            return self._all.land_together(batches)
        records = [Batch(batch.stream, [self._named(one) for one in batch.records]) for batch in batches]
        moved = [Batch(self._cursor(one.stream), [], one.through) for one in batches if one.through is not None]
        return self._all.land_together([*records, *moved])[: len(records)]

    def land_cursor(self, stream: str, through: str) -> None:
        """Moves a cursor that has no records of its own."""
        self._all.land(self._cursor(stream), [], through=through)

    def _cursor(self, stream: str) -> str:
        return f"{stream}/{self._account}" if self._account else stream

    def _own(self, keys: Iterable[str]) -> set[str]:
        return {key.removeprefix(self._prefix) for key in keys}

    def _landed(self, keys: Iterable[str]) -> list[str]:
        return [self._prefix + key for key in keys]

    def _named(self, record: Record) -> Record:
        parent = self._account if record.parent_id is None else self._prefix + record.parent_id
        return replace(record, record_id=self._prefix + record.record_id, parent_id=parent)
