"""What `tap-jira` reads of each stream of our own loader. Runs inside its environment."""

import json
import os
import sys

import tap

_url, folder = sys.argv[1:]
found = tap.records(
    "tap-jira",
    {
        "start_date": "2000-01-01T00:00:00Z",
        "user_agent": "tap-jira",
        "username": os.environ["SOURCES__JIRA__EMAIL"],
        "password": os.environ["SOURCES__JIRA__API_TOKEN"],
        # it writes https before any address, so that of the site stands here
        "base_url": "https://made-up-company.atlassian.net",
        "groups": "jira-software-users,atlassian-addons",
    },
    folder,
)
ids = {name: [one["id"] for one in found.get(name, [])] for name in ("projects", "issues", "changelogs", "worklogs")}
# it asks for worklogs from the last instant on that it knows, which the vendor shows again
ids["worklogs"] = list(dict.fromkeys(ids["worklogs"]))
print(json.dumps(ids | {"users": [one["accountId"] for one in found.get("users", [])]}))
