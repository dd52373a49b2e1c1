"""Jira on bad days: each fault is recovered from or named, other streams land, the next clean run makes it whole."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingestion.errors import SourceError, SourceErrors
from ingestion.sources import LoadOptions
from sandbox import truth
from sandbox.faults import RAW
from sandbox.timestamps import ms
from tests.ingestion.scripted_server import answer, scripted
from tests.ingestion.sources.jira_site import STREAMS, Site, alive, site_with_news
from tests.ingestion.sources.vendor_site import NOW, QUICK, copy_home

SEARCH = {"path": "search/jql"}
ALWAYS = {"count": "always"}


@pytest.fixture(autouse=True)
def short_pages(later: Site) -> None:
    later.set(PAGE_SIZE="3")


@pytest.mark.parametrize(
    "faults",
    [
        [{"fault": "status", "status": 429, "retry_after": 0.01, "nth": 2, "count": 3}],
        [{"fault": "status", "status": 429, "retry_after": 60, "as_date": True, **SEARCH}],
        [{"fault": "status", "status": 429, "nth": 5}, {"fault": "status", "status": 503, "path": "project/search"}],
        [{"fault": "status", "status": 500, "count": 5, **SEARCH}, {"fault": "status", "status": 504, "path": "field"}],
        [{"fault": "reset", **SEARCH}, {"fault": "cut", "path": "users/search"}, {"fault": "reset", "path": "worklog"}],
        [{"fault": "short_length", "at": 60, **SEARCH}, {"fault": "short_length", "at": 20, "path": "bulkfetch"}],
        [{"fault": "silence", **SEARCH}],
        [{"fault": "bom", **SEARCH, **ALWAYS}, {"fault": "bom", "path": "field", **ALWAYS}],
        [{"fault": "charset", **SEARCH, **ALWAYS}, {"fault": "charset", "path": "board$", **ALWAYS}],
        [{"fault": "charset", "encoding": "latin-1", "claimed": "iso-8859-1", "path": "bulkfetch", **ALWAYS}],
        [{"fault": "charset", "encoding": "utf-8", "claimed": "iso-8859-1", **ALWAYS}],
        [{"fault": "invalid_utf8", **SEARCH}, {"fault": "invalid_utf8", "path": "bulkfetch"}],
        [{"fault": "duplicate_page", "nth": 2, **SEARCH}, {"fault": "duplicate_page", "nth": 2, "path": "bulkfetch"}],
        [{"fault": "empty_page", "count": 3, **SEARCH}, {"fault": "empty_page", "path": "bulkfetch"}],
        [{"fault": "reverse", **SEARCH, **ALWAYS}, {"fault": "reverse", "path": "bulkfetch", **ALWAYS}],
        [{"fault": "mutate", "what": "insert", "nth": 2, **SEARCH}],
        [{"fault": "mutate", "what": "delete", "nth": 2, **SEARCH}],
        [{"fault": "mutate", "what": "edit", "nth": 2, **SEARCH}],
    ],
    ids=lambda faults: " ".join(f"{fault['fault']} {fault.get('status', fault.get('what', ''))}" for fault in faults),
)
def test_what_can_be_recovered_from_is_and_the_run_is_green(later: Site, faults: list[dict[str, Any]]) -> None:
    later.load(*faults)
    assert any(line["fault"] for line in later.sandbox.log)
    if faults[0].get("what") == "delete":
        later.load()
    later.assert_whole()


@pytest.fixture(scope="module")
def unlucky(landed_earlier: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site that one failure after the other is tried on."""
    with pytest.MonkeyPatch.context() as environment:
        yield site_with_news(copy_home(landed_earlier, tmp_path_factory.mktemp("unlucky") / "home"), environment)


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        ({"fault": "status", "status": 500, **ALWAYS}, 500, "6 attempts"),
        ({"fault": "status", "status": 403, **ALWAYS}, 403, "permission"),
        ({"fault": "status", "status": 401, "nth": 2}, 401, "make a new token"),
        ({"fault": "status", "status": 400}, 400, "refused"),
        ({"fault": "status", "status": 410}, 410, "removed this endpoint"),
        ({"fault": "html_login"}, 200, "not JSON but text/html"),
        ({"fault": "error_body"}, 200, "error inside a good answer"),
        ({"fault": "error_body", "document": {"error": "no"}}, 200, "error inside a good answer"),
        ({"fault": "empty_page", **ALWAYS}, None, "nothing new"),
        ({"fault": "huge_page", "size": 140_000_000}, 200, "larger than 128 MB"),
        ({"fault": "drip", **ALWAYS}, None, "took longer"),
        ({"fault": "silence", "seconds": 5, **ALWAYS}, None, "no answer in time"),
        ({"fault": "cut", **ALWAYS}, None, "cut short"),
        ({"fault": "redirect", "to": "https://id.atlassian.com/login"}, 302, "redirects"),
    ],
    ids=lambda value: " ".join(map(str, value.values())) if isinstance(value, dict) else "",
)
def test_what_can_not_is_named_and_costs_no_other_stream(
    unlucky: Site, fault: dict[str, Any], status: int | None, words: str
) -> None:
    impatient = {"drip": {"ATTEMPTS": "2", "TOTAL_TIMEOUT": "0.8"}, "silence": {"ATTEMPTS": "2", "READ_TIMEOUT": "0.4"}}
    unlucky.set(**{"ATTEMPTS": "6"} | QUICK | impatient.get(fault["fault"], {}))
    issues, *skipped = unlucky.failures({**fault, **SEARCH})
    assert (issues.source, issues.stream, issues.status) == ("jira", "issues", status)
    assert issues.cursor
    assert words in str(issues)
    assert [error.stream for error in skipped] == ["issues", "changelogs"]
    assert all("skipped, because issues failed" in str(error) for error in skipped)
    assert len(unlucky.asked("search/jql")) < 120
    assert len(alive("sprints")) == 126


