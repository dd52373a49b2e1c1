"""What `atlassian-python-api` reads of each stream of our own loader. Runs inside its environment."""

import json
import os
import sys

from atlassian import Jira
from requests import HTTPError

url, _folder = sys.argv[1:]
jira = Jira(
    f"{url}/jira",
    username=os.environ["SOURCES__JIRA__EMAIL"],
    password=os.environ["SOURCES__JIRA__API_TOKEN"],
    cloud=True,
)


def offsets(ask):
    """All records of a list of the older kind: `ask` gives the page that starts at a place."""
    found = []
    while page := ask(len(found)):
        found += page
    return found


def users():
    """In steps of what is asked for: accounts that are left out of a page still have a place in it."""
    found, start = [], 0
    while page := jira.users_get_all(start=start, limit=5):
        found += [one["accountId"] for one in page]
        start += 5
    return found


def sprints_of(board):
    """None of a board that the vendor refuses: one without sprints."""
    try:
        return offsets(lambda start: jira.get_all_sprints_from_board(board["id"], start=start)["values"])
    except HTTPError as refused:
        if refused.response.status_code != 400:
            raise
        return []


def worklogs():
    """Through the feed of what changed, page by page."""
    found, since = {}, 0
    while True:
        page = jira.get_updated_worklogs(since / 1000)
        ids = [one["worklogId"] for one in page["values"]]
        found |= {log["id"]: log for log in jira.get_worklogs(ids)} if ids else {}
        if page["lastPage"]:
            return list(found)
        since = page["until"]


issues = jira.enhanced_jql_get_list_of_tickets("created >= 2000-01-01 ORDER BY key", fields="summary")
boards = offsets(lambda start: jira.get_all_agile_boards(start=start)["values"])
found = {
    "fields": [one["id"] for one in jira.get_all_fields()],
    "statuses": [one["id"] for one in jira.get_all_statuses()],
    "projects": [one["id"] for one in jira.projects()],
    "users": users(),
    "boards": [one["id"] for one in boards],
    "sprints": sorted({sprint["id"] for board in boards for sprint in sprints_of(board)}),
    "issues": [one["id"] for one in issues],
    "worklogs": worklogs(),
    "changelogs": [
        history["id"]
        for issue in issues
        for history in offsets(lambda start, issue=issue: jira.get_issue_changelog(issue["key"], start=start)["values"])
    ],
}
print(json.dumps(found))
