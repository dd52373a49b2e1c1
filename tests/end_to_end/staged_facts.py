"""Which model of staging holds a stream, and where it says the facts of the truth.

Belongs here: the correspondence of small sources, and the list of all. Does not: comparing (staged.py), what landed
payloads say (*_facts.py), what is true (sandbox/truth).
"""

from decimal import Decimal

from sandbox.truth.people import named
from tests.end_to_end.staged import Source, Staged, clock, same, typed
from tests.end_to_end.staged_bamboohr_facts import BAMBOOHR
from tests.end_to_end.staged_files_facts import FILES
from tests.end_to_end.staged_quickbooks_facts import QUICKBOOKS
from tests.end_to_end.staged_stripe_facts import STRIPE

JIRA: Source = {
    "fields": (
        Staged(
            "stg_jira__fields",
            "field_id",
            same(own_name="field_name"),
            unstaged={"name": "in the language of the API user, which no history uses"},
        ),
    ),
    "projects": (Staged("stg_jira__projects", "project_id", same(key="project_key", name="project_name")),),
    "statuses": (Staged("stg_jira__statuses", "status_id", same(name="status_name", category="status_category")),),
    "issues": (
        Staged(
            "stg_jira__issues",
            "issue_id",
            same(key="issue_key", project_key="project_key", type_id="issue_type_id", status_id="status_id")
            | same(resolution_id="resolution_id")
            | same(summary="summary", parent_id="parent_issue_id", team="team_name")
            | typed(clock, created="created_at", updated="updated_at")
            | typed(float, points="story_points"),
        ),
    ),
    "changelogs": (
        Staged(
            "stg_jira__changelogs",
            "history_id",
            same(
                issue_id="issue_id",
                items="(select count(*) from stg_jira__changelog_items as one where one.history_id = it.history_id)",
            )
            | typed(clock, created="changed_at"),
        ),
    ),
    "worklogs": (
        Staged(
            "stg_jira__worklogs",
            "worklog_id",
            same(issue_id="issue_id", seconds="time_spent_seconds")
            | typed(clock, started="started_at", updated="updated_at"),
        ),
    ),
    "boards": (Staged("stg_jira__boards", "board_id", same(name="board_name", type="board_type")),),
    "sprints": (Staged("stg_jira__sprints", "sprint_id", same(name="sprint_name", state="sprint_state")),),
    "users": (Staged("stg_jira__users", "account_id", same(name="display_name", active="is_active")),),
}

AMPLITUDE: Source = {
    "events": (
        Staged(
            "stg_amplitude__events",
            "project_id || '/' || uuid",
            same(event_type="event_type", insert_id="insert_id")
            | typed(named, user_id="user_id", device_id="device_id")
            | typed(clock, event_time="event_at", server_upload_time="uploaded_at"),
        ),
    ),
    "event_types": (Staged("stg_amplitude__event_types", "event_type_id", same(totals="week_total")),),
    "cohorts": (
        Staged(
            "stg_amplitude__cohorts",
            "cohort_id",
            same(name="cohort_name", archived="is_archived", size="members")
            | typed(clock, computed="make_timestamp(cast(last_computed as bigint) * 1000000)"),
        ),
    ),
    "cohort_members": (
        Staged(
            "stg_amplitude__cohort_members",
            "cohort_member_id",
            same(user_id="user_id") | typed(str, amplitude_id="amplitude_id"),
        ),
    ),
}

FX: Source = {"rates": (Staged("stg_fx__rates", "rate_date || '/' || currency", typed(Decimal, rate="rate")),)}

STAGED: dict[str, Source] = {
    "files": FILES,
    "jira": JIRA,
    "amplitude": AMPLITUDE,
    "fx": FX,
    "stripe": STRIPE,
    "bamboohr": BAMBOOHR,
    "quickbooks": QUICKBOOKS,
}
# Models of these sources whose rows are no records.
UNREAD = {
    **{f"stg_{source}__stream_counts": "how many records of each stream are there" for source in STAGED},
    "stg_bamboohr__pay_stream_counts": "how many records of pay are there",
    "stg_amplitude__landed_lines": "lines of every landing of an hour: the newest are its events",
    "stg_amplitude__repeated_lines": "which events came in several hours: all of them are served once",
    "stg_jira__issue_arrivals": "in which load an issue or a change of it came: it is the issue's or its changelog's",
    "stg_jira__custom_fields": "which fields mean points, team and epic: read through the issues' facts",
    "stg_jira__field_names": "names of its fields: read through the issues' facts",
    "stg_files__key_result_versions": "what a key result ever was: today's is compared as the key result",
    "stg_jira__status_versions": "what a status ever meant: today's is compared as the status",
    "stg_jira__project_keys": "which keys a project ever had: today's is compared as the project",
    "stg_jira__fix_versions": "which releases issues ever were to be in: the roadmap's promises are made of them",
    "stg_jira__changelog_items": "part of its changelog: counted there",
    "stg_jira__issue_links": "part of its two issues: who waits for whom is compared as mart_dependency",
    "stg_stripe__subscription_discounts": "part of its subscription: read there",
    "stg_stripe__invoice_discounts": "part of its invoice: read there",
    "stg_stripe__invoice_line_discounts": "part of its line: added up there",
    "stg_quickbooks__document_lines": "part of its document: read there",
    "stg_quickbooks__report_cells": "part of its report: read there",
    "stg_quickbooks__ledger_postings": "part of its report: added up there",
}
