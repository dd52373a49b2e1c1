"""One-line mistakes in models and loaders, each with the single test that catches it.

Belongs here: the mistakes and finding out whether their tests turn red. Does not: the tests.

A mistake that its test lets through is a hole: mend the test. A text that is no longer in its file is an error, so that
the list cannot go stale unseen. Everything happens in a copy of the tree. A test is a path of pytest or, without a
slash, the name of a dbt test, which runs on an empty warehouse of the true models: what a mistake changes there is
nothing, so that only unit tests, whose rows are their own, are named.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from tests.dbt.conftest import Warehouse
from tests.environment import environment_kept, without_settings

ROOT = Path(__file__).parents[2]
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "results")


@dataclass(frozen=True)
class Mutation:
    """``old`` stands once in ``file``; with ``new`` in its place ``test`` must fail."""

    file: str
    old: str
    new: str
    test: str

    def __str__(self) -> str:
        return f"{self.file}: {self.old.strip()} -> {self.new.strip()} ({self.test})"

    @property
    def is_sql(self) -> bool:
        return "/" not in self.test


class Copy:
    """A copy of the tree, and a warehouse of its models in which nothing has landed."""

    def __init__(self, folder: Path) -> None:
        self.tree, self.home = folder / "tree", folder / "home"
        shutil.copytree(ROOT, self.tree, ignore=LEFT_OUT)
        self.warehouse = Warehouse(self.home)
        self._dbt("build", "--resource-type", "model", "--resource-type", "seed")

    @contextmanager
    def mutated(self, mutation: Mutation) -> Iterator[None]:
        path = self.tree / mutation.file
        text = path.read_text()
        if text.count(mutation.old) != 1:
            raise ValueError(
                f"{mutation.file}: {mutation.old!r} stands there {text.count(mutation.old)} times, not once"
            )
        path.write_text(text.replace(mutation.old, mutation.new))
        try:
            yield
        finally:
            path.write_text(text)

    def red(self, tests: Sequence[str]) -> set[str]:
        """Those of the tests that fail; all are of one kind."""
        if "/" in tests[0]:
            return self._pytest(tests)
        return self._dbt("test", "--select", *tests)

    def _dbt(self, *command: str) -> set[str]:
        """Names of the nodes that did not end well. dbt parses again what changed since it parsed last."""
        project = ["--project-dir", str(self.tree / "dbt_project"), "--profiles-dir", str(self.tree / "dbt_project")]
        places = ["--target-path", str(self.home / "dbt"), "--log-path", str(self.home / "logs")]
        quiet = ["--quiet", "--log-level", "none", "--log-level-file", "none"]
        try:
            done = dbtRunner().invoke([*command, *project, *places, *quiet])
        finally:
            DuckDBConnectionManager.close_all_connections()
        if done.exception is not None:
            raise done.exception
        if not done.result.results:
            raise ValueError(f"dbt found nothing to do: {command}")
        return {one.node.name for one in done.result if str(one.status) not in ("success", "pass", "no-op")}

    def _pytest(self, tests: Sequence[str]) -> set[str]:
        flags = ["-n", "0", "-q", "-rfE", "--no-header", "--tb", "no", "-p", "no:cacheprovider"]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *flags, *tests],
            cwd=self.tree,
            env={**without_settings(), "PYTHONPATH": str(self.tree), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in (0, 1):
            raise ValueError(f"pytest could not run {tests}: {done.stdout[-1000:]}{done.stderr[-1000:]}")
        failed = [
            line.split(" - ")[0].split(" ", 1)[1]
            for line in done.stdout.splitlines()
            if line[:6] in ("FAILED", "ERROR ")
        ]
        return {test for test in tests if any(name.startswith(test) for name in failed)}


def let_through(folder: Path, mutations: Sequence[Mutation]) -> list[str]:
    """Tests that are red without a mistake, and mistakes that their tests do not see."""
    with environment_kept():
        copy = Copy(folder)
        found = []
        for is_sql in {one.is_sql for one in mutations}:
            tests = sorted({one.test for one in mutations if one.is_sql == is_sql})
            found += [f"{test} is red without any mistake" for test in sorted(copy.red(tests))]
        for mutation in mutations:
            with copy.mutated(mutation):
                is_caught = bool(copy.red([mutation.test]))
            print(f"{'caught' if is_caught else 'NOT CAUGHT'}: {mutation}", flush=True)
            found += [] if is_caught else [str(mutation)]
    return found


MUTATIONS = (
    Mutation(
        "dbt_project/models/intermediate/usage/bridge_user_alias.sql",
        "greatest(owned.known_from, users.known_from)",
        "owned.known_from",
        "what_was_known_at_the_end_of_each_day_is_kept",
    ),
    Mutation(
        "dbt_project/models/intermediate/usage/int_aliases_marked.sql",
        "+ 2 * max(case when is_worker and is_usual then 1 else 0 end)",
        "+ max(case when is_worker and is_usual then 1 else 0 end)",
        "a_user_keeps_what_a_colleague_or_a_test_did_not_do",
    ),
    Mutation(
        "dbt_project/models/intermediate/usage/int_device_turns_ranged.sql",
        "select device_alias, last_alias,",
        "select device_alias, first_alias,",
        "a_device_is_of_the_last_who_signed_in_and_before_all_of_the_first",
    ),
    Mutation(
        "dbt_project/models/intermediate/usage/int_events_attributed.sql",
        "daily.is_machine or coalesce(of_user.is_bot, false)",
        "coalesce(of_user.is_bot, false)",
        "marks_hide_events_and_never_a_person",
    ),
    Mutation(
        "dbt_project/models/intermediate/usage/int_user_devices_ranged.sql",
        "numbered.user_number = policy.shared_device_users",
        "numbered.user_number > policy.shared_device_users",
        "a_device_with_too_many_users_is_shared_from_the_day_that_is_known",
    ),
    Mutation(
        "dbt_project/models/intermediate/usage/int_events_daily.sql",
        "from arrivals where arrival_number > 1",
        "from arrivals where arrival_number > 2",
        "events_fall_on_their_local_day_and_a_duplicate_counts_once_whenever_it_came",
    ),
    Mutation(
        "dbt_project/models/marts/usage/mart_usage.sql",
        "interval '28' day",
        "interval '27' day",
        "running_sums_of_openings_and_endings_are_the_users_of_each_window",
    ),
    Mutation(
        "dbt_project/models/marts/usage/mart_retention.sql",
        "guarded('retention_ratio', 'cells.users_retained',",
        "guarded('retention_ratio', 'cells.users_retained_unbounded',",
        "a_cell_whose_period_is_not_over_has_no_rate",
    ),
    Mutation(
        "dbt_project/models/intermediate/usage/int_customer_users_counted.sql",
        "before_days = 7, 28, 90",
        "before_days = 7, 29, 90",
        "people_count_once_for_their_customer_and_only_where_somebody_knows_them",
    ),
    Mutation(
        "dbt_project/models/intermediate/revenue/balances/int_item_renewals_dated.sql",
        "terms.starts_at desc, terms.statement_rank desc,",
        "terms.starts_at desc, terms.statement_rank,",
        "what_is_held_for_three_months_or_longer_renews_when_its_term_ends_unless_notice_was_given",
    ),
    Mutation(
        "dbt_project/models/intermediate/revenue/balances/int_customer_contracts_dated.sql",
        "valued.renewal_date > quarters.last_date and valued",
        "valued",
        "renewals_are_by_day_by_quarter_and_each_at_plan_rates",
    ),
    Mutation(
        "dbt_project/models/marts/revenue/mart_customer.sql",
        "where product_id <> 'UNMAPPED'",
        "",
        "a_customer_has_its_sums_its_products_its_people_and_one_reason",
    ),
    Mutation(
        "dbt_project/models/intermediate/delivery/int_issue_steps_ordered.sql",
        "coalesce(chained.place, 1), changes.history_number",
        "changes.history_number, coalesce(chained.place, 1)",
        "changes_of_one_instant_follow_from_each_other",
    ),
    Mutation(
        "dbt_project/models/intermediate/delivery/int_work_items_flowed.sql",
        "entries.category_before = 'done' and entries.status_category <> 'done' then 1",
        "entries.category_before = 'done' then 1",
        "done_is_the_first_entry_and_reopening_is_counted",
    ),
    Mutation(
        "dbt_project/models/intermediate/delivery/int_weeks_spined.sql",
        "as timestamp) + interval '7' day\"",
        "as timestamp) + interval '6' day\"",
        "weeks_begin_on_monday_in_the_reporting_zone_also_when_clocks_change",
    ),
    Mutation(
        "dbt_project/models/intermediate/delivery/int_work_kinds_resolved.sql",
        "        types_by_id.kind,\n",
        "",
        "a_type_is_what_the_file_says_else_what_jira_made_it_and_never_what_its_name_seems_to_say",
    ),
    Mutation(
        "dbt_project/models/intermediate/delivery/int_work_items_flowed.sql",
        "policy.not_done_counts or not flow.is_not_done",
        "policy.not_done_counts is not null",
        "what_was_closed_as_not_done_counts_by_the_switch",
    ),
    Mutation(
        "dbt_project/models/marts/delivery/mart_delivery.sql",
        "is_done and is_bug",
        "is_done",
        "a_week_of_work_by_hand",
    ),
    Mutation(
        "dbt_project/models/staging/jira/stg_jira__issues.sql",
        "where not is_deleted and quarantine_reason is null",
        "where quarantine_reason is null",
        "only_issues_that_exist_and_fit_are_served",
    ),
    Mutation(
        "dbt_project/models/staging/stripe/stg_stripe__customers.sql",
        "where not is_deleted and",
        "where",
        "a_deleted_customer_leaves",
    ),
    Mutation(
        "dbt_project/models/staging/stripe/stg_stripe__subscriptions.sql",
        "pause_behavior is not null or status = 'paused'",
        "status = 'paused'",
        "a_subscription_is_paused_by_status_or_by_collection",
    ),
    Mutation(
        "dbt_project/models/staging/jira/stg_jira__changelog_items.sql",
        "elements.position as item_number",
        "0 as item_number",
        "items_keep_their_order_and_their_nulls",
    ),
    Mutation(
        "dbt_project/models/intermediate/finance/int_account_roles_resolved.sql",
        "case when count(*) = 1 then",
        "case when count(*) > 0 then",
        "a_role_that_two_accounts_have_is_nobodys",
    ),
    Mutation(
        "dbt_project/models/intermediate/finance/int_document_sides_valued.sql",
        "when document_type = 'Purchase' and is_credit then -1",
        "when document_type = 'Purchase' and is_credit then 1",
        "every_kind_of_document_posts_its_lines_and_what_stands_against_them",
    ),
    Mutation(
        "dbt_project/models/intermediate/people/dim_worker.sql",
        "'Terminated' then cast({{ dbt.dateadd('day', 1,",
        "'Terminated' then cast({{ dbt.dateadd('day', 0,",
        "days_are_cut_where_anything_about_the_work_changes",
    ),
    Mutation(
        "dbt_project/macros/bamboohr.sql",
        "when 'day' then 260",
        "when 'day' then 365",
        "pay_of_a_year_follows_the_unit_of_the_rate",
    ),
    Mutation(
        "dbt_project/models/intermediate/people/int_pay_ranges_valued.sql",
        "when 'commission' then cast(0",
        "when 'commission' then cast(null",
        "what_nobody_knows_of_pay_is_not_zero_but_commission_alone_is",
    ),
    Mutation(
        "dbt_project/models/intermediate/people/int_leave_days_shared.sql",
        "where lower(request_status) = 'approved'",
        "where lower(request_status) <> 'canceled'",
        "a_day_is_away_as_far_as_the_map_of_the_request_says",
    ),
    Mutation(
        "dbt_project/models/intermediate/people/fct_worker_day.sql",
        "case when coalesce(converted.is_share_in_pay, false) then 1 else days.fte end",
        "days.fte",
        "pay_that_is_entered_as_paid_is_not_multiplied_by_the_share_unless_it_is_of_time_worked",
    ),
    Mutation(
        "dbt_project/models/intermediate/people/int_worker_days_placed.sql",
        "on days.country = holidays.country and",
        "on",
        "a_day_is_working_where_the_person_is_and_away_as_far_as_leave_takes_it",
    ),
    Mutation(
        "dbt_project/models/intermediate/people/int_heads_counted.sql",
        "{{ dbt.dateadd('day', -1, 'periods.first_date') }}",
        "periods.first_date",
        "who_comes_and_goes_within_a_period_is_in_its_days_alone",
    ),
    Mutation(
        "dbt_project/models/intermediate/cost/int_cost_postings_selected.sql",
        "'Expense', 'Other Expense')",
        "'Expense')",
        "a_cost_that_nobody_has_mapped_counts_and_so_do_other_expenses",
    ),
    Mutation(
        "dbt_project/models/intermediate/finance/int_class_products_resolved.sql",
        "order by candidates.distance",
        "order by candidates.distance desc",
        "a_class_without_a_row_is_its_nearest_mapped_parents_where_classes_inherit",
    ),
    Mutation(
        "dbt_project/models/intermediate/company/int_team_products_ranged.sql",
        "<> 'engineering' then 'OVERHEAD'",
        "= 'engineering' then 'OVERHEAD'",
        "a_team_without_a_product_is_overhead_unless_it_is_of_engineering",
    ),
    Mutation(
        "dbt_project/models/intermediate/cost/int_product_drivers_measured.sql",
        "facts.is_active and not facts.is_bot",
        "facts.is_active",
        "what_is_used_counts_to_the_product_above_it_and_each_person_once",
    ),
    Mutation(
        "dbt_project/models/intermediate/cost/restricted/int_pay_days_valued.sql",
        "then greatest(known.valid_from, closings.first_date)",
        "then known.valid_from",
        "a_raise_that_is_entered_late_is_paid_by_the_period_that_learns_of_it",
    ),
    Mutation(
        "dbt_project/models/intermediate/cost/restricted/int_pay_shapes_measured.sql",
        "coalesce(products.product_id, 'UNALLOCATED')",
        "coalesce(products.product_id, 'OVERHEAD')",
        "a_day_counts_by_its_pay_its_share_of_full_time_and_its_teams_products",
    ),
    Mutation(
        "dbt_project/models/intermediate/cost/restricted/int_cost_parts_placed.sql",
        "greatest(sum(shared_minor), 0) as brought_minor",
        "sum(shared_minor) as brought_minor",
        "what_classes_of_payroll_brought_a_product_is_left_out_of_the_shape_of_the_rest",
    ),
    Mutation(
        "dbt_project/macros/allocation.sql",
        "order by coalesce(costs.cost_minor, 0) desc",
        "order by coalesce(costs.cost_minor, 0)",
        "the_most_costly_shared_product_goes_first_and_gets_nothing_back",
    ),
    Mutation(
        "dbt_project/models/intermediate/cost/restricted/int_people_efforts_weighed.sql",
        "case when product_id <> 'UNMAPPED' then share_billionths else 0 end",
        "share_billionths",
        "what_a_model_knows_is_its_own_and_the_rest_follows_the_split_of_the_team",
    ),
    Mutation(
        "dbt_project/models/intermediate/cost/restricted/int_cost_variants_allocated.sql",
        "where measured.fiscal_period = periods.fiscal_period and measured.driver_id = {{ choice }}",
        "where measured.driver_id = {{ choice }} or true",
        "a_variant_shares_the_published_lines_by_other_rules_and_keeps_their_total",
    ),
    Mutation(
        "dbt_project/models/marts/cost/mart_product_cost_range.sql",
        "and single.changes = 1 and edges",
        "and edges",
        "the_furthest_variant_makes_the_range_and_the_rule_is_named_that_moves_most_by_itself",
    ),
    Mutation(
        "dbt_project/models/intermediate/cost/restricted/fct_allocation.sql",
        "drivers.weight > 0 and pools.pool_id is null",
        "drivers.weight > 0",
        "overhead_goes_by_the_driver_of_the_period_and_to_nobody_without_one",
    ),
    Mutation(
        "dbt_project/models/intermediate/people/fct_effort.sql",
        "acts.valid_from = active.valid_from\n",
        "acts.valid_from <> active.valid_from\n",
        "each_model_shares_a_day_by_what_it_knows",
    ),
    Mutation(
        "dbt_project/models/intermediate/people/fct_effort.sql",
        "        and ranges.valid_from = weighed.valid_from and weighed.weight > 0",
        "        and ranges.valid_from = weighed.valid_from",
        "what_no_model_knows_is_unattributed_and_more_hours_than_a_day_are_one_day",
    ),
    Mutation(
        "dbt_project/models/intermediate/people/fct_effort.sql",
        "issues.story_points between 0.000001 and",
        "issues.story_points between 0 and",
        "what_no_model_knows_is_unattributed_and_more_hours_than_a_day_are_one_day",
    ),
    Mutation(
        "dbt_project/models/intermediate/people/int_worker_items_ranged.sql",
        "\"worked.ends_at - interval '1' microsecond\"",
        "'worked.ends_at'",
        "an_item_is_in_progress_for_whom_it_is_assigned_to",
    ),
    Mutation(
        "dbt_project/models/intermediate/people/int_worker_items_ranged.sql",
        " and not issues.is_epic",
        "",
        "an_item_is_in_progress_for_whom_it_is_assigned_to",
    ),
    Mutation(
        "dbt_project/models/intermediate/people/int_worker_acts_weighed.sql",
        "count(*) over (partition by worker_id, acted_at)",
        "1",
        "a_minute_weighs_the_same_however_many_issues_were_changed_in_it",
    ),
    Mutation(
        "dbt_project/models/intermediate/people/int_worker_acts_weighed.sql",
        "    select distinct worker_id, act_date",
        "    select worker_id, act_date",
        "a_minute_weighs_the_same_however_many_issues_were_changed_in_it",
    ),
    Mutation(
        "dbt_project/models/intermediate/people/int_effort_ranges_cut.sql",
        "when days.team_before <> days.team_id or days.function_before <> days.function_name then 1 else 0",
        "when false then 1 else 0",
        "days_are_counted_where_nothing_changes",
    ),
    Mutation(
        "dbt_project/models/intermediate/people/int_effort_ranges_cut.sql",
        "where is_working_day and leave_share < 1",
        "where leave_share < 1",
        "days_are_counted_where_nothing_changes",
    ),
    Mutation(
        "dbt_project/models/intermediate/people/int_effort_errors_measured.sql",
        "when effort.effort_model = 'worklogs' then 1000000 else logged.logged_millionths",
        "when true then 1000000",
        "the_error_is_what_a_model_puts_on_other_products_of_the_logged_part",
    ),
    Mutation(
        "dbt_project/models/intermediate/people/int_effort_errors_measured.sql",
        "'2 * totals",
        "'1 * totals",
        "the_error_is_what_a_model_puts_on_other_products_of_the_logged_part",
    ),
    Mutation(
        "dbt_project/models/intermediate/people/int_epic_efforts_summed.sql",
        "where effort.effort_model <> 'declared'\n",
        "",
        "days_add_up_by_the_epic_of_the_day_and_the_kind_of_the_item",
    ),
    Mutation(
        "dbt_project/models/intermediate/delivery/int_issue_places_ranged.sql",
        "    where not issues.is_epic\n",
        "    where true\n",
        "an_issue_is_where_it_was_at_the_end_of_the_day",
    ),
    Mutation(
        "dbt_project/models/intermediate/delivery/int_issue_places_ranged.sql",
        "coalesce(parents.issue_id, subtasks.issue_id)",
        "subtasks.issue_id",
        "an_issue_is_where_it_was_at_the_end_of_the_day",
    ),
    Mutation(
        "dbt_project/models/intermediate/cost/int_cost_postings_selected.sql",
        "'payroll|salar|wage|",
        "'salar|wage|",
        "pay_is_what_is_mapped_as_payroll_and_of_an_account_that_nobody_has_mapped_what_looks_like_it",
    ),
    Mutation(
        "dbt_project/models/intermediate/cost/restricted/int_standard_rates_resolved.sql",
        "and functions.turn <= turns.turn",
        "and functions.turn = turns.turn",
        "one_safe_function_may_not_be_enough",
    ),
    Mutation(
        "dbt_project/models/intermediate/cost/restricted/int_standard_rates_resolved.sql",
        "    where place = 1",
        "    where true",
        "a_rate_of_the_years_own_is_of_the_first_periods_in_which_it_is_safe",
    ),
    Mutation(
        "dbt_project/models/intermediate/cost/restricted/int_people_groups_resolved.sql",
        "where is_head and paid_thousandths > 0",
        "where true",
        "people_are_where_the_ledger_has_their_payroll",
    ),
    Mutation(
        "dbt_project/macros/allocation.sql",
        "coalesce(products.product_id, 'UNALLOCATED')",
        "coalesce(products.product_id, 'OVERHEAD')",
        "paid_days_are_valued_at_standard",
    ),
    Mutation(
        "dbt_project/models/intermediate/cost/restricted/int_remainders_judged.sql",
        "and postings.cost_type <> 'depreciation'",
        "",
        "other_cost_must_be_twice_the_largest_pay_or_the_period_is_withheld",
    ),
    Mutation(
        "dbt_project/models/intermediate/cost/restricted/int_remainders_judged.sql",
        "and not exists (select 1 from int_tool_postings_named as tools where tools.gl_line_id = postings.gl_line_id)",
        "",
        "other_cost_must_be_twice_the_largest_pay_or_the_period_is_withheld",
    ),
    Mutation(
        "dbt_project/models/intermediate/cost/int_tool_postings_named.sql",
        "order by length(known.vendor_name) desc, known.vendor_name",
        "order by known.vendor_name",
        "the_vendor_of_a_tool_is_the_documents_or_the_one_that_the_words_name",
    ),
    Mutation(
        "dbt_project/models/intermediate/cost/int_tool_postings_named.sql",
        "named.is_ai or named.vendor_name is null or",
        "named.is_ai or",
        "the_vendor_of_a_tool_is_the_documents_or_the_one_that_the_words_name",
    ),
    Mutation(
        "dbt_project/models/intermediate/cost/restricted/int_tool_bills_shaped.sql",
        "extract(day from from_date) = 1 and extract(day from to_date) = 1",
        "false",
        "a_bill_is_spread_over_its_days_and_goes_to_the_team_of_each_day",
    ),
    Mutation(
        "dbt_project/models/intermediate/cost/restricted/int_tool_bills_shaped.sql",
        "coalesce(booked.own_minor, own.actual_denominator * books.actual_numerator)",
        "coalesce(booked.own_minor * 2, own.actual_denominator * books.actual_numerator)",
        "a_bill_is_spread_over_its_days_and_goes_to_the_team_of_each_day",
    ),
    Mutation(
        "dbt_project/models/intermediate/cost/restricted/int_tool_parts_placed.sql",
        "least(greatest(untagged_minor, 0), all_file_minor)",
        "all_file_minor",
        "postings_and_teams_both_add_up_and_what_only_the_ledger_has_is_of_no_team",
    ),
    Mutation(
        "dbt_project/models/intermediate/cost/restricted/int_tool_parts_placed.sql",
        "where short.short_minor * sign(pools.pool_minor) > 0",
        "where short.short_minor * sign(pools.pool_minor) < 0",
        "postings_and_teams_both_add_up_and_what_only_the_ledger_has_is_of_no_team",
    ),
    Mutation(
        "dbt_project/models/intermediate/cost/restricted/int_cost_centres_summed.sql",
        "where lines.rule_id <> 'people'",
        "where true",
        "people_are_their_teams_and_other_lines_their_departments",
    ),
    Mutation(
        "dbt_project/models/intermediate/cost/restricted/int_remainders_judged.sql",
        "not own.is_settled or not own.is_whole_covered",
        "not own.is_whole_covered",
        "a_period_whose_payroll_may_still_be_posted_is_withheld",
    ),
    Mutation(
        "dbt_project/models/intermediate/cost/restricted/int_standard_parts_placed.sql",
        "where judged.remainder <> 'withheld'",
        "where true",
        "a_remainder_that_hides_nobody_alone_is_joint_or_withheld",
    ),
    Mutation(
        "dbt_project/models/intermediate/cost/restricted/int_product_costs_summed.sql",
        "where scenario_id = 'standard'",
        "where true",
        "only_standard_cost_leaves_and_a_function_names_its_line",
    ),
    Mutation(
        "dbt_project/models/intermediate/cost/int_capex_windows_resolved.sql",
        "then max(case when is_needed = 1 then met_date end)",
        "then min(case when is_needed = 1 then met_date end)",
        "work_is_capitalised_from_the_last_criterion_to_the_day_before_use",
    ),
    Mutation(
        "dbt_project/models/intermediate/cost/int_capex_windows_resolved.sql",
        "    min(case when is_needed = 0 then met_date end) as ends_date",
        "    max(case when is_needed = 0 then met_date end) as ends_date",
        "work_is_capitalised_from_the_last_criterion_to_the_day_before_use",
    ),
    Mutation(
        "dbt_project/models/intermediate/cost/restricted/int_epic_costs_shared.sql",
        "when models.effort_model = 'worklogs' and logging.worker_id is null then 'equal_active_day'",
        "when false then 'equal_active_day'",
        "a_line_of_people_goes_to_what_they_worked_on_and_nothing_of_it_is_lost",
    ),
    Mutation(
        "dbt_project/models/intermediate/health/int_bill_lines_measured.sql",
        "items.amount_minor * coalesce(taxes.untaxed_numerator, 1)",
        "items.amount_minor * coalesce(taxes.untaxed_denominator, 1)",
        "a_line_comes_to_its_share_of_a_month_less_tax_and_discounts_that_recur",
    ),
    Mutation(
        "dbt_project/models/intermediate/revenue/valuation/int_statement_terms_measured.sql",
        "case when included_tax_minor is null then 0 else",
        "case when false then 0 else",
        "a_term_is_of_months_from_a_day_to_the_same_day_and_tax_is_a_share_of_what_discounts_leave",
    ),
    Mutation(
        "orchestration/retention.py",
        "FAILURE and not is_repeated",
        "FAILURE",
        "tests/orchestration/test_retention.py",
    ),
    Mutation(
        "dbt_project/models/intermediate/cost/int_capex_assets_rolled.sql",
        "periods.place - assets.ready_place + 1",
        "periods.place - assets.ready_place",
        "an_asset_is_amortised_from_its_first_period_of_use_and_written_off_when_it_is_given_up",
    ),
    Mutation(
        "dbt_project/models/intermediate/cost/int_capex_assets_rolled.sql",
        "case when is_abandoned then 0 else added -",
        "case when false then 0 else added -",
        "an_asset_is_amortised_from_its_first_period_of_use_and_written_off_when_it_is_given_up",
    ),
    Mutation(
        "dbt_project/models/intermediate/people/int_effort_ranges_cut.sql",
        "and {{ valid_on('items', 'turns.turn_date') }}",
        "and false",
        "a_day_on_which_a_regime_begins_or_ends_cuts_what_is_worked_on_its_epic",
    ),
    Mutation(
        "dbt_project/models/intermediate/cost/int_capex_journals_compared.sql",
        "where (postings.is_pay or postings.cost_type = 'contractor') and postings.amount_minor < 0",
        "where postings.amount_minor < 0",
        "what_the_books_capitalise_of_people_is_named_by_account_and_document",
    ),
    Mutation(
        "dbt_project/models/intermediate/revenue/contracts/int_subscription_failures_ranged.sql",
        "'policy.past_due_days'",
        "30",
        "a_company_may_wait_for_ten_days_only",
    ),
    Mutation(
        "dbt_project/models/intermediate/revenue/valuation/int_subscription_items_valued.sql",
        "when not own.is_change and own.amount_minor <> 0 then 'term'",
        "when own.statement_id is null then 'term'",
        "a_bill_of_then_counts_before_any_price",
    ),
    Mutation(
        "dbt_project/models/intermediate/revenue/contracts/int_subscription_pauses_read.sql",
        "> 3 * 24 * 3600 * 1000",
        "> 3600 * 1000",
        "a_pause_leaves_drafts_and_what_stripe_gave_up_at_once",
    ),
    Mutation(
        "dbt_project/models/intermediate/revenue/contracts/int_subscription_arrears_ranged.sql",
        "coalesce(recovered.recovered_at, timestamp",
        "coalesce(null, timestamp",
        "arrears_begin_when_it_was_due_and_end_when_the_contract_is_good_again",
    ),
    Mutation(
        "dbt_project/models/intermediate/revenue/contracts/int_subscription_arrears_ranged.sql",
        "    and invoices.invoice_id is null\n",
        "",
        "arrears_begin_when_it_was_due_and_end_when_the_contract_is_good_again",
    ),
    Mutation(
        "dbt_project/models/intermediate/revenue/valuation/int_subscription_items_valued.sql",
        "when within.untaxed_denominator > 0 then within.{{ part }}",
        "when false then within.{{ part }}",
        "tax_that_is_in_a_price_is_no_revenue",
    ),
    Mutation(
        "dbt_project/models/intermediate/revenue/contracts/int_subscription_statements_read.sql",
        "where not (is_change and is_refused = 1)",
        "where true",
        "a_change_that_was_never_paid_counts_if_the_item_was_that_afterwards",
    ),
    Mutation(
        "dbt_project/models/intermediate/revenue/movements/int_mrr_contracts_settled.sql",
        "least(come_quantity, gone_quantity)",
        "0",
        "units_that_go_in_one_currency_and_come_in_another_one_on_the_same_day_changed_their_currency",
    ),
    Mutation(
        "dbt_project/models/intermediate/revenue/valuation/int_subscription_items_valued.sql",
        "then 365 else 1",
        "then 360 else 1",
        "a_term_of_18_months_is_an_eighteenth_by_the_month_and_days_are_a_share_of_the_year",
    ),
    Mutation(
        "dbt_project/models/intermediate/revenue/movements/int_mrr_prices_split.sql",
        "'delta_minor - quantity_minor'",
        "'delta_minor'",
        "what_is_more_counts_at_the_old_price_half_to_even_and_the_rest_is_price",
    ),
    Mutation(
        "dbt_project/models/intermediate/revenue/recognition/int_line_services_spread.sql",
        "not in ('draft', 'void')",
        "not in ('draft')",
        "a_credit_note_takes_back_and_a_void_invoice_never_was",
    ),
    Mutation(
        "dbt_project/models/intermediate/revenue/valuation/int_price_quantities_valued.sql",
        "coalesce(tiers.units_up_to, units.units)) - tiers.units_above",
        "coalesce(tiers.units_up_to, units.units))",
        "units_in_tiers_cost_what_each_of_them_does_or_what_the_last_one_does",
    ),
    Mutation(
        "dbt_project/models/intermediate/revenue/movements/fct_mrr_movement.sql",
        "then coalesce(opening_{{ rate }}_minor, 0)",
        "then 0",
        "movements_are_differences_of_rounded_balances_one_after_the_other_and_fx_is_what_the_opening_gained",
    ),
    Mutation(
        "dbt_project/models/intermediate/revenue/movements/int_cohort_logos_retained.sql",
        "case when max(is_lost) then 0 else sum(end_minor) end",
        "sum(end_minor)",
        "who_was_lost_stays_lost_when_it_comes_back",
    ),
    Mutation(
        "dbt_project/models/marts/revenue/mart_revenue.sql",
        "labelled.period_end_date <= preferences",
        "labelled.period_end_date > preferences",
        "revenue_is_summed_by_product_segment_and_market_and_a_period_is_closed_up_to_the_closing_date",
    ),
    Mutation(
        "dbt_project/models/marts/revenue/mart_pricing.sql",
        "markets.reference_observations >= policy",
        "markets.market_observations >= policy",
        "a_market_is_compared_where_both_sides_have_enough_observations",
    ),
    Mutation(
        "dbt_project/models/intermediate/company/int_customers_described.sql",
        "where not exists (\n    select 1 from {{ ref('stg_files__customers') }}",
        "where false and not exists (\n    select 1 from {{ ref('stg_files__customers') }}",
        "a_customer_changes_segment_and_parent_and_one_that_only_a_map_names_is_there",
    ),
    Mutation(
        "dbt_project/macros/validity.sql",
        "case when versions.valid_from <= today.read_date then versions.valid_from end desc",
        "case when versions.valid_from <= today.read_date then versions.valid_from end",
        "a_product_knows_its_portfolio_and_the_version_that_is_valid_today_stands_for_it",
    ),
    Mutation(
        "dbt_project/tests/marts/assert_recognised_revenue_equals_the_ledger.sql",
        "where coalesce(ledger.ledger_minor, 0) <> coalesce(shown.shown_minor, 0)",
        "where ledger.ledger_minor <> shown.shown_minor",
        "tests/dbt/test_recognised_revenue.py",
    ),
    Mutation(
        "dbt_project/tests/intermediate/assert_movements_lead_from_balance_to_balance.sql",
        "or (grouping(currency) = 0 and sum(minor) <> 0)",
        "",
        "tests/dbt/test_movements.py::test_a_movement_too_many_too_few_or_elsewhere_is_red",
    ),
    Mutation(
        "ingestion/landing.py",
        "then n.record_id is not null and not n.version.is_deleted",
        "then n.record_id is not null",
        "tests/ingestion/test_landing.py::test_a_tombstone_lands_once_and_only_for_a_record_that_is_alive",
    ),
    Mutation(
        "ingestion/landing.py",
        "gone > SMALL_LOSS and gone > max_share * of:",
        "gone > SMALL_LOSS and gone > of:",
        "tests/ingestion/test_landing.py::test_a_snapshot_that_loses_too_much_is_refused_and_lands_nothing",
    ),
    Mutation(
        "ingestion/landing.py",
        "if load_id <= last:",
        "if load_id == last:",
        "tests/ingestion/test_landing.py::test_a_clock_that_went_back_is_refused_before_anything_lands",
    ),
    Mutation(
        "ingestion/tokens.py",
        "if self._kept.access_token == refused or not",
        "if self._kept.access_token or not",
        "tests/ingestion/test_tokens.py::test_who_waited_for_another_takes_what_that_one_brought",
    ),
    Mutation(
        "ingestion/sources/jira/load.py",
        "return iso(self._oldest if self._ascends else self._start)",
        "return iso(self._oldest)",
        "tests/ingestion/sources/test_jira.py::test_where_issues_do_not_ascend_the_cursor_waits_for_the_end_of_the_load",
    ),
    Mutation(
        "ingestion/sources/parts/cursor.py",
        "datetime.fromisoformat(through) - overlap)",
        "datetime.fromisoformat(through))",
        "tests/ingestion/sources/test_parts.py::test_a_load_goes_on_before_its_cursor_and_never_before_the_floor",
    ),
    Mutation(
        "ingestion/sources/parts/cursor.py",
        "OLDEST = timedelta(days=29)",
        "OLDEST = timedelta(days=30)",
        "tests/ingestion/sources/test_parts.py::test_a_stream_is_read_whole_at_first_after_29_days_and_when_asked",
    ),
    Mutation(
        "ingestion/sources/parts/census.py",
        "gone = set(confirmed(missing))",
        "gone = missing",
        "tests/ingestion/sources/test_parts.py::test_what_is_not_listed_is_gone_if_it_was_expected_there_and_is_confirmed",
    ),
    Mutation(
        "ingestion/sources/parts/children.py",
        "if not is_of_child(error):",
        "if True:",
        "tests/ingestion/sources/test_vendor_cases.py::test_board_422",
    ),
    Mutation(
        "ingestion/sources/parts/hidden.py",
        "not landing.has_value(*self.given)",
        "False",
        "tests/ingestion/sources/test_vendor_cases.py::test_a_field_that_jira_hides_is_named_once_something_is_done",
    ),
    Mutation(
        "ingestion/sources/parts/optional.py",
        "if step.stream in without or lacking:",
        "if step.stream in without:",
        "tests/ingestion/sources/test_vendor_cases.py::test_boards_that_the_plan_does_not_have",
    ),
    Mutation(
        "ingestion/sources/quickbooks/reported.py",
        "self.again.add(key_of(period))",
        'self.again.add("")',
        "tests/ingestion/sources/test_vendor_cases.py::test_a_period_that_landed_stays_as_it_landed_where_it_is_refused",
    ),
    Mutation(
        "ingestion/sources/amplitude/api.py",
        "used >= limit",
        "used > limit",
        "tests/ingestion/sources/test_vendor_cases.py::test_the_files_of_a_month_are_used_up_and_nobody_asks_on",
    ),
    Mutation(
        "ingestion/sources/jira/load.py",
        "start if unread.errors else updated",
        "updated",
        "tests/ingestion/sources/test_vendor_cases.py::test_an_issue_whose_worklogs_are_refused_costs_itself_until_they_are_not",
    ),
    Mutation(
        "dbt_project/models/intermediate/finance/int_ledger_differences_found.sql",
        "having count(distinct reports.stream) = 1",
        "having count(distinct reports.stream) = 0",
        "a_period_whose_ledger_or_trial_balance_was_refused_is_held_back_and_no_other",
    ),
    Mutation(
        "ingestion/sources/stripe/accounts.py",
        'self._prefix = f"{account}/" if account else ""',
        'self._prefix = ""',
        "tests/ingestion/sources/test_stripe.py::test_what_one_account_changes_and_deletes_is_its_own",
    ),
    Mutation(
        "dbt_project/macros/records.sql",
        "account_prefix || {{ presence(text, type) }}",
        "{{ presence(text, type) }}",
        "what_a_record_names_is_of_its_own_account",
    ),
    Mutation(
        "dbt_project/macros/stripe.sql",
        "coalesce(decimal_quantity, cast(whole_quantity as decimal(38, 12)))",
        "cast(whole_quantity as decimal(38, 12))",
        "a_quantity_may_be_a_part_of_a_unit",
    ),
    Mutation(
        "dbt_project/models/intermediate/revenue/valuation/int_included_taxes_resolved.sql",
        "invoices.status <> 'draft' and",
        "",
        "tax_in_a_price_is_what_the_nearest_evidence_says",
    ),
    Mutation(
        "dbt_project/models/intermediate/revenue/balances/int_usage_bills_summed.sql",
        "and invoices.status not in ('draft', 'void')",
        "",
        "use_counts_for_the_days_that_its_bill_names_without_fee_discount_and_tax",
    ),
    Mutation(
        "dbt_project/models/marts/revenue/mart_arpa.sql",
        "where {{ type }} = 'logo_new' and customer_id = 'UNMAPPED'",
        "where customer_id = 'UNMAPPED'",
        "an_average_is_a_sum_by_customers_who_count_once",
    ),
    Mutation(
        "ingestion/sources/stripe/load.py",
        '"refund": ((REFUNDS, "id"), (CHARGES, "charge")),',
        '"refund": ((REFUNDS, "id"),),',
        "tests/ingestion/sources/test_stripe.py::test_what_happens_beside_a_record_makes_it_read_again",
    ),
    Mutation(
        "ingestion/sources/stripe/load.py",
        "seconds = min(pending) if pending else max(settled, default=None)",
        "seconds = max(settled, default=None)",
        "tests/ingestion/sources/test_stripe.py::test_pending_balance_transactions_are_read_until_they_are_available",
    ),
    Mutation(
        "ingestion/sources/amplitude/load.py",
        "min(last + 23 * HOUR, end)",
        "min(last + 22 * HOUR, end)",
        "tests/ingestion/sources/test_amplitude.py::test_days_are_read_again_and_no_cursor_moves",
    ),
    Mutation(
        "ingestion/sources/amplitude/load.py",
        "read.get(cohort.record_id) != _computed(cohort)",
        "True",
        "tests/ingestion/sources/test_amplitude.py::test_members_come_with_the_census_once_for_each_computation_and_no_more_than_allowed",
    ),
    Mutation(
        "ingestion/sources/quickbooks/load.py",
        "text != known and _version(text) >= _version(known)",
        "text != known",
        "tests/ingestion/sources/test_quickbooks.py::test_an_older_version_from_a_server_that_lags_does_not_land",
    ),
    Mutation(
        "ingestion/sources/quickbooks/reported.py",
        'for name in ("Columns", "Rows")',
        'for name in ("Header", "Columns", "Rows")',
        "tests/ingestion/sources/test_quickbooks.py::test_a_report_that_says_the_same_at_another_time_does_not_land",
    ),
    Mutation(
        "ingestion/sources/bamboohr/load.py",
        "missing & reported.ids if",
        "missing if",
        "tests/ingestion/sources/test_bamboohr.py::test_people_who_are_hidden_are_no_tombstones",
    ),
    Mutation(
        "ingestion/sources/bamboohr/load.py",
        'if str(values.get("start")) >= today.isoformat()',
        "if values",
        "tests/ingestion/sources/test_bamboohr.py::test_a_holiday_to_come_may_be_dropped_and_a_past_one_stays",
    ),
    Mutation(
        "ingestion/sources/fx/load.py",
        "if key in found:",
        "if key in ():",
        "tests/ingestion/sources/test_fx.py::test_a_plain_file_lands_and_must_not_repeat_the_bank",
    ),
    Mutation(
        "ingestion/sources/files/checks.py",
        '("teams", "name", ("name",)),',
        '("teams", "name", ("team_id",)),',
        "tests/ingestion/sources/test_company_files.py::test_a_bad_file_is_refused_by_row_and_column",
    ),
    Mutation(
        "serving/publish.py",
        "if not edition.checks:",
        "if edition.checks is None:",
        "tests/serving/test_publish.py::test_without_any_check_nothing_is_published",
    ),
    Mutation(
        "serving/publish.py",
        "one.holds is None or mart in one.holds",
        "mart in (one.holds or ())",
        "tests/serving/test_publish.py::test_a_red_check_leaves_the_last_good_snapshot_served",
    ),
    Mutation(
        "serving/publish.py",
        '[mart for mart, one in self.held.items() if one["rows_of"]]',
        "[]",
        "tests/serving/test_publish.py::test_a_mart_that_is_held_back_keeps_its_rows_and_the_others_move",
    ),
    Mutation(
        "orchestration/built.py",
        "if node in left and node not in ran",
        "if node not in ran",
        "tests/orchestration/test_plan.py::test_a_record_says_what_is_left_when_a_build_ends",
    ),
    Mutation(
        "dbt_project/models/marts/revenue/mart_revenue_retention.sql",
        "case when logo_id = 'UNMAPPED' then start_minor else 0 end as unmapped_start_minor",
        "0 as unmapped_start_minor",
        "accounts_of_nobody_are_in_no_cohort_and_too_many_of_them_leave_no_ratio",
    ),
    Mutation(
        "dbt_project/models/marts/revenue/mart_arpa.sql",
        "+ count(distinct account_key) as paying_customers",
        "as paying_customers",
        "an_average_is_a_sum_by_customers_who_count_once",
    ),
    Mutation(
        "orchestration/gate.py",
        "elif not last.passed:",
        "elif last is None:",
        "tests/orchestration/test_gate.py",
    ),
    Mutation(
        "ingestion/sources/stripe/load.py",
        "{**moved, UNREAD: unread} if unread else moved",
        "moved",
        "tests/ingestion/sources/test_vendor_cases.py::test_an_invoice_whose_lines_are_refused_costs_itself_until_they_are_not",
    ),
    Mutation(
        "quality/reconciliation.py",
        "sum(abs(held_0 - held_{number}))",
        "sum(held_0 - held_{number})",
        "tests/quality/test_reconciliation.py::test_a_copy_is_compared_both_ways",
    ),
    Mutation(
        "dbt_project/models/intermediate/finance/int_account_controls_measured.sql",
        "lag(balance_date) over (partition by year_start_date order by balance_date)",
        "lag(balance_date) over (order by balance_date)",
        "a_balance_less_the_one_before_is_what_an_account_cost_and_what_is_elsewhere_is_named",
    ),
    Mutation(
        "dbt_project/models/intermediate/finance/int_account_controls_measured.sql",
        "case when statement_group = 'revenue' then -1 else 1 end * sum(",
        "1 * sum(",
        "a_balance_less_the_one_before_is_what_an_account_cost_and_what_is_elsewhere_is_named",
    ),
    Mutation(
        "dbt_project/models/marts/health/mart_reconciliation.sql",
        "and (max(judged.remainder) = 'withheld' or max(held.fiscal_period) is not null) as is_hidden",
        "and max(judged.remainder) = 'withheld' as is_hidden",
        "what_the_books_say_is_what_a_mart_shows_and_the_items_that_are_named",
    ),
    Mutation(
        "dbt_project/models/marts/health/mart_reconciliation.sql",
        "when withheld.is_apart or allocated",
        "when allocated",
        "what_the_books_say_is_what_a_mart_shows_and_the_items_that_are_named",
    ),
    Mutation(
        "dbt_project/models/intermediate/cost/restricted/int_cost_controls_compared.sql",
        "control_figure') }} * control_figure * 1145 >=",
        "control_figure') }} * control_figure * 114500 >=",
        "each_step_is_held_against_what_it_is_made_of",
    ),
    Mutation(
        "dbt_project/models/intermediate/cost/restricted/int_cost_controls_compared.sql",
        "reported_minor - out_of_period_minor - regrouped_minor as control_minor",
        "reported_minor - regrouped_minor as control_minor",
        "each_step_is_held_against_what_it_is_made_of",
    ),
    Mutation(
        "quality/proof.py",
        "where not is_agreed and control_id <> 'allocated'",
        "where control_id <> 'allocated'",
        "tests/quality/test_proof.py::test_red_names_the_account_the_period_and_the_document",
    ),
    Mutation(
        "serving/board/proof/found.py",
        "            if has_number(one.text):\n",
        "            if False:\n",
        "tests/serving/board/test_verify.py::test_an_edit_by_hand_is_named_with_its_place",
    ),
    Mutation(
        "serving/board/proof/found.py",
        "        if place not in seen and _said(wanted):\n",
        "        if False:\n",
        "tests/serving/board/test_verify.py::test_an_edit_by_hand_is_named_with_its_place",
    ),
    Mutation(
        "serving/board/proof/frozen.py",
        "        if tagged != held:\n",
        "        if False:\n",
        "tests/serving/board/test_verify.py::test_a_file_that_agrees_with_its_own_tags_must_agree_with_the_snapshot",
    ),
    Mutation(
        "serving/board/xlsx.py",
        '"quote_prefix": cell.figure is None',
        '"quote_prefix": False',
        "tests/serving/board/test_verify.py::test_names_are_text_in_every_form",
    ),
    Mutation(
        "serving/restatements.py",
        "for one in changes if one.change not in accepted",
        "for one in changes if one.change",
        "tests/serving/test_restatements.py::test_a_retroactive_raise_opens_a_restatement_where_figures_are_as_known_now",
    ),
    Mutation(
        "orchestration/gate.py",
        "(check.asset_key, READ.get(check))",
        "(check.asset_key, None)",
        "tests/orchestration/test_gate.py::test_a_check_that_passed_before_what_it_reads_was_built_again_does_not_count",
    ),
    Mutation(
        "orchestration/plan.py",
        "{key.asset_key, gate.READ.get(key)} & assets",
        "{key.asset_key} & assets",
        "tests/orchestration/test_plan.py::test_a_stream_with_other_loads_makes_its_descendants_due_and_no_others",
    ),
    Mutation(
        "orchestration/gate.py",
        "if problem != RED:\n            return (RECONCILIATION",
        "if problem == RED:\n            return (RECONCILIATION",
        "tests/test_graph_laws.py::test_a_mart_that_is_not_its_controls_is_held_back_and_one_that_was_not_compared_is_not",
    ),
    Mutation(
        "dbt_project/models/intermediate/goals/int_goals__key_result_days.sql",
        "when measured.value is null or looked.overrides then looked.value",
        "when measured.value is null then looked.value",
        "tests/dbt/test_goals.py::test_a_measure_counts_before_what_somebody_wrote_unless_that_overrides_it",
    ),
    Mutation(
        "dbt_project/models/intermediate/goals/int_goals__key_result_days.sql",
        "order by checkin_date desc, place desc",
        "order by checkin_date desc, place",
        "tests/dbt/test_goals.py::test_several_check_ins_of_a_day_count_in_order_of_time",
    ),
    Mutation(
        "dbt_project/models/intermediate/goals/int_goals__key_result_days.sql",
        "when checkins.checkin_date < lives.end_date then checkins.checkin_date",
        "when true then checkins.checkin_date",
        "tests/dbt/test_goals.py::test_g07_check_ins_count_by_their_date_and_grading_is_of_the_last_day",
    ),
    Mutation(
        "dbt_project/macros/goals.sql",
        "where link_type = 'contribute' and parent_goal_id is not null",
        "where parent_goal_id is not null",
        "tests/dbt/test_goals.py::test_g09_what_contributes_counts_and_what_supports_does_not",
    ),
    Mutation(
        "dbt_project/models/intermediate/goals/int_goals__objective_days.sql",
        "'over (partition by objective_id, day, side, child_id)'",
        "'over (partition by objective_id, day, side, child_id, parent_id)'",
        "tests/dbt/test_goals.py::test_a_key_result_with_two_parents_counts_whole_in_each_and_once_at_the_top",
    ),
    Mutation(
        "dbt_project/macros/goals.sql",
        "then cast({{ past }} as double) / ({{ days }} - 1) else 1 end",
        "then cast({{ past }} as double) / {{ days }} else 1 end",
        "tests/dbt/test_goals.py::test_g11_what_a_straight_line_expects_at_its_ends",
    ),
    Mutation(
        "dbt_project/models/marts/goals/mart_okr.sql",
        "case when forecasts.reason is null then forecasts.chance end as chance",
        "forecasts.chance",
        "d17_a_goal_is_labelled_by_its_outcome_then_its_forecast_then_its_pace",
    ),
    Mutation(
        "dbt_project/models/marts/goals/mart_work_ladder.sql",
        " and {{ valid_on('edges', 'climbed.as_of_date') }}",
        "",
        "money_follows_days_and_objectives_further_up_are_roll_ups",
    ),
    Mutation(
        "dbt_project/models/intermediate/goals/int_goals__work_served.sql",
        "    where distance = nearest\n",
        "",
        "shares_hold_and_what_they_leave_is_shared_or_for_no_key_result",
    ),
    Mutation(
        "dbt_project/models/marts/board/mart_board_metric.sql",
        "            when count(case when places.is_begun then figures.{{ part }} end)\n",
        "            when count(case when places.is_begun then 1 end)\n",
        "what_is_withheld_in_a_period_is_withheld_in_its_quarter_and_in_what_is_compared_with_it",
    ),
    Mutation(
        "dbt_project/models/marts/board/mart_board_metric.sql",
        "coalesce(known.periods_known, 0) = over.periods_over",
        "true",
        "what_is_withheld_in_a_period_is_withheld_in_its_quarter_and_in_what_is_compared_with_it",
    ),
    Mutation(
        "dbt_project/models/marts/board/mart_board_metric.sql",
        "not valued.is_complete and valued.over_periods = 'sum' as is_so_far",
        "false as is_so_far",
        "a_flow_adds_up_in_a_quarter_beside_its_plan_and_the_year_before",
    ),
    Mutation(
        "dbt_project/models/marts/board/mart_board_metric.sql",
        "case when quarters.periods_planned = spans.periods then quarters.plan_numerator end",
        "quarters.plan_numerator",
        "what_is_withheld_in_a_period_is_withheld_in_its_quarter_and_in_what_is_compared_with_it",
    ),
    Mutation(
        "dbt_project/models/marts/board/mart_board_metric.sql",
        "when 'first' then places.is_first when 'last' then places.is_last else true",
        "when 'first' then places.is_first else true",
        "a_balance_is_the_last_one_of_its_quarter_and_an_opening_the_first",
    ),
    Mutation(
        "dbt_project/models/intermediate/board/int_board_figures_measured.sql",
        "case when single.metric_id is null or slices.entries = 1 then",
        "case when true then",
        "customers_of_a_product_in_parts_are_no_sum_and_those_of_the_company_its_own_row",
    ),
    Mutation(
        "dbt_project/models/intermediate/board/int_board_figures_measured.sql",
        "case when count({{ part }}) = count(*) then sum({{ part }}) end",
        "sum({{ part }})",
        "cells_add_up_to_each_slice_and_a_module_to_its_product",
    ),
    Mutation(
        "dbt_project/models/intermediate/board/int_board_figures_measured.sql",
        "case when slices.plan_groups = plans.groups then",
        "case when true then",
        "a_plan_is_whole_or_none_and_what_has_not_come_is_nothing",
    ),
    Mutation(
        "dbt_project/models/intermediate/board/int_board_figures_measured.sql",
        "            and periods.as_of_date between goals.start_date and goals.end_date\n",
        "",
        "of_goals_and_prices_what_is_known_counts_and_the_coverage_says_how_much_that_is",
    ),
    Mutation(
        "dbt_project/models/intermediate/board/int_cycle_times_measured.sql",
        "select distinct issue_id, cycle_ms,",
        "select issue_id, cycle_ms,",
        "an_item_of_two_products_counts_once_in_each_and_once_in_what_holds_both",
    ),
    Mutation(
        "dbt_project/models/marts/goals/mart_roadmap_outcome.sql",
        "inner join begun_4 as last",
        "inner join begun_2 as last",
        "a_promise_is_what_was_known_when_work_began",
    ),
    Mutation(
        "dbt_project/models/intermediate/delivery/int_work_kinds_resolved.sql",
        "            labelled.kind,\n",
        "",
        "a_type_is_what_the_file_says_else_what_jira_made_it_and_never_what_its_name_seems_to_say",
    ),
    Mutation(
        "dbt_project/models/intermediate/goals/int_promises_collected.sql",
        "null, null, null, null, null, dates.release_date,",
        "null, null, null, null, null, max(dates.release_date) over (),",
        "tests/dbt/test_roadmap.py::test_g23_a_promise_is_the_date_that_stood_when_work_began",
    ),
    Mutation(
        "dbt_project/macros/goals.sql",
        "when {{ ratio }} >= 0.7 - 1e-9 then 'on_track'",
        "when {{ ratio }} >= 0.7 + 1e-9 then 'on_track'",
        "tests/dbt/test_goals.py::test_g12_labels_change_at_their_published_thresholds",
    ),
)
