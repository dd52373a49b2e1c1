"""What was deleted is gone."""

from pathlib import Path

from sandbox.company import Company
from tests.end_to_end.play import LAST_DAY, NOW, Play, day_after_the_first, newest


def before_a_deletion(company: Company) -> str:
    """A day on which an issue with a history is there that is gone by now."""
    left = company.world(NOW).issues.keys()
    for day in range(1, LAST_DAY):
        timestamp = day_after_the_first(day)
        if any(issue.histories for key, issue in company.world(timestamp).issues.items() if key not in left):
            return timestamp
    raise AssertionError("no issue is ever deleted in this company")


def test_a_deleted_issue_leaves_with_all_that_hung_on_it(tmp_path: Path) -> None:
    play = Play(tmp_path / "home", seed=1, sources=("files", "jira"))
    with play.served():
        play.load(before_a_deletion(play.company), census=False)
        there = {stream: set(newest("jira", stream)) for stream in ("issues", "changelogs")}
        play.load()
        assert play.landed_differences() == []
        gone = {stream: before - newest("jira", stream).keys() for stream, before in there.items()}
    assert gone["issues"]
    assert gone["changelogs"]
