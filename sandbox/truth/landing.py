"""What must have been landed: chosen facts of every record that is there, by source, stream and record id.

Belongs here: what a faithful copy of each vendor holds. Does not: any figure.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.company import Company
from sandbox.company.usage.cohorts import cohorts, listed, members
from sandbox.company.usage.events import DAY, MICRO, PROJECTS, START
from sandbox.company.work import site
from sandbox.company.work.state import World
from sandbox.timestamps import ms, utc
from sandbox.truth.billing import stripe_records
from sandbox.truth.books import quickbooks_records
from sandbox.truth.files import files_records
from sandbox.truth.staff import bamboohr_records

Records = dict[str, dict[str, dict[str, Any]]]


def landed(company: Company, now: int | str) -> dict[str, Records]:
    """Source, stream, record id: chosen facts of everything that is there at an instant. Instants are UTC text."""
    return {source: landed_from(source, company, now) for source in SOURCES}


def landed_from(source: str, company: Company, now: int | str) -> Records:
    """The same of one source, without the work that the others are (the books alone take 0.2 s)."""
    return SOURCES[source](company, ms(now))


def fx_records(company: Company, now: int) -> Records:
    """Rates of the bank's days that have any, and those of the other bank's Mondays."""
    published = company.rates.published(now)
    known = {f"{day}/{name}": rate for day, rates in published.items() for name, rate in rates.items() if rate}
    known |= {f"{row.values[0]}/{row.values[1]}": row.values[2] for row in company.rates.elsewhere if row.known(now)}
    return {"rates": {key: {"rate": rate} for key, rate in known.items()}}


def instant(at: int) -> str:
    return f"{utc(at):%Y-%m-%dT%H:%M:%S}.{at % 1000:03d}Z"


def jira_records(world: World) -> Records:
    """Worklogs of the last minute are not shown by the vendor yet; the company logs none near a full hour."""
    company = world.company
    live = [issue for issue in world.issues.values() if not site.PROJECTS[issue.values["project"]].private]
    known = world.site
    private = {project.id for project in site.PROJECTS.values() if project.private}
    issues = {
        str(issue.id): {
            "key": issue.key,
            "project_key": issue.key.rpartition("-")[0],
            "type_id": issue.values["type"],
            "status_id": issue.values["status"],
            "resolution_id": issue.values["resolution"],
            "summary": issue.values["summary"],
            "created": instant(issue.created),
            "updated": instant(issue.updated),
            "parent_id": str(issue.values["parent"] or issue.values["epic"] or "") or None,
            "team": issue.values["team"],
            "points": issue.values["points"],
        }
        for issue in live
    }
    changelogs = {
        str(history.history_id): {
            "issue_id": str(history.issue_id),
            "created": instant(history.at),
            "items": sum(2 if change.style in ("both", "migrated") else 1 for change in history.changes),
        }
        for issue in live
        for history in issue.histories
        if not history.is_lost
    }
    worklogs = {
        str(log.id): {
            "issue_id": str(log.issue_id),
            "seconds": log.seconds,
            "started": instant(log.started),
            "updated": instant(log.updated),
        }
        for log in world.worklogs.values()
    }
    return {
        "fields": {
            name: {"name": (name_shown := site.shown(title, company.language))}
            | {"own_name": title if "custom" in schema else name_shown}
            for name, title, schema in site.field_list(company.fields)
        },
        "projects": {
            n: {"key": p["key"], "name": p["name"]}
            for n, p in known["project"].items()
            if not p["archived"] and n not in private
        },
        "statuses": {n: {"name": s["name"], "category": s["category"]} for n, s in known["status"].items()},
        "issues": issues,
        "changelogs": changelogs,
        "worklogs": worklogs,
        "boards": {n: {"name": b["name"], "type": b["type"]} for n, b in known["board"].items()},
        "sprints": {n: {"name": s["name"], "state": s["state"]} for n, s in known["sprint"].items()},
        "users": {p.account_id: dict(known["user"][p.account_id]) for p in company.people if not p.hidden},
    }


def instant_of_usage(at: int) -> str:
    return f"{utc(at // MICRO):%Y-%m-%dT%H:%M:%S}.{at % 1_000_000:06d}Z"


def amplitude_records(company: Company, now: int) -> Records:
    """Events whose hour can be exported; all that the vendor has received by now counts for the list of types. Cohorts
    as last computed, with members unless they are archived."""
    usage = company.usage
    events = {
        f"{PROJECTS[usage.project[event]]}/{usage.uuid(event)}": {
            "event_type": usage.event_type(event),
            "event_time": instant_of_usage(usage.happened[event]),
            "server_upload_time": instant_of_usage(usage.uploaded[event]),
            "user_id": usage.user_id(event),
            "device_id": usage.device_id(event),
            "insert_id": usage.insert_id(event),
        }
        for event in usage.exported(now)
    }
    monday = (now - now % (DAY // MICRO)) * MICRO - utc(now).weekday() * DAY
    totals: dict[str, int] = {}
    for event in usage.between(START, now * MICRO + 1):
        name = f"{PROJECTS[usage.project[event]]}/{usage.event_type(event)}"
        totals[name] = totals.get(name, 0) + (usage.uploaded[event] >= monday)
    known = listed(cohorts(company.seed), now)
    inside = {cohort: members(usage, cohort, cohort.computed(now)) for cohort in known}
    return {
        "events": events,
        "event_types": {name: {"totals": total} for name, total in totals.items()},
        "cohorts": {
            f"{PROJECTS[cohort.project]}/{cohort.id}": {
                "name": cohort.name,
                "archived": cohort.archived,
                "size": len(inside[cohort]),
                "computed": instant(cohort.computed(now)),
            }
            for cohort in known
        },
        "cohort_members": {
            f"{PROJECTS[cohort.project]}/{cohort.id}/{number}": {"amplitude_id": number, "user_id": user}
            for cohort in known
            if not cohort.archived
            for number, user in inside[cohort]
        },
    }


SOURCES: dict[str, Callable[[Company, int], Records]] = {
    "files": files_records,
    "jira": lambda company, now: jira_records(company.world(now)),
    "amplitude": amplitude_records,
    "stripe": lambda company, now: stripe_records(company.billing.books(now)),
    "bamboohr": bamboohr_records,
    "quickbooks": quickbooks_records,
    "fx": fx_records,
}
