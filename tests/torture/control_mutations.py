"""Rules taken away one at a time, each with the control that turns red for every case of the kind.

Belongs here: the rules and finding out what the controls see. Does not: mistakes that a test catches (mutations.py),
what a control compares (dbt's models).

No truth shows a real company that a rule of ours is wrong for it: its control must. Models are changed in a copy of the
tree and built on what landed of the given cases of Stripe, Amplitude and Jira, or of a made-up company.
"""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from tests.end_to_end import test_amplitude_cases as amplitude_cases
from tests.end_to_end import test_jira_cases as jira_cases
from tests.end_to_end import test_stripe_cases as stripe_cases
from tests.end_to_end.play import Play
from tests.environment import environment_kept
from tests.torture.mutations import LEFT_OUT, ROOT

MODELS = "dbt_project/models/intermediate/"
USAGE = MODELS + "usage/"
CONTRACTS, VALUATION = MODELS + "revenue/contracts/", MODELS + "revenue/valuation/"
STATEMENTS, ARREARS = (
    CONTRACTS + "int_subscription_statements_read.sql",
    CONTRACTS + "int_subscription_arrears_ranged.sql",
)
ITEMS, PAUSES = CONTRACTS + "int_subscription_items_ranged.sql", CONTRACTS + "int_subscription_pauses_read.sql"
VALUED, PRICES = VALUATION + "int_subscription_items_valued.sql", VALUATION + "int_item_prices_resolved.sql"
DISCOUNTS = VALUATION + "int_invoice_discounts_resolved.sql"
DELIVERY = MODELS + "delivery/"
RANGES, STEPS = DELIVERY + "int_issue_fields_ranged.sql", DELIVERY + "int_issue_steps_ordered.sql"
STATUSES = DELIVERY + "int_issue_statuses_ranged.sql"
Edit = tuple[str, str, str]

BY_PRICE: tuple[Edit, ...] = (
    (
        VALUED,
        "when not own.is_change and own.amount_minor <> 0 then 'term'",
        "when own.statement_id is null then 'term'",
    ),
    (VALUED, "coalesce(own.currency, prices.currency) as currency,", "prices.currency as currency,"),
    (VALUED, "and prices.currency = coalesce(own.currency, prices.currency) then 'price'", "then 'price'"),
)
"""Terms cost what a price says instead of what their bill does."""


@dataclass(frozen=True)
class Rule:
    """``edits``: file, a text that stands in it once, and what stands there without the rule. ``cases``: all that the
    control must be red for; of a made-up company any will do."""

    name: str
    control: str
    edits: tuple[Edit, ...]
    cases: frozenset[str] = frozenset()
    home: str = "stripe"


def billed(name: str, cases: str, *edits: Edit, control: str = "billed_balances") -> Rule:
    return Rule(name, control, edits, frozenset(cases.split()))


def used(name: str, control: str, *edits: Edit) -> Rule:
    return Rule(name, control, edits, home="amplitude")


def worked(name: str, control: str, issues: str, *edits: Edit) -> Rule:
    """The cases are issues of the given Jira cases, by key."""
    return Rule(name, control, edits, frozenset(issues.split()), home="jira")


def of_company(name: str, control: str, *edits: Edit, home: str = "company") -> Rule:
    return Rule(name, control, edits, home=home)