def test_after_all_that_one_clean_run_makes_it_whole(unlucky: Site) -> None:
    unlucky.load()
    unlucky.assert_whole()


def test_a_repeated_page_token_ends_the_search(site: Site) -> None:
    page = '{"accountId":"5b1","timeZone":"UTC","values":[{"id":1}],"isLast":true,"issues":[],"nextPageToken":"same"}'
    with scripted(answer(page)) as vendor:
        site.set(BASE_URL=vendor.url, MAX_DELETED_SHARE="1")  # all projects but one are gone as well
        with pytest.raises(SourceErrors, match=r"jira\.issues .*same page token twice"):
            site.run()
        assert len([request for request in vendor.requests if "search/jql" in request.target]) == 2


@pytest.mark.parametrize("stream", ["users", "project", "board", "worklog"])
def test_a_forbidden_stream_fails_alone(later: Site, stream: str) -> None:
    path = rf"/{stream}(s/search|/search|/bulkfetch|/updated)?$"
    errors = later.failures({"fault": "status", "status": 403, "path": path, **ALWAYS})
    assert errors[0].stream.startswith(stream)
    assert errors[0].status == 403
    dependants = {"board": ["sprints"], "project": ["issues", "issues", "changelogs", "worklogs"]}

    assert [error.stream for error in errors[1:]] == dependants.get(stream, [])


def test_bad_credentials_stop_the_load_before_anonymous_empty_lists_are_believed(later: Site) -> None:
    before = {stream: alive(stream).keys() for stream in STREAMS}
    later.set(API_TOKEN="wrong")
    with later.serving(), pytest.raises(SourceError, match="credentials are wrong"):
        later.run()
    assert [line["path"] for line in later.sandbox.log] == ["/rest/api/3/myself"]
    assert before == {stream: alive(stream).keys() for stream in STREAMS}


@pytest.mark.parametrize("path", ["users/search", "project/search", "board$", "search/jql"])
def test_an_empty_list_where_there_were_records_deletes_nothing(later: Site, path: str) -> None:
    before = {stream: alive(stream).keys() for stream in STREAMS}
    fault = {"fault": "empty_list", "path": path, **ALWAYS}
    if path == "search/jql":
        # asked for by id, the issues are there
        later.load(fault)
    else:
        assert "permission" in str(later.failures(fault)[0])
    assert all(before[stream] <= alive(stream).keys() for stream in STREAMS)
    later.load()
    later.assert_whole()


def test_a_lost_permission_is_not_a_deletion_and_what_changed_meanwhile_comes_with_its_return(later: Site) -> None:
    before = {stream: alive(stream).keys() for stream in ("issues", "changelogs", "worklogs", "sprints")}
    projects = {key: payload for key, (_, payload) in alive("projects").items()}
    later.load({"fault": "hide_project", "project": "PAY", **ALWAYS})
    assert all(before[stream] <= alive(stream).keys() for stream in before)
    assert ['"key":"PAY"' in projects[key] for key in projects.keys() - alive("projects").keys()] == [True]
    later.failures({"fault": "status", "status": 500, "path": "worklog", **ALWAYS})
    later.load()
    later.assert_whole()


def test_more_deletions_than_the_share_are_refused_until_somebody_allows_them(later: Site) -> None:
    third = len(alive("issues")) // 3
    for number, issue in enumerate(sorted(alive("issues"), key=int)[-third:]):
        later.company.delete_issue(ms("2026-10-14T00:00:00Z") + number, int(issue))
    before = alive("issues").keys()
    error = later.failures()[0]
    assert error.stream == "issues"
    assert f"{third} of" in str(error)
    assert "MAX_DELETED_SHARE" in str(error)
    assert before <= alive("issues").keys()
    later.set(MAX_DELETED_SHARE="0.5")
    later.load()
    later.assert_whole()


