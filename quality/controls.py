"""Does the vendor itself say what is held? One catalogue of controls, for every family of marts.

Belongs here: what is compared with what, what a difference means and what to do. Does not: comparing (dbt's models
``int_<family>_controls_compared``), how much may differ (policy.yml), what a red control stops (orchestration).

A control needs no truth: it holds a figure that no rule of ours has made against what our rules make of the records.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingestion import sql

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Control:
    """``id``: its metric in ``mart_data_health``; ``marts``: what it protects, in words, ``mart``: the first of them;
    ``switch``: how much of what is compared may differ, in per cent (policy.yml)."""

    id: str
    source: str
    marts: str
    mart: str
    vendor: str
    ours: str
    switch: str
    mend: str


BILLING = ("stripe", "recurring revenue and prices", "mart_arr")
DELIVERY = ("jira", "delivery", "mart_delivery")
USAGE = ("amplitude", "usage", "mart_usage")
PEOPLE = ("bamboohr", "people and cost", "mart_staffing")
LEDGER = ("quickbooks", "recognised revenue", "mart_revenue")

CONTROLS: Sequence[Control] = (
    Control(
        "billed_balances",
        *BILLING,
        vendor="what the bills over the end of a period come to by the month, less recurring discounts and tax",
        ours="what is held of the item then",
        switch="billing_tolerance_percent",
        mend="look up the contract in Stripe, and the rule for what it shows in docs/metrics/recurring-revenue.md",
    ),
    Control(
        "listed_items",
        *BILLING,
        vendor="how many of which price the contract lists now, and whether it has ended",
        ours="what is held of it now",
        switch="billing_tolerance_percent",
        mend="load Stripe again with the census; if it stays, a change of the contract was read wrongly",
    ),
    Control(
        "issue_statuses",
        *DELIVERY,
        vendor="the status that the issue shows, with its category",
        ours="where its history ends",
        switch="delivery_tolerance_percent",
        mend="a step or the meaning of a status was read wrongly: load Jira again with resync, then see delivery.md",
    ),
    Control(
        "issue_categories",
        *DELIVERY,
        vendor="when the category of the issue's status changed last",
        ours="whether its history has a step then",
        switch="delivery_tolerance_percent",
        mend="the changelog lacks the step: load Jira again with resync, then see docs/metrics/delivery.md",
    ),
    Control(
        "issue_resolutions",
        *DELIVERY,
        vendor="when the issue was resolved",
        ours="whether its history has it done then",
        switch="delivery_tolerance_percent",
        mend="the changelog lacks the step, or this project resolves issues before they are done",
    ),
    Control(
        "issue_projects",
        *DELIVERY,
        vendor="the project that the issue is in",
        ours="where the history of its moves ends",
        switch="delivery_tolerance_percent",
        mend="the move was read wrongly: load Jira again with resync",
    ),
    Control(
        "issue_steps",
        *DELIVERY,
        vendor="the status that each change of the changelog left",
        ours="the status that ends then in the history",
        switch="delivery_tolerance_percent",
        mend="changes of the status were read in a wrong order or lack one: load Jira again with resync",
    ),
    Control(
        "issue_epics",
        *DELIVERY,
        vendor="the parent or the epic link that the issue shows",
        ours="where the history of its epic ends",
        switch="delivery_tolerance_percent",
        mend="a change of the epic was read wrongly: load Jira again with resync",
    ),
    Control(
        "event_totals",
        *USAGE,
        vendor="events of a type in the running week",
        ours="how many landed, by any reading of the week",
        switch="usage_tolerance_percent",
        mend="hours of the export are missing or came twice: load Amplitude for the days of the week again",
    ),
    Control(
        "cohort_sizes",
        *USAGE,
        vendor="members of a cohort",
        ours="how many landed",
        switch="usage_tolerance_percent",
        mend="load Amplitude again with the census",
    ),
    Control(
        "identified_users",
        *USAGE,
        vendor="Amplitude's number of somebody who signed in",
        ours="whether it is one person, and nobody else is",
        switch="usage_tolerance_percent",
        mend="look the number up in Amplitude; shared_device_users says whether a device makes its users one person",
    ),
    Control(
        "counted_users",
        *USAGE,
        vendor="people with an event that is surely, and those with one that may be, of neither machine nor colleague",
        ours="who counts as a user",
        switch="usage_tolerance_percent",
        mend="compare int_events_attributed with what was sent; worker_map.csv and bot_markers say who does not count",
    ),
    Control(
        "first_days",
        *USAGE,
        vendor="the day of the first upload, or usage_since",
        ours="the first day that is shown",
        switch="usage_tolerance_percent",
        mend="a clock was wrong; where history was imported say so by usage_since in policy.yml",
    ),
    Control(
        "employed_heads",
        *PEOPLE,
        vendor="whom the list of employees calls active",
        ours="who is employed by the rows of employment",
        switch="people_tolerance_percent",
        mend="look the record up in BambooHR: its status and its rows differ",
    ),
    Control(
        "employed_departments",
        *PEOPLE,
        vendor="the department in the list of employees",
        ours="the department of the row of the job that holds today",
        switch="people_tolerance_percent",
        mend="look the record up in BambooHR: a row of its job is missing or dated wrongly",
    ),
    Control(
        "ledger_periods_tied",
        *LEDGER,
        vendor="the trial balance, and the profit and loss by class",
        ours="the ledger of the period",
        switch="ledger_tolerance_percent",
        mend="the period is held back from revenue; docs/metrics/ledger.md says what to look up",
    ),
    Control(
        "recognised_revenue",
        *LEDGER,
        vendor="the profit and loss of an account of revenue",
        ours="what was recognised on it in the period",
        switch="ledger_tolerance_percent",
        mend="a posting of the account is lost or counts twice: compare int_revenue_postings_selected with fct_gl_line",
    ),
)


@dataclass(frozen=True, slots=True)
class Result:
    """How much was compared and agreed, and the first few differences; of people none is shown."""

    control: Control
    compared: int
    agreed: int
    tolerance_percent: int
    differences: tuple[str, ...]

    @property
    def is_green(self) -> bool:
        return (self.compared - self.agreed) * 100 <= self.tolerance_percent * self.compared

    @property
    def text(self) -> str:
        """What was found, and what to do about it."""
        counted = f"{self.agreed} of {self.compared} agree"
        if self.agreed == self.compared:
            return counted
        shown = "; ".join(self.differences) or "restricted/people.duckdb, int_staff_controls_compared"
        allowed = f"{self.control.switch} allows {self.tolerance_percent} %"
        return f"{counted} ({allowed}). {shown}. Next: {self.control.mend}"


def results(warehouse: Path) -> list[Result]:
    """Every control as the last build left it."""
    with duckdb.connect() as connection:
        connection.execute(f"attach {sql.text(warehouse)} as warehouse (read_only)")
        connection.execute("use warehouse")
        counted = {
            (source, metric): (compared, agreed)
            for source, metric, compared, agreed in connection.execute(
                "select source, metric_id, denominator, numerator from marts.mart_data_health"
            ).fetchall()
        }
        switches = sorted({control.switch for control in CONTROLS})
        allowed = connection.execute(f"select {', '.join(switches)} from intermediate.int_policies_read").fetchone()
        tolerances = dict(zip(switches, allowed or (), strict=True))
        found: dict[str, list[str]] = {}
        for control, text in connection.execute(
            f"""
            select
                control_id,
                object_id || ' (' || object_part || '): ' || coalesce(vendor_figure, 'nothing') || ' there, '
                    || coalesce(our_figure, 'nothing') || ' here'
            from intermediate.int_control_differences_found
            qualify row_number() over (partition by control_id order by object_id, object_part) <= {SHOWN}
            order by control_id, object_id, object_part
            """
        ).fetchall():
            found.setdefault(control, []).append(text)
    return [
        Result(
            control,
            *counted[control.source, control.id],
            tolerance_percent=tolerances[control.switch],
            differences=tuple(found.get(control.id, ())),
        )
        for control in CONTROLS
    ]
