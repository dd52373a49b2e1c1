"""A small landing by hand: one epic, three stories, a bug, and what the company's files say of them.

Belongs here: records as vendors write them. Does not: claims (test_*.py).
"""

from ingestion.landing import Record
from tests.dbt.conftest import record

TEAM, POINTS, EPIC_LINK = "customfield_10001", "customfield_10002", "customfield_10003"
KINDS = "com.atlassian.jira.plugin.system.customfieldtypes"


def field(key: str, name: str, custom: str) -> Record:
    return record(key, {"id": key, "name": name, "custom": True, "schema": {"type": "any", "custom": custom}})


def status(key: str, name: str, category: str) -> Record:
    return record(key, {"id": key, "name": name, "statusCategory": {"key": category}})


def issue(
    key: int,
    number: int,
    *,
    kind: str = "Story",
    status: str = "1",
    updated: str = "2026-01-14T12:00:00.000+0100",
    **more: object,
) -> Record:
    level = {"Epic": 1, "Sub-task": -1}.get(kind, 0)
    fields = {
        "issuetype": {
            "id": kind,
            "name": kind,
            "untranslatedName": kind,
            "subtask": level < 0,
            "hierarchyLevel": level,
        },
        "status": {"id": status, "name": f"Status {status}"},
        "project": {"id": "1", "key": "PAY"},
        "created": "2026-01-01T09:00:00.000+0100",
        "updated": updated,
        **more,
    }
    return record(str(key), {"id": str(key), "key": f"PAY-{number}", "fields": fields})


def history(key: int, issue: int, created: object, **item: object) -> Record:
    return record(str(key), {"id": str(key), "created": created, "items": [item]}, parent=str(issue))


def moved(key: int, issue: int, created: object, before: str, after: str) -> Record:
    """A change of status."""
    return history(key, issue, created, field="status", fieldtype="jira", **{"from": before, "to": after})


def files() -> dict[str, list[Record]]:
    always = {"valid_from": "2025-01-01", "valid_to": ""}
    team = {"team_id": "T-FALCON", "name": "Falcon", "type": "stream", "function": "", "parent_id": "", **always}
    product = {"level": "product", "parent_id": "", "owner": "", "lifecycle": "", **always}
    rule = {"source": "jira", "match": "exact", "reason": "", **always}
    return {
        "policy": [record("policy", {"reporting_time_zone": "Europe/Berlin", "reporting_currency": "EUR"})],
        "teams": [record("t", team)],
        "products": [
            record(name, {"product_id": name, "name": name.title(), **product}) for name in ("pay", "web", "app")
        ],
        "product_map": [
            record("1", {"object_type": "project", "key": "PAY", "product_id": "pay", "weight": "1", **rule}),
            record("2", {"object_type": "epic", "key": "PAY-1", "product_id": "web", "weight": "0.6", **rule}),
            record("3", {"object_type": "epic", "key": "PAY-1", "product_id": "app", "weight": "0.4", **rule}),
        ],
    }


def jira() -> dict[str, list[Record]]:
    epic = {"id": "10", "key": "PAY-1"}
    return {
        "fields": [field(TEAM, "Squad", f"{KINDS}:atlassian-team"), field(POINTS, "Story Points", f"{KINDS}:float")],
        "statuses": [status("1", "To Do", "new"), status("2", "Doing", "indeterminate"), status("3", "Done", "done")],
        "issues": [
            issue(10, 1, kind="Epic"),
            issue(11, 2, status="3", parent=epic, **{TEAM: {"id": "t", "name": "Falcon"}, POINTS: 3}),
            issue(12, 3, status="2", **{"customfield_10009": 8}),
            issue(13, 4, kind="Bug", status="3"),
            issue(14, 5, kind="Sub-task", status="3", parent={"id": "11", "key": "PAY-2"}),
            record("15", '{"id":"15","key":'),
        ],
        "changelogs": [
            moved(100, 11, "2026-01-05T10:00:00.000+0100", "1", "2"),
            moved(101, 11, 1767708000000, "2", "3"),
            moved(102, 12, "2026-01-06T10:00:00.000+0100", "1", "2"),
            moved(103, 13, "2026-01-07T10:00:00.000+0100", "1", "3"),
        ],
    }