RULES: Sequence[Rule] = (
    billed(
        "a bill of then counts before the catalogue of today",
        "s05 s06 t01 v04",
        *BY_PRICE,
        (
            PRICES,
            "case when items.price_id is null then prices.{{ column }} else items.{{ column }} end as {{ column }},",
            "prices.{{ column }} as {{ column }},",
        ),
    ),
    billed(
        "a price in several currencies costs the contract's",
        "s05",
        *BY_PRICE,
        (
            PRICES,
            "case when option_text is null then coalesce(price_currency, currency) else currency end as own_",
            "coalesce(price_currency, currency) as own_",
        ),
        (
            PRICES,
            "when option_text is null or price_currency = currency then unit_amount_decimal",
            "when true then unit_amount_decimal",
        ),
    ),
    billed(
        "tax in a price is no revenue",
        "s01 v06",
        (VALUED, "case when untaxed_denominator > 0 then untaxed_numerator else 1 end as", "1 as"),
        (VALUED, "case when untaxed_denominator > 0 then untaxed_denominator else 1 end as", "1 as"),
    ),
    billed(
        "a term keeps its discounts",
        "s04 s10 s17 s27 v06 v11 v15 v19",
        (
            VALUED,
            "on items.discounted_by = discounts.source_id\n",
            "on false and items.discounted_by = discounts.source_id\n",
        ),
    ),
    billed(
        "a discount for one invoice does not recur",
        "t11",
        (DISCOUNTS, "where duration <> 'once' and product_ids is null", "where product_ids is null"),
        (
            DISCOUNTS,
            "where known.duration <> 'once' and known.amount_off_minor is not null",
            "where known.amount_off_minor is not null",
        ),
    ),
    billed(
        "an invoice that was void or written off late is no pause",
        "t03 v01 v20",
        (
            PAUSES,
            "'coalesce(invoices.voided_at, invoices.uncollectible_at)') }} <= 2 * 3600 * 1000",
            "'coalesce(invoices.voided_at, invoices.uncollectible_at)') }} >= 0",
        ),
        (PAUSES, "where not exists (", "where true or not exists ("),
    ),
    billed("a term that began in a pause is nothing", "s03 v02 v17 v25", (ITEMS, "policy.paused_counts or", "true or")),
    billed("a draft may be within its grace", "s08", (PAUSES, "> 3 * 24 * 3600 * 1000", "> 3600 * 1000")),
    billed(
        "a pause is of an item's own term",
        "s18",
        (
            ITEMS,
            "coalesce(held.term_statement_id, contract_terms.statement_id)",
            "coalesce(contract_terms.statement_id, held.term_statement_id)",
        ),
        (ITEMS, "on held.term_statement_id is null and held.subscription_id", "on held.subscription_id"),
        (
            ITEMS,
            "held.valid_from < contract_terms.valid_to",
            "held.valid_from < contract_terms.valid_to + interval '180' day",
        ),
    ),
    billed(
        "what is sent is late after its due date",
        "s07 v07",
        (
            ARREARS,
            "and invoices.status <> 'draft' then invoices.due_at",
            "and invoices.status <> 'draft' then invoices.created_at",
        ),
    ),
    billed(
        "an unpaid contract counts for some days and no longer",
        "s07 v07 v08",
        (
            CONTRACTS + "int_subscription_failures_ranged.sql",
            "where lapses.valid_from < lapses.valid_to",
            "where false",
        ),
    ),
    billed(
        "what was written off, or paid later, is good again",
        "t03 v03 v20",
        (ARREARS, "coalesce(recovered.recovered_at, timestamp '9999-12-31 00:00:00'),", ""),
        (ARREARS, "else coalesce(invoices.uncollectible_at,", "else coalesce(null,"),
    ),
    billed(
        "a pending update was never made", "s12", (STATEMENTS, "where not (is_change and is_refused = 1)", "where true")
    ),
    billed(
        "a pending update that waits was not made",
        "v12",
        (STATEMENTS, "where not (is_change and is_refused = 1)", "where true"),
        control="listed_items",
    ),
    billed(
        "a trial is billed at nothing",
        "s02 s02b",
        (
            ITEMS,
            "(policy.trials_count or coalesce(own.amount_minor, 1) <> 0 or coalesce(term.amount_minor, 0) <> 0)",
            "true",
        ),
    ),
    billed(
        "a bill that was void is written anew by hand",
        "v26",
        (STATEMENTS, "    where choice = 1\n", "    where choice = 0\n"),
    ),
    billed("a long term is divided by its months", "v04", (VALUED, "* items.interval_count\n", "\n")),
    billed(
        "a change within a term counts from its day",
        "v10 v19",
        (
            STATEMENTS,
            "where items.subscription_item_id is not null and items.is_proration\n",
            "where false and items.is_proration\n",
        ),
    ),
    billed(
        "tiers of one term are one",
        "v09",
        (
            STATEMENTS,
            "sum(amount_minor) as amount_minor, sum(discount_minor)",
            "min(amount_minor) as amount_minor, sum(discount_minor)",
        ),
    ),
    billed(
        "a contract is over when it ended",
        "s22e v13e",
        (ITEMS, "coalesce(contracts.ended_at, held.valid_to),", "held.valid_to,"),
        (ITEMS, "else items.current_period_ends_at", "else timestamp '9999-12-31 00:00:00'"),
    ),
    worked(
        "what an issue shows completes the end of its history",
        "issue_statuses",
        "JXB-1",
        (RANGES, "where is_last and not", "where false and is_last and not"),
    ),
    worked(
        "what an issue shows completes the end of its epics",
        "issue_epics",
        "JXD-3",
        (RANGES, "where is_last and not", "where false and is_last and not"),
    ),
    worked(
        "the date of the category completes the beginning",
        "issue_categories",
        "JXC-1 JVC-1",
        (RANGES, "when category_changed_at > {{ soon_after", "when false and category_changed_at > {{ soon_after"),
    ),
    worked(
        "a step that comes from elsewhere completes the middle",
        "issue_resolutions",
        "JVJ-1",
        (RANGES, "before_at is not null and not", "false and before_at is not null and not"),
    ),
    worked(
        "a status without an id of the site is found by its name",
        "issue_statuses",
        "JXF-1 JVB-1 JVE-1 JVI-1",
        (STATUSES, "on unsure.name_then = names.status_name", "on false and unsure.name_then = names.status_name"),
    ),
    worked(
        "of statuses of one name the project's own counts",
        "issue_statuses",
        "JVB-1",
        (STATUSES, "= projects.project_id then 1 when", "= projects.project_id then 3 when"),
    ),
    worked(
        "dates of the issue say what a status meant that nobody names",
        "issue_resolutions",
        "JVJ-1",
        (STATUSES, "when found.valid_from >= {{", "when false and found.valid_from >= {{"),
        (STATUSES, "when resolved.issue_id is not null\n", "when false and resolved.issue_id is not null\n"),
        (STATUSES, "soon_before('issues.resolved_at')", "soon_after('issues.updated_at')"),
    ),
    worked(
        "the status in an issue counts where the list lacks it",
        "issue_statuses",
        "JXI-1",
        (STATUSES, "when found.valid_from >= {{", "when false and found.valid_from >= {{"),
        (
            "dbt_project/models/staging/jira/stg_jira__status_versions.sql",
            "where not is_deleted and status_id is not null",
            "where false",
        ),
    ),
    of_company(
        "changes of one issue follow one another",
        "issue_steps",
        (STEPS, "order by changes.changed_at, coalesce(", "order by changes.from_name, coalesce("),
    ),
    of_company(
        "a status holds from the instant of its change",
        "issue_resolutions",
        (
            STEPS,
            "greatest(changes.changed_at, issues.created_at) as starts_at",
            "changes.changed_at + interval '1' hour as starts_at",
        ),
    ),
    of_company(
        "an issue is in the project that it shows",
        "issue_projects",
        (RANGES, "where is_last and not", "where false and is_last and not"),
    ),
    of_company(
        "an event counts once",
        "event_totals",
        (
            MODELS + "usage/int_events_daily.sql",
            "count(case when duplicates.uuid is null then 1 end) as events,",
            "2 * count(case when duplicates.uuid is null then 1 end) as events,",
        ),
    ),
    of_company(
        "a member of a cohort may be known by a number only",
        "cohort_sizes",
        (
            "dbt_project/models/staging/amplitude/stg_amplitude__cohort_members.sql",
            "where not is_deleted",
            "where user_id is not null and not is_deleted",
        ),
    ),
    used(
        "a machine's event marks no person",
        "counted_users",
        (
            USAGE + "int_events_attributed.sql",
            "daily.is_machine or coalesce(of_user.is_bot, false) or coalesce(of_device.is_bot, false) as is_bot",
            "max(daily.is_machine) over (partition by aliases.canonical_user_id) as is_bot",
        ),
    ),
    used(
        "a support session marks no person",
        "counted_users",
        (
            USAGE + "int_events_attributed.sql",
            "coalesce(of_user.is_internal, false) or coalesce(of_device.is_internal, false) as is_internal",
            "max(coalesce(of_user.is_internal, of_device.is_internal, false)) over "
            "(partition by aliases.canonical_user_id) as is_internal",
        ),
    ),
    used(
        "colleagues do not count",
        "counted_users",
        (USAGE + "int_aliases_marked.sql", "where mapped_source = 'amplitude'", "where false"),
    ),
    used(
        "the laptop of a colleague is internal",
        "counted_users",
        (
            USAGE + "int_aliases_marked.sql",
            "select alias, 1, 0 from internal_devices",
            "select alias, 0, 0 from workers",
        ),
    ),
    used(
        "machines do not count",
        "counted_users",
        (
            USAGE + "int_events_attributed.sql",
            "daily.is_machine or coalesce(of_user.is_bot, false) or coalesce(of_device.is_bot, false) as is_bot",
            "false as is_bot",
        ),
    ),
    used(
        "a marker is the end of a word, and no part of a phone's name",
        "counted_users",
        (
            USAGE + "int_events_daily.sql",
            "case when lower(platform) in ('android', 'ios') then '' else coalesce(device_family, '') end",
            "coalesce(device_family, '')",
        ),
        (
            USAGE + "int_events_daily.sql",
            "then position(lower(trim(markers.piece)) || '$' in clients.words) > 0",
            "then position(lower(trim(markers.piece)) in clients.texts) > 0",
        ),
    ),
    used(
        "a shared device joins nobody",
        "identified_users",
        (MODELS + "company/int_policies_read.sql", "'shared_device_users': '2'", "'shared_device_users': '1000'"),
    ),
    used(
        "what a shared device sends is of the last who signed in",
        "identified_users",
        (
            USAGE + "int_events_attributed.sql",
            "coalesce(turns.user_alias, daily.alias) = aliases.alias",
            "daily.alias = aliases.alias",
        ),
    ),
    used(
        "a clock of 1970 is of no day",
        "first_days",
        (
            USAGE + "int_events_attributed.sql",
            "projects.first_date <= daily.activity_date as is_dated",
            "true as is_dated",
        ),
    ),
    of_company(
        "who has left is not employed",
        "employed_heads",
        (
            MODELS + "people/dim_worker.sql",
            "statuses.employment_status <> 'Terminated' as is_employed",
            "true as is_employed",
        ),
    ),
    of_company(
        "the row of the job that holds says the department",
        "employed_departments",
        (
            MODELS + "people/dim_worker.sql",
            "        jobs.department,\n        {{",
            "        min(jobs.department) over (partition by people.employee_id) as department,\n        {{",
        ),
    ),
    of_company(
        "what gives revenue back is negative",
        "recognised_revenue",
        (
            MODELS + "revenue/recognition/int_revenue_postings_selected.sql",
            "-lines.amount_home_minor as amount_minor",
            "abs(lines.amount_home_minor) as amount_minor",
        ),
    ),
)


