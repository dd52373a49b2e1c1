"""What vendors document of their values: which there are, which numbers and times make sense.

Belongs here: per stream the fields that the vendor always fills, sets of values, ranges. Does not: types and values
that must be there record by record (staging puts those in quarantine), values that each company chooses itself.

Red holds back where models branch on the value, and a new one would be counted wrongly without a word; else it warns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from quality.expectations.catalogue import Rule, between

NUMBER, DAY, CLOCK, UNIX, TEXT = (
    "try_cast({} as double)",
    "date_diff('day', extracted_at::date, try_cast(left({}, 10) as date)) / 365.25",
    "date_diff('hour', extracted_at, try_cast({} as timestamptz)) / 24.0",
    "(try_cast({} as double) - epoch(extracted_at)) / 86400",
    "{}",
)
"""What is looked at of a text: its number; years or days from the load to the date; the text itself."""


@dataclass(frozen=True, slots=True)
class Value:
    """``path``: where a record has it; ``reading``: SQL of what is looked at, of its text."""

    path: str
    reading: str
    rule: Rule


def _known(name: str, path: str, values: Sequence[str], what: str, *, is_blocking: bool = False) -> Value:
    rule = Rule(
        name,
        "ExpectColumnValuesToBeInSet",
        name,
        {"value_set": list(values)},
        f"the vendor uses a {what} that its documentation did not name; models count it as whatever is left",
        "look the records that are named up with the vendor, then teach the models and quality/expectations/values.py",
        is_blocking,
    )
    return Value(path, TEXT, rule)


def _ranged(name: str, path: str, reading: str, means: str, mend: str = "", **bounds: Any) -> Value:
    mend = mend or "look the records that are named up with the vendor and have them corrected there"
    return Value(path, reading, between(name, name, means, mend, **bounds))


def _not_negative(name: str, path: str) -> Value:
    return _ranged(name, path, NUMBER, "an amount or a number that can't be below zero is", min_value=0)


def _not_ahead(name: str, path: str, reading: str, unit: float = 1.0) -> Value:
    means = "a record is dated in the future: a clock is wrong, there or here"
    return _ranged(name, path, reading, means, max_value=unit)


RATE_STEPS = between(
    "rate_as_the_day_before",
    "times_day_before",
    "an exchange rate is more than eight times or less than an eighth of the currency's rate before: a decimal point "
    "is in the wrong place",
    "correct the file of rates, or ask its publisher; load again",
    is_blocking=True,
    min_value=1 / 8,
    max_value=8,
)
"""Of all rates of a currency one after the other: no value by itself shows it. Devaluations go to a seventh in a day
(the Sudanese pound, 2021)."""
STATUS_CATEGORIES = ("new", "indeterminate", "done", "undefined")
NEEDED: Mapping[tuple[str, str], Sequence[str]] = {
    ("jira", "issues"): (
        *("key", "fields.project", "fields.issuetype", "fields.status", "fields.created", "fields.updated"),
    ),
    ("jira", "changelogs"): ("created", "items"),
    ("jira", "worklogs"): ("issueId", "started", "timeSpentSeconds"),
    ("jira", "projects"): ("key", "name"),
    ("jira", "statuses"): ("name", "statusCategory"),
    ("jira", "sprints"): ("name", "state"),
    ("amplitude", "events"): ("event_type", "event_time", "server_upload_time", "uuid"),
    ("stripe", "customers"): ("created", "currency"),
    ("stripe", "subscriptions"): ("customer", "status", "currency", "start_date", "items"),
    ("stripe", "subscription_items"): ("price", "current_period_start", "current_period_end"),
    ("stripe", "prices"): ("product", "currency", "type", "billing_scheme"),
    ("stripe", "invoices"): ("customer", "status", "currency", "total", "created"),
    ("stripe", "invoice_lines"): ("currency", "amount", "period", "pricing"),
    ("stripe", "charges"): ("status", "currency", "amount", "created"),
    ("stripe", "balance_transactions"): ("type", "currency", "amount", "fee", "net"),
    ("quickbooks", "accounts"): ("FullyQualifiedName", "Classification", "AccountType"),
    **{
        ("quickbooks", name): ("TxnDate", "Line", "MetaData")
        for name in ("journal_entries", "invoices", "bills", "purchases", "deposits")
    },
    **{
        ("quickbooks", name): ("Header", "Columns", "Rows")
        for name in ("trial_balances", "profit_and_loss_by_class", "general_ledgers")
    },
    ("bamboohr", "employees"): ("status", "hireDate"),
    ("bamboohr", "employment_statuses"): ("employeeId", "date", "employmentStatus"),
    ("bamboohr", "job_info"): ("employeeId", "date"),
    ("bamboohr", "compensation"): ("employeeId", "startDate", "rate", "paidPer"),
    ("bamboohr", "time_off_requests"): ("employeeId", "status", "start", "end"),
    ("fx", "rates"): ("date", "currency", "rate"),
}
"""Fields that the vendor fills in every record. They are looked for in batches of 20 records or more."""

VALUES: Mapping[tuple[str, str], Sequence[Value]] = {
    ("jira", "issues"): (
        _known(
            "status_category_is_known",
            "fields.status.statusCategory.key",
            STATUS_CATEGORIES,
            "category of a status",
            is_blocking=True,
        ),
        _not_ahead("created_not_ahead", "fields.created", CLOCK),
    ),
    ("jira", "statuses"): (
        _known(
            "status_category_is_known",
            "statusCategory.key",
            STATUS_CATEGORIES,
            "category of a status",
            is_blocking=True,
        ),
    ),
    ("jira", "sprints"): (_known("state_is_known", "state", ("future", "active", "closed"), "state of a sprint"),),
    ("jira", "worklogs"): (
        _ranged(
            "time_spent_is_plausible",
            "timeSpentSeconds",
            NUMBER,
            "one entry of work is below zero or longer than four weeks of eight-hour days",
            "have its author correct it in Jira: effort and cost of the epic follow it",
            min_value=0,
            max_value=20 * 8 * 3600,
        ),
        _not_ahead("started_not_ahead", "started", CLOCK, 31),
    ),
    ("stripe", "subscriptions"): (
        _known(
            "status_is_known",
            "status",
            ("incomplete", "incomplete_expired", "trialing", "active", "past_due", "canceled", "unpaid", "paused"),
            "status of a subscription",
            is_blocking=True,
        ),
        _known(
            "collection_is_known",
            "collection_method",
            ("charge_automatically", "send_invoice"),
            "way of collecting",
        ),
        _not_ahead("created_not_ahead", "created", UNIX),
    ),
    ("stripe", "subscription_items"): (_not_negative("quantity_not_negative", "quantity"),),
    ("stripe", "prices"): (
        _known("type_is_known", "type", ("one_time", "recurring"), "type of a price", is_blocking=True),
        _known(
            "interval_is_known",
            "recurring.interval",
            ("day", "week", "month", "year"),
            "interval of a price",
            is_blocking=True,
        ),
        _not_negative("unit_amount_not_negative", "unit_amount_decimal"),
    ),
    ("stripe", "coupons"): (
        _known("duration_is_known", "duration", ("forever", "once", "repeating"), "duration of a coupon"),
        _ranged(
            "percent_is_plausible",
            "percent_off",
            NUMBER,
            "a discount is below 0 or above 100 per cent",
            min_value=0,
            max_value=100,
        ),
    ),
    ("stripe", "invoices"): (
        _known(
            "status_is_known",
            "status",
            ("draft", "open", "paid", "uncollectible", "void"),
            "status of an invoice",
            is_blocking=True,
        ),
        _not_ahead("created_not_ahead", "created", UNIX),
    ),
    ("stripe", "invoice_payments"): (
        _known("status_is_known", "status", ("open", "paid", "canceled"), "status of a payment"),
    ),
    ("stripe", "charges"): (
        _known("status_is_known", "status", ("succeeded", "pending", "failed"), "status of a charge"),
        _not_negative("amount_not_negative", "amount"),
    ),
    ("stripe", "refunds"): (
        _known(
            "status_is_known",
            "status",
            ("pending", "requires_action", "succeeded", "failed", "canceled"),
            "status of a refund",
        ),
        _not_negative("amount_not_negative", "amount"),
    ),
    ("stripe", "credit_notes"): (
        _known("status_is_known", "status", ("issued", "void"), "status of a credit note"),
        _not_negative("amount_not_negative", "amount"),
    ),
    ("quickbooks", "accounts"): (
        _known(
            "classification_is_known",
            "Classification",
            ("Asset", "Equity", "Expense", "Liability", "Revenue"),
            "classification of an account",
            is_blocking=True,
        ),
    ),
    **{
        ("quickbooks", name): (
            _ranged(
                "date_is_plausible",
                "TxnDate",
                DAY,
                "a document is dated more than two years ahead or thirty years back: a year was mistyped",
                min_value=-30,
                max_value=2,
            ),
            _ranged(
                "exchange_rate_above_zero",
                "ExchangeRate",
                NUMBER,
                "a document has an exchange rate of zero or below",
                min_value=0,
                strict_min=True,
            ),
        )
        for name in ("journal_entries", "invoices", "bills", "purchases", "deposits", "payments")
    },
    ("bamboohr", "employees"): (_known("status_is_known", "status", ("Active", "Inactive"), "status of a person"),),
    ("bamboohr", "time_off_requests"): (
        _known(
            "status_is_known",
            "status.status",
            ("approved", "denied", "declined", "requested", "canceled", "superceded", "superseded"),
            "status of a request",
        ),
    ),
    ("bamboohr", "compensation"): (
        _known(
            "paid_per_is_known",
            "paidPer",
            ("Hour", "Day", "Week", "Every other week", "Month", "Quarter", "Year", "Pay Period", "Piece"),
            "period of pay",
        ),
        _ranged(
            "start_is_plausible",
            "startDate",
            DAY,
            "pay begins more than two years ahead or sixty years back: a year was mistyped",
            min_value=-60,
            max_value=2,
        ),
    ),
    ("fx", "rates"): (
        _ranged(
            "rate_above_zero",
            "rate",
            NUMBER,
            "an exchange rate is zero or below",
            "correct the file of rates, or ask its publisher; load again",
            min_value=0,
            strict_min=True,
        ),
    ),
}
