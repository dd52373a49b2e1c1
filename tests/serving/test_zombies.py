"""A run that lost its lease publishes nothing."""

from pathlib import Path

from tests.serving.zombies import late, points


def test_a_publish_that_was_stopped_and_overtaken_swaps_nothing_and_says_who_has_the_lease(tmp_path: Path) -> None:
    """At its beginning, with the snapshot in its place, in the middle of the swap and behind it. All points are in
    `make torture`. A failure here lets an old run replace what a newer one published."""
    last = points(tmp_path)
    assert late(tmp_path, (2, last - 4, last - 2, last - 1)) == []
