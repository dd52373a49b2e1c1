"""The expectations of what landed, and looking for them.

Belongs here: which rules each stream has, judging the streams of a source together. Does not: the rules
(catalogue.py, values.py), reading (batches.py). Great Expectations is imported only when there is a batch to look at.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from ingestion.manifests import Stream
from quality.expectations.batches import batches
from quality.expectations.catalogue import NEEDED as NEEDED_FIELDS
from quality.expectations.catalogue import OF_EVENTS, OF_FILES, OF_RECORDS, Expectation
from quality.expectations.values import NEEDED, RATE_STEPS, VALUES

if TYPE_CHECKING:
    from quality.expectations.suites import Found


def of_stream(source: str, stream: Stream) -> list[Expectation]:
    """What is expected of each load of a stream."""
    place = (source, stream.name)
    usual = OF_FILES if source == "files" else OF_EVENTS if stream.is_events else OF_RECORDS
    rules = [rule for rule in usual if rule is not NEEDED_FIELDS or place in NEEDED]
    rules += [RATE_STEPS] if place == ("fx", "rates") else []
    rules += [value.rule for value in VALUES.get(place, ())]
    return [Expectation(*place, rule) for rule in rules]


def judged(source: str, streams: Sequence[Stream], noted: Collection[str]) -> Iterator["Found"]:
    """What the expectations of these streams found. Once all of it was taken, the loads of the streams ``noted`` count
    as looked at: an end in the middle looks at the same batches again. A stream of which nothing landed is as
    expected."""
    for is_restricted in (False, True):
        found_batches = list(batches(source, [one for one in streams if one.is_restricted == is_restricted]))
        if not found_batches:
            continue
        from quality.expectations.suites import looked_at

        expectations = [one for batch in found_batches for one in of_stream(source, batch.stream)]
        frame = [row for batch in found_batches for row in batch.frame]
        suite = f"{source}_restricted" if is_restricted else source
        found = looked_at(suite, expectations, frame, is_restricted=is_restricted)
        yield from found
        red = {one.expectation.stream for one in found if one.expectation.rule.is_blocking and not one.is_green}
        for batch in (one for one in found_batches if one.stream.name in noted):
            batch.remember(is_good=batch.stream.name not in red)
