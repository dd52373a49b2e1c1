"""Readers never notice a publish."""

from pathlib import Path

from tests.serving.storm import storm


def test_no_read_fails_and_none_is_torn_while_snapshots_are_published(tmp_path: Path) -> None:
    """The long version, 200 publishes, is in `make torture`."""
    seen = storm(tmp_path, publishes=8)
    assert seen.reads >= 15, "too few reads to say anything"
    assert seen.held >= 5, "too few of snapshots in which a mart is held back"
    assert seen.errors == ()
    assert seen.torn == ()