def test_a_write_that_the_index_did_not_know_is_found_by_the_next_run(later: Site) -> None:
    later.company.edit_issue(ms("2026-10-13T12:00:00Z") - 60_000, int(max(alive("issues"))))
    later.load({"fault": "lag", "seconds": 120, **SEARCH, **ALWAYS}, now="2026-10-13T12:00:00Z")
    later.load()
    later.assert_whole()


def test_a_link_to_another_host_is_not_followed(later: Site) -> None:
    with scripted(answer()) as other:
        later.load({"fault": "next_link", "path": "worklog/updated", "to": f"{other.url}/steal"})
        refused = later.failures({"fault": "redirect", "path": "/field", "to": f"{other.url}/steal"})
        assert other.requests == []
    assert "no credential was sent" in str(refused[0])
    later.assert_whole()


def test_any_value_lands_as_it_came_and_every_record_keeps_its_id(later: Site) -> None:
    later.set(PAGE_SIZE="5")
    plant = {"fault": "plant", "field": "fields.customfield_99999", **SEARCH}
    faults = [{**plant, "raw": name, "nth": 1 + 2 * number, "count": 2} for number, name in enumerate(RAW)]
    known = alive("issues").keys()
    later.load(*faults, options=LoadOptions(resync=True, census=False))
    assert not [key for key in alive("issues") if key.startswith("unreadable/")]
    assert known <= alive("issues").keys()
    texts = [text for _, text in alive("issues").values()]
    for name, raw in RAW.items():
        assert sum(f'"customfield_99999":{raw}' in text for text in texts) >= 1, name
    later.load(options=LoadOptions(resync=True))
    later.assert_whole()


def test_bytes_that_are_no_text_land_readable_and_cost_their_neighbours_nothing(later: Site) -> None:
    later.load({"fault": "invalid_text", "field": "fields.summary", **SEARCH}, options=LoadOptions(census=False))
    odd = [text for _, text in alive("issues").values() if r"\xe9" in text]
    assert len(odd) == 1
    assert r"caf\xe9 \xff" in odd[0]
    later.load(options=LoadOptions(resync=True))
    later.assert_whole()


def test_a_record_of_20_mb_lands(later: Site) -> None:
    later.load({"fault": "huge_record", **SEARCH})
    assert max(len(text) for _, text in alive("issues").values()) > 20_000_000
    later.load()
    later.assert_whole()


@pytest.mark.parametrize("field", ["fields.updated", "fields", "id"])
def test_a_record_without_cursor_or_key_lands_all_the_same(later: Site, field: str) -> None:
    drop = {"fault": "drop", "field": field, "count": 2, **SEARCH}
    later.load(drop, options=LoadOptions(census=False))
    assert any(key.startswith("unreadable/") for key in alive("issues")) == (field == "id")
    later.load()
    assert {key for key in alive("issues") if key.isdigit()} == set(
        truth.landed_from("jira", later.company, NOW)["issues"]
    )


@pytest.mark.parametrize(
    "change",
    [
        {"fault": "plant", "field": "new_field", "raw": '{"a":[1.10]}'},
        {"fault": "plant", "field": "fields.summary", "raw": "17"},
        {"fault": "drop", "field": "fields.summary"},
        {"fault": "plant", "field": "fields.updated", "raw": "null"},
    ],
    ids=["new field", "other type", "field gone", "cursor null"],
)
def test_a_changed_shape_lands_and_is_left_to_staging(later: Site, change: dict[str, Any]) -> None:
    landed = later.load({**change, "row": "all", **SEARCH, **ALWAYS}, options=LoadOptions(census=False))
    assert landed["issues"] >= 4
    assert alive("issues").keys() >= truth.landed_from("jira", later.company, NOW)["issues"].keys()


def test_a_board_that_is_refused_costs_itself_and_its_sprints_stay(later: Site) -> None:
    later.load({"fault": "status", "status": 403, "path": "board/1/sprint", **ALWAYS})
    assert any(line["status"] == 400 for line in later.asked("/sprint")), "a board without sprints"
    later.assert_whole()


@pytest.mark.parametrize("first", range(3, 24, 7))
def test_a_load_that_ends_at_any_request_is_made_whole_by_the_next(later: Site, first: int) -> None:
    later.set(ATTEMPTS="1", PAGE_SIZE="100")
    later.failures({"fault": "status", "status": 500, "nth": first, **ALWAYS})
    later.load(now=NOW)
    later.assert_whole()
