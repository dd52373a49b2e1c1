"""What the `jira` client reads of each stream of our own loader. Runs inside its environment."""

import json
import os
import sys
from string import ascii_lowercase

from jira import JIRA, JIRAError


def sprints_of(board):
    """None of a board that the vendor refuses: one without sprints."""
    try:
        return jira.sprints(board.id, maxResults=False)
    except JIRAError as refused:
        if refused.status_code != 400:
            raise
        return []


def users():
    """Everybody: it searches by the beginning of a name alone."""
    found = {}
    for letter in ascii_lowercase:
        start = 0
        while page := jira.search_users(query=letter, startAt=start):
            found |= {user.accountId: user for user in page}
            start += len(page)
    return list(found)


url, _folder = sys.argv[1:]
account = os.environ["SOURCES__JIRA__EMAIL"], os.environ["SOURCES__JIRA__API_TOKEN"]
jira = JIRA(f"{url}/jira", basic_auth=account, max_retries=0)
issues = jira.enhanced_search_issues("created >= 2000-01-01 ORDER BY key", maxResults=0, fields="summary")
boards = jira.boards(maxResults=False)
found = {
    "fields": [one["id"] for one in jira.fields()],
    "statuses": [one.id for one in jira.statuses()],
    "projects": [one.id for one in jira.projects()],
    "boards": [one.id for one in boards],
    "sprints": sorted({sprint.id for board in boards for sprint in sprints_of(board)}),
    "issues": [one.id for one in issues],
    "worklogs": [log.id for issue in issues for log in jira.worklogs(issue.id)],
    "users": users(),
    "changelogs": [
        history.id for issue in issues for history in jira.issue(issue.id, expand="changelog").changelog.histories
    ],
}
print(json.dumps(found))