GIVEN = {"stripe": stripe_cases.load, "amplitude": amplitude_cases.load, "jira": jira_cases.load}
"""Homes of given cases; the other one is of a made-up company."""


class Built:
    """A copy of the tree, and homes in which cases and a company have landed and are built."""

    def __init__(self, folder: Path) -> None:
        self.tree, self.folder = folder / "tree", folder
        shutil.copytree(ROOT, self.tree, ignore=LEFT_OUT)

    def make(self, name: str) -> None:
        home = self.folder / name
        (home / "restricted" / "spill").mkdir(parents=True)
        with environment_kept(), pytest.MonkeyPatch.context() as environment:
            os.environ["PRODOPS_HOME"] = str(home)
            if name in GIVEN:
                GIVEN[name](home, environment)
                self.dbt(home, "build", "--resource-type", "model", "--resource-type", "seed")
            else:
                play = Play(home, seed=1)
                with play.served():
                    play.load()
                    self.dbt(home, "build", "--resource-type", "model", "--resource-type", "seed")
        for file in ("warehouse.duckdb", "restricted/people.duckdb"):
            shutil.copy(home / file, self.folder / f"{name}-{Path(file).name}")

    def red(self, rule: Rule) -> set[tuple[str, str]]:
        """Controls with the objects that they are red for, without a rule."""
        home, kept = self.folder / rule.home, {}
        os.environ["PRODOPS_HOME"] = str(home)
        try:
            for file, old, new in rule.edits:
                path = self.tree / file
                text = path.read_text()
                kept.setdefault(path, text)
                if text.count(old) != 1:
                    raise ValueError(f"{file}: {old!r} stands there {text.count(old)} times, not once")
                path.write_text(text.replace(old, new))
            changed = {path.stem for path in kept}
            ends = ("int_control_differences_found", "int_staff_controls_compared")
            self.dbt(home, "run", "--full-refresh", "--select", *(f"{one}+,+{end}" for one in changed for end in ends))
            return self.differences(home)
        finally:
            for path, text in kept.items():
                path.write_text(text)
            for file in ("warehouse.duckdb", "restricted/people.duckdb"):
                shutil.copy(self.folder / f"{rule.home}-{Path(file).name}", home / file)

    @staticmethod
    def differences(home: Path) -> set[tuple[str, str]]:
        with duckdb.connect() as connection:
            connection.execute(f"attach '{home}/warehouse.duckdb' as warehouse (read_only)")
            connection.execute(f"attach '{home}/restricted/people.duckdb' as people (read_only)")
            tables = (
                "warehouse.intermediate.int_control_differences_found",
                "people.intermediate.int_staff_controls_compared",
            )
            connection.execute("use warehouse")
            found = connection.execute(f"select control_id, object_id from {tables[0]}").fetchall()
            found += connection.execute(f"select control_id, object_id from {tables[1]} where not is_agreed").fetchall()
        return set(found)

    def dbt(self, home: Path, *command: str) -> None:
        project = ["--project-dir", str(self.tree / "dbt_project"), "--profiles-dir", str(self.tree / "dbt_project")]
        places = ["--target-path", str(home / "dbt"), "--log-path", str(home / "logs")]
        try:
            done = dbtRunner().invoke([*command, *project, *places, "--quiet", "--log-level", "none"])
        finally:
            DuckDBConnectionManager.close_all_connections()
        if not done.success:
            failed = [f"{one.node.name}: {one.message}" for one in done.result or () if str(one.status) == "error"]
            raise done.exception or ValueError(failed)


def unseen(folder: Path, rules: Sequence[Rule] = RULES) -> list[str]:
    """Controls that are red with all rules, and rules that no control misses, with the cases."""
    with environment_kept():
        built, found = Built(folder), []
        for home in dict.fromkeys(rule.home for rule in rules):
            built.make(home)
            found += [f"{control} is red for {one}" for control, one in sorted(built.differences(folder / home))]
        for rule in rules:
            red = {one for control, one in built.red(rule) if control == rule.control}
            missed = {case for case in rule.cases if not any(f"_{case}_" in f"_{one}_" for one in red)}
            is_seen = bool(red) and not missed
            print(
                f"{'seen' if is_seen else 'NOT SEEN'}: {rule.name} ({rule.control}: {', '.join(sorted(red))})",
                flush=True,
            )
            found += [] if is_seen else [f"{rule.name}: {rule.control} misses {sorted(missed) or 'all'}"]
    return found
