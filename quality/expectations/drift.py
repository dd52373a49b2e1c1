"""How the fields of a load compare with those of the loads before.

Belongs here: the profile of a stream, how profiles add up, which differences are looked at. Does not: reading landing
(batches.py), how much difference is too much (catalogue.py).

Small loads say nothing of shares: three issues that nobody estimated are no sign that estimates are gone. A difference
is looked at in ``ENOUGH`` records or more; until a load, with those after it, has as many, it is looked at together
with them. What was before must be known of ``ENOUGH`` records too, and of ``KNOWN`` for a field to be new or missed.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

ENOUGH = 20
KNOWN = 100
MEMORY = 2000
"""As many records before weigh in full; older ones fade, so that a change that is there to stay is the rule one day."""
MOST = 0.8
"""A field that so many records have is expected in the next ones; one that fewer have is a habit of some."""


@dataclass(frozen=True, slots=True)
class Field:
    """In how many records a field holds something, by its JSON type; null and blank are nothing."""

    present: int
    kinds: Mapping[str, int] = field(default_factory=dict)

    @property
    def filled(self) -> int:
        return sum(self.kinds.values())


@dataclass(frozen=True, slots=True)
class Profile:
    """``live``: records of the stream that exist. ``records``: those that were looked at, with their ``fields``.
    ``read_at``: when the newest of what landed was read, in unix seconds."""

    live: int
    records: int
    fields: Mapping[str, Field] = field(default_factory=dict)
    read_at: float = 0.0


def merged(before: Profile | None, now: Profile) -> Profile:
    """What is known once a batch is believed."""
    if before is None:
        return now
    weight = min(1.0, MEMORY / before.records) if before.records else 0.0
    known = {
        name: Field(round(one.present * weight), {kind: round(n * weight) for kind, n in one.kinds.items()})
        for name, one in before.fields.items()
    }
    fields = dict(known)
    for name, one in now.fields.items():
        old = known.get(name, Field(0))
        kinds = {kind: old.kinds.get(kind, 0) + one.kinds.get(kind, 0) for kind in {*old.kinds, *one.kinds}}
        fields[name] = Field(old.present + one.present, kinds)
    return Profile(now.live, round(before.records * weight) + now.records, fields, now.read_at)


def rows(before: Profile | None, now: Profile, needed: Collection[str]) -> Iterator[dict[str, object]]:
    """One row per field of either: ``key``, ``detail`` for a person, and what the rules look at, None where there is
    too little to judge by."""
    is_enough = now.records >= ENOUGH
    known = before if before is not None and before.records >= ENOUGH else Profile(0, 0)
    for name in sorted({*known.fields, *now.fields, *needed}):
        old, new = known.fields.get(name, Field(0)), now.fields.get(name, Field(0))
        expected = old.filled / known.records * now.records if known.records else 0.0
        usual = known.records >= KNOWN and old.filled >= MOST * known.records
        strange = {kind: count for kind, count in new.kinds.items() if kind not in old.kinds}
        detail = f"{name} is filled in {new.filled} of {now.records} records, {old.filled} of {known.records} before"
        if strange and old.filled:
            detail += f"; {', '.join(f'{count} {kind}' for kind, count in sorted(strange.items()))}"
            detail += f", {'/'.join(sorted(old.kinds))} before"
        yield {
            "key": name,
            "detail": detail,
            "needed_share": new.filled / now.records if is_enough and name in needed else None,
            "of_expected": new.filled / expected if is_enough and usual and name not in needed else None,
            "new_share": new.present / now.records
            if is_enough and known.records >= KNOWN and name not in known.fields
            else None,
            "of_other_kind": sum(strange.values()) / new.filled if min(old.filled, new.filled) >= ENOUGH else None,
        }
