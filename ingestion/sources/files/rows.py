"""What may stand in each of the company's own files: one class a file, its fields in the order of the header.

Belongs here: columns, their values, what fits together within a row. Does not: reading files (company_tables.py), what
fits together between rows and between files (company_files.py).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from keyword import iskeyword
from typing import Annotated, Any, ClassVar, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.fields import FieldInfo


class CellError(ValueError):
    """One cell does not fit the others of its row."""

    def __init__(self, column: str, allowed: str) -> None:
        self.column, self.allowed = column, allowed
        super().__init__(allowed)


def _empty_is_none(value: object) -> object:
    return None if value == "" else value


def _is_day(text: str) -> bool:
    try:
        return bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) and date.fromisoformat(text))
    except ValueError:  # a 31st of February
        return False


def _day(value: object) -> object:
    if value and not _is_day(str(value)):
        raise ValueError("must be a day like 2026-01-31, or empty")
    return value or None


def _needed_day(value: object) -> object:
    if not _is_day(str(value)):
        raise ValueError("must be a day like 2026-01-31")
    return value


def _instant(value: object) -> object:
    if not value:
        return None
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})", str(value)):
            return datetime.fromisoformat(str(value)).astimezone(UTC)
    except ValueError:
        pass  # a 31st of February, say
    raise ValueError("must be an instant with its zone like 2026-01-31T09:00:00Z, or empty")


def _time_of_day(value: object) -> object:
    """A day, or an instant; one without a zone is by the reporting zone's clock, which nobody knows here yet."""
    text = str(value)
    if _is_day(text):
        return date.fromisoformat(text)
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?", text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass  # a 31st of February, say
    raise ValueError("must be a day like 2026-01-31, or a day and time like 2026-01-31T09:00 or 2026-01-31T09:00:00Z")


def _number(value: object) -> object:
    # Decimal itself would also take 1e9, NaN and 1_000, which a spreadsheet's typing error looks like
    if value and not re.fullmatch(r"-?\d+(\.\d+)?", str(value)):
        raise ValueError("must be a number like 1250.50, without separators or signs of a currency")
    return _empty_is_none(value)


def _switch(value: object) -> object:
    """A spreadsheet writes TRUE."""
    return str(value).lower() or None


def _goal_value(value: object) -> object:
    text = str(value)
    if re.match(r"\+|(by|up|down|plus|minus)\b", text.strip(), re.IGNORECASE):  # by 10 % from 40 may be 44 or 50
        raise ValueError("must be the number itself, like 44: what is meant by a change like `by 10 %` is not guessed")
    return _number(text.removesuffix("%").rstrip() if text else value)


class AsPercent:
    """Marks a column whose cells keep the sign of a percentage: 45% and not 0.45."""


def _time_zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("must be a time zone like Europe/Berlin")
    return value


def _like(pattern: str, words: str) -> AfterValidator:
    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(f"must be {words}")
        return value

    return AfterValidator(check)


Text = Annotated[str, Field(min_length=1)]
Blank = Annotated[str | None, BeforeValidator(_empty_is_none)]
Day = Annotated[date | None, BeforeValidator(_day)]
NeededDay = Annotated[date, BeforeValidator(_needed_day)]
Instant = Annotated[datetime | None, BeforeValidator(_instant)]
Weight = Annotated[Decimal, Field(gt=0, le=1, max_digits=10, decimal_places=6)]
Number = Annotated[Decimal, BeforeValidator(_number), Field(max_digits=18, decimal_places=6)]
Positive = Annotated[Number, Field(gt=0)]
NotNegative = Annotated[Number, Field(ge=0)]
MaybeNumber = Annotated[Number | None, BeforeValidator(_number)]
GoalValue = Annotated[Decimal, BeforeValidator(_goal_value), Field(max_digits=18, decimal_places=6), AsPercent()]
MaybeGoalValue = Annotated[GoalValue | None, BeforeValidator(_goal_value), AsPercent()]
Time = Annotated[date | datetime, BeforeValidator(_time_of_day)]
GoalWeight = Annotated[NotNegative, Field(le=1_000_000)]
MaybeWeight = Annotated[GoalWeight | None, BeforeValidator(_number)]
MaybeShare = Annotated[Weight | None, BeforeValidator(_number)]
Link = Literal["contribute", "support"]
Days = Annotated[int, Field(ge=0, le=3650)]
Percent = Annotated[int, Field(ge=0, le=100)]
Switch = Literal["true", "false"]
Currency = Annotated[str, _like("[A-Z]{3}", "a currency like EUR")]
MaybeCurrency = Annotated[Currency | None, BeforeValidator(_empty_is_none)]
Country = Annotated[str, _like("[A-Z]{2}", "a country of two letters like DE")]
FiscalYear = Annotated[str, _like(r"FY\d{2}", "a fiscal year like FY26")]
Period = Annotated[str, _like(r"FY\d{2}-P(0[1-9]|1[0-2])", "a fiscal period like FY26-P07")]
Metric = Annotated[str, _like(r"manual|mart_[a-z0-9_]+\.[a-z0-9_]+", "manual, or a mart's measure like mart_usage.wau")]


Status = Literal["active", "cancelled", "paused", "postponed", "carried_over"]
Slice = Annotated[str, _like(r"[a-z_]+=\S.*", "a dimension of the mart and its value, like market=DACH")]
PERCENT = ("percent", "%", "pct", "percentage", "per cent")
"""Units of values of which 0.45, shown as 45%, means 45."""


class Row(BaseModel):
    """One row of a file; the columns, in their order, are the file's header, from which those with a default may be
    left out. The field of a column whose name is a word of Python ends in an underscore: `from_`. Raises
    ``CellError``."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=lambda name: name.removesuffix("_"))

    span: ClassVar[tuple[str, str]] = ("valid_from", "valid_to")
    """The first day of the row, and the first after it."""

    @classmethod
    def columns(cls) -> dict[str, FieldInfo]:
        return {str(field.alias): field for field in cls.model_fields.values()}

    def __getitem__(self, column: str) -> Any:
        return getattr(self, f"{column}_" if iskeyword(column) else column)

    def check(self) -> None:
        """What the values must be together, once each is what it may be."""
        first, last = self.span
        starts, ends = (self[name] if name in self.columns() else None for name in self.span)
        if starts and ends and starts >= ends:
            raise CellError(last, f"must be after {first} {starts}")


class Product(Row):
    product_id: Text
    name: Text
    level: Literal["portfolio", "product", "module", "feature"]
    parent_id: Blank
    owner: Blank
    lifecycle: Blank
    valid_from: Day
    valid_to: Day


class ProductMap(Row):
    source: Text
    object_type: Text
    key: Text
    match: Literal["exact", "prefix", "glob"]
    product_id: Text
    weight: Weight
    valid_from: Day
    valid_to: Day
    reason: Blank


class CustomerRow(Row):
    customer_id: Text
    name: Text
    parent_id: Blank
    segment: Blank
    market: Blank
    country: Blank
    industry: Blank
    valid_from: Day
    valid_to: Day


class CustomerMap(Row):
    source: Text
    key: Text
    customer_id: Text
    valid_from: Day
    valid_to: Day


class Segment(Row):
    code: Text
    name: Text


class Market(Row):
    code: Text
    name: Text
    region: Blank


class WorkerMap(Row):
    source: Text
    key: Text
    worker_id: Text
    valid_from: Day
    valid_to: Day


class AccountMap(Row):
    """What an account of the ledger is in the company's statements. ``sign`` makes of what is debited what they show:
    1 where a debit adds, -1 where it takes away, as in revenue."""

    account: Text
    statement_group: Literal[
        "asset", "liability", "equity", "revenue", "cost_of_revenue", "operating_expense", "other", "tax"
    ]
    cost_type: Blank
    function: Blank
    sign: Literal["1", "-1"]
    valid_from: Day
    valid_to: Day

    def check(self) -> None:
        super().check()
        is_cost = self.statement_group in ("cost_of_revenue", "operating_expense")
        if is_cost != (self.cost_type is not None):
            like = "like payroll, contractor, cloud or tools" if is_cost else "empty"
            raise CellError("cost_type", f"must be {like} for statement_group {self.statement_group}")


class VendorMap(Row):
    """Who is behind a vendor that sells work: one of the company's own people, or an agency of many."""

    key: Text
    worker_id: Blank
    agency: Blank
    cost_type: Text
    valid_from: Day
    valid_to: Day

    def check(self) -> None:
        super().check()
        if (self.worker_id is None) == (self.agency is None):
            raise CellError("agency", "must be empty where there is a worker_id, and a name where there is none")


class WorkType(Row):
    """What a type of issue, a label or a resolution is, by its id or as the site writes its name."""

    kinds: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "issue_type": ("bug", "feature", "maintenance", "other", "objective", "key_result"),
        "label": ("objective", "key_result"),
        "resolution": ("done", "not_done"),
    }

    source: Text
    object_type: Literal["issue_type", "label", "resolution"]
    key: Text
    kind: Text

    def check(self) -> None:
        kinds = self.kinds[self.object_type]
        if self.kind not in kinds:
            raise CellError("kind", f"must be one of {', '.join(kinds)} for object_type {self.object_type}")


class Team(Row):
    team_id: Text
    name: Text
    type: Literal["stream", "platform", "enabling"]
    function: Blank
    parent_id: Blank
    valid_from: Day
    valid_to: Day


class TeamProduct(Row):
    """Which share of a team works for a product."""

    team_id: Text
    product_id: Text
    share: Weight
    valid_from: Day
    valid_to: Day


class ListPrice(Row):
    """What a unit costs a month before any discount and tax; without a market or segment, wherever no other row says.
    A tier is the smallest quantity that it holds for."""

    product_id: Text
    market: Blank
    segment: Blank
    currency: Currency
    tier: Annotated[int, Field(ge=1)]
    list_price: NotNegative
    valid_from: Day
    valid_to: Day


class PlanRate(Row):
    """What the company plans a year with: how much of the currency one euro is, as the ECB writes it."""

    currency: Currency
    fiscal_year: FiscalYear
    rate: Positive

    def check(self) -> None:
        if self.currency == "EUR" and self.rate != 1:
            raise CellError("rate", "must be 1 for EUR: rates say how much of a currency one euro is")


class Holiday(Row):
    country: Country
    date: NeededDay


class MarketSize(Row):
    """How much a market could bring in a calendar year; without a product it is not yet known which one it is for."""

    market: Text
    segment: Blank
    product_id: Blank
    year: Annotated[int, Field(ge=2000, le=2099)]
    tam: NotNegative
    sam: NotNegative
    currency: Currency

    def check(self) -> None:
        if self.sam > self.tam:
            raise CellError("sam", f"must not be above tam {self.tam}: the one is a part of the other")


class Budget(Row):
    """In the reporting currency; without a product it is for none in particular."""

    account_group: Text
    product_id: Blank
    period: Period
    amount: Number


class AiSpend(Row):
    """What a bill of a vendor of AI or of a tool is for: the days from the first to before the last, and the team or
    the person who uses it; without either it is attributed to nobody. Less than nothing is a refund."""

    span: ClassVar[tuple[str, str]] = ("from", "to")

    vendor: Text
    from_: NeededDay
    to: NeededDay
    team_id: Blank
    user: Blank
    amount: Number
    currency: Currency

    def check(self) -> None:
        super().check()
        after = self.to + timedelta(days=1)
        if self.from_.day == 1 and after.day == 1:  # copied from an invoice that names the last day
            raise CellError("to", f"must be the day after the last that is paid for; for whole months write {after}")
        if self.team_id is not None and self.user is not None:
            raise CellError("user", "must be empty where there is a team_id: a person's spend goes to their team")


class CapexCriterion(Row):
    """Who said on which day that work on an epic meets what a regime asks for before it may be capitalised."""

    criteria: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "asc350_40_stage": ("preliminary_stage_complete", "authorised_and_funded", "probable_to_complete"),
        "asu_2025_06": ("authorised_and_funded", "no_significant_uncertainty"),
        "ias38": (
            "technical_feasibility",
            "intention",
            "ability_to_use",
            "future_benefits",
            "resources",
            "measurable",
        ),
        "all": ("ready_for_use", "abandoned"),
    }

    epic: Text
    regime: Literal["asc350_40_stage", "asu_2025_06", "ias38", "all"]
    criterion: Text
    met_on: NeededDay
    approver: Text

    def check(self) -> None:
        allowed = self.criteria[self.regime]
        if self.criterion not in allowed:
            raise CellError("criterion", f"must be one of {', '.join(allowed)} for regime {self.regime}")


class Checkin(Row):
    """Where a key result stood, as somebody wrote it down. What ``overrides`` counts before the bound measure."""

    kr_id: Text
    date: Time
    value: GoalValue
    author: Text
    overrides: Annotated[Switch | None, BeforeValidator(_switch)] = None


class GoalLink(Row):
    """Which key result an initiative or an epic works for. Without a share it has an equal part of what the others
    leave; without days it holds in the key result's cycle."""

    work_item: Text
    key_result_id: Text
    share: Annotated[Weight | None, BeforeValidator(_empty_is_none)] = None
    valid_from: Day = None
    valid_to: Day = None


class LinkType(Row):
    """What a link between issues means, by the id of its type or by its name: outward, the issue that stands before the
    outward words blocks the other; inward, it is blocked; ladder, an initiative claims an epic; none, it is neither."""

    link_type: Text
    direction: Literal["outward", "inward", "ladder", "none"]


class Decision(Row):
    """A question and how it went; one that was opened again has another row, from then on."""

    decision_id: Text
    title: Text
    owner: Text
    product_id: Blank
    raised_at: Instant
    data_ready_at: Instant
    proposed_at: Instant
    decided_at: Instant
    withdrawn_at: Instant = None

    def check(self) -> None:
        if self.raised_at is None:
            raise CellError("raised_at", "must be an instant with its zone like 2026-01-31T09:00:00Z")
        for stage in ("data_ready_at", "proposed_at", "decided_at", "withdrawn_at"):
            at = getattr(self, stage)
            if at is not None and at < self.raised_at:
                raise CellError(stage, f"must not be before raised_at {self.raised_at:%Y-%m-%dT%H:%M:%SZ}")
        if self.decided_at is not None and self.withdrawn_at is not None:
            raise CellError("withdrawn_at", "must be empty where there is a decided_at: what was decided is closed")


class Promise(Row):
    """What somebody expects of an epic or an initiative: a metric's change, a day, or both. ``size`` is percent of the
    use of those who have it, or units of the metric an account and week. A promise that changes is another row."""

    promise_id: Text
    work_item: Text
    registered_at: Instant
    date: Day = None
    metric: Annotated[Metric | None, BeforeValidator(_empty_is_none)] = None
    slice: Blank = None
    feature: Blank = None
    size: MaybeNumber = None
    kind: Annotated[Literal["percent", "absolute"] | None, BeforeValidator(_empty_is_none)] = None

    def check(self) -> None:
        if self.registered_at is None:
            raise CellError("registered_at", "must be an instant with its zone like 2026-01-31T09:00:00Z")
        for column in ("slice", "size", "kind"):
            if (self[column] is None) != (self.metric is None):
                like = (
                    "must not be empty where a metric is promised" if self.metric else "must be empty without a metric"
                )
                raise CellError(column, like)
        if self.metric is None and self.date is None:
            raise CellError("date", "must be a day where no metric is promised")
        if self.metric == "manual":
            raise CellError("metric", "must be a mart's measure like mart_usage.events: a promise is measured")


class Cycle(Row):
    """A time for goals; its end is the first day after it."""

    span: ClassVar[tuple[str, str]] = ("start", "end")

    id: Text
    name: Text
    start: NeededDay
    end: NeededDay


class Goal(Row):
    """What an objective and a key result share: a status since a day, and the days on which the row holds."""

    statuses: ClassVar[tuple[str, ...]] = ("active", "cancelled", "paused", "postponed", "carried_over")

    def check(self) -> None:
        super().check()
        status, since = self["status"], self["status_date"]
        if status not in (None, "active") and since is None:
            raise CellError("status_date", f"must be the day since which it is {status}")
        if status is None and since is not None:
            raise CellError("status", f"must be one of {', '.join(self.statuses)} where there is a status_date")


class Objective(Goal):
    id: Text
    cycle: Text
    name: Text
    owner: Text
    parent: Blank
    link: Annotated[Link | None, BeforeValidator(_empty_is_none)]
    product_id: Blank
    weight: MaybeWeight = None
    status: Annotated[Status | None, BeforeValidator(_empty_is_none)] = None
    status_date: Day = None
    valid_from: Day = None
    valid_to: Day = None

    def check(self) -> None:
        super().check()
        if (self.parent is None) != (self.link is None):
            raise CellError(
                "link", "must be contribute or support where there is a parent, and empty where there is none"
            )


class KeyResultRow(Goal):
    """``maintain`` is what some tools call staying above the target; without one, above the start."""

    id: Text
    objective: Text
    name: Text
    type: Literal["increase", "decrease", "stay-above", "stay-below", "maintain", "baseline", "binary"]
    unit: Blank
    start: MaybeGoalValue
    target: MaybeGoalValue
    weight: GoalWeight
    metric: Metric
    slice: Annotated[Slice | None, BeforeValidator(_empty_is_none)] = None
    success_at: MaybeShare = None
    status: Annotated[Status | None, BeforeValidator(_empty_is_none)] = None
    status_date: Day = None
    continues: Blank = None
    valid_from: Day = None
    valid_to: Day = None

    @property
    def is_percent(self) -> bool:
        return (self.unit or "").lower() in PERCENT

    def check(self) -> None:
        super().check()
        if self.slice is not None and self.metric == "manual":
            raise CellError("slice", "must be empty for metric manual: only a measure of a mart has slices")
        if self.continues == self.id:
            raise CellError("continues", "must be another key result, of an earlier cycle")
        if self.type == "baseline":
            if self.target is not None:
                raise CellError("target", "must be empty for a baseline, until a revision sets one")
            return
        if self.type == "maintain":
            return self._check_level()
        for column in ("start", "target") if self.type in ("increase", "decrease", "binary") else ("target",):
            if getattr(self, column) is None:
                raise CellError(column, f"must be a number for type {self.type}")
        if self.type == "binary" and not (self.start == 0 and self.target == 1):
            raise CellError("target", "a binary key result goes from start 0 to target 1")
        self.check_target("target", self.target)

    def _check_level(self) -> None:
        if self.start is None and self.target is None:
            raise CellError("target", "must be the level to stay at or above for type maintain")
        if None not in (self.start, self.target) and self.start != self.target:
            raise CellError("target", f"must be start {self.start} for type maintain; or write increase or decrease")

    def check_target(self, column: str, target: Decimal | None) -> None:
        """The direction, which holds for targets that came later as well."""
        if target is None or self.start is None or self.type not in ("increase", "decrease"):
            return
        if target == self.start:
            keep = "to keep a level, write type stay-above (at least) or stay-below (at most)"
            raise CellError(column, f"must not be start {self.start} for type {self.type}; {keep}")
        if self.type == "increase" and target < self.start:
            raise CellError(column, f"must be above start {self.start} for type increase")
        if self.type == "decrease" and target > self.start:
            raise CellError(column, f"must be below start {self.start} for type decrease")


class GoalParent(Row):
    """A further parent of an objective or a key result: an objective or a key result. A share is the child's part that
    belongs to this parent."""

    child: Text
    parent: Text
    link: Link
    share: MaybeShare = None
    valid_from: Day = None
    valid_to: Day = None


class TargetRevision(Row):
    """A key result's target from a day on."""

    key_result: Text
    date: NeededDay
    target: GoalValue


class PolicySwitches(Row):
    """The switches; those with a default here and none in the file take the default where they are read (dbt)."""

    reporting_time_zone: Annotated[str, AfterValidator(_time_zone)]
    reporting_currency: Currency
    account_group: Text | None = None
    shared_device_users: Annotated[int, Field(ge=2)] | None = None
    bot_markers: Text | None = None
    usage_since: Day = None
    adoption_uses: Annotated[int, Field(ge=1)] | None = None
    churn_date: Literal["service_end", "notice"] | None = None
    late_renewal_days: Days | None = None
    past_due_days: Days | None = None
    paused_counts: Switch | None = None
    trials_count: Switch | None = None
    dated_credits_count: Switch | None = None
    usage_shown: Switch | None = None
    reactivation_retains: Switch | None = None
    retention_min_coverage_percent: Percent | None = None
    price_min_observations: Annotated[int, Field(ge=1)] | None = None
    ratio_min_n: Annotated[int, Field(ge=1)] | None = None
    not_done_counts: Switch | None = None
    billing_tolerance_percent: Percent | None = None
    delivery_tolerance_percent: Percent | None = None
    usage_tolerance_percent: Percent | None = None
    people_tolerance_percent: Percent | None = None
    ledger_tolerance_percent: Percent | None = None
    classes_inherit: Switch | None = None
    contractor_bills_follow_team: Switch | None = None
    unpaid_statuses: Text | None = None
    part_time_pay: Literal["full_time_rate", "as_paid"] | None = None
    hours_of_a_day: Annotated[Number, Field(gt=0, le=24)] | None = None
    fte_average: Literal["days", "ends"] | None = None
    closed_periods: Literal["as_known_now", "as_closed"] | None = None
    capex_regime: Literal["off", "asc350_40_stage", "asu_2025_06", "ias38"] | None = None
    capex_life_months: Annotated[int, Field(ge=1, le=600)] | None = None
    decision_rounds: Literal["each", "whole"] | None = None
    decision_clock: Literal["wall", "business"] | None = None
    delivery_capacity: Literal["by_rank", "in_proportion"] | None = None
    okr_control_value: Literal["last", "share_of_periods", "worst", "mean"] | None = None
    okr_period: Literal["day", "week", "month"] | None = None
    okr_border: Literal["met", "not_met"] | None = None
    okr_gap: Literal["left_out", "not_met"] | None = None
    okr_without_value: Literal["left_out", "zero"] | None = None
    okr_score_from: Literal["both", "key_results", "children"] | None = None
    okr_grading_days: Days | None = None
    okr_pace_ends: Literal["first_0_last_1", "days_begun", "to_the_day_after"] | None = None
    ladder_links: Literal["parent_only", "equal_split"] | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its rows, the columns that identify one, whether a company may do without it."""

    row: type[Row]
    key: tuple[str, ...]
    may_lack: bool = False


SHEETS: Mapping[str, Sheet] = {
    "products": Sheet(Product, ("product_id", "valid_from")),
    "product_map": Sheet(ProductMap, ("source", "object_type", "key", "match", "product_id", "valid_from")),
    "teams": Sheet(Team, ("team_id", "valid_from")),
    "segments": Sheet(Segment, ("code",), may_lack=True),
    "markets": Sheet(Market, ("code",), may_lack=True),
    "customers": Sheet(CustomerRow, ("customer_id", "valid_from"), may_lack=True),
    "customer_map": Sheet(CustomerMap, ("source", "key", "valid_from"), may_lack=True),
    "worker_map": Sheet(WorkerMap, ("source", "key", "valid_from"), may_lack=True),
    "account_map": Sheet(AccountMap, ("account", "valid_from"), may_lack=True),
    "vendor_map": Sheet(VendorMap, ("key", "valid_from"), may_lack=True),
    "work_types": Sheet(WorkType, ("source", "object_type", "key"), may_lack=True),
    "team_products": Sheet(TeamProduct, ("team_id", "product_id", "valid_from"), may_lack=True),
    "price_book": Sheet(
        ListPrice, ("product_id", "market", "segment", "currency", "tier", "valid_from"), may_lack=True
    ),
    "fx_plan": Sheet(PlanRate, ("currency", "fiscal_year"), may_lack=True),
    "holidays": Sheet(Holiday, ("country", "date"), may_lack=True),
    "market_size": Sheet(MarketSize, ("market", "segment", "product_id", "year"), may_lack=True),
    "budget": Sheet(Budget, ("account_group", "product_id", "period"), may_lack=True),
    "ai_spend": Sheet(AiSpend, ("vendor", "from", "to", "team_id", "user", "amount", "currency"), may_lack=True),
    "capex_criteria": Sheet(CapexCriterion, ("epic", "regime", "criterion"), may_lack=True),
    "checkins": Sheet(Checkin, ("kr_id", "date"), may_lack=True),
    "goal_links": Sheet(GoalLink, ("work_item", "key_result_id", "valid_from"), may_lack=True),
    "link_types": Sheet(LinkType, ("link_type",), may_lack=True),
    "promises": Sheet(Promise, ("promise_id",), may_lack=True),
    "decisions": Sheet(Decision, ("decision_id", "raised_at"), may_lack=True),
}
"""Tables, by the stream they land in, which is also their file's name."""

GOALS: Mapping[str, tuple[str, Sheet]] = {
    "okr_cycles": ("cycles", Sheet(Cycle, ("id",), may_lack=True)),
    "objectives": ("objectives", Sheet(Objective, ("id", "valid_from"), may_lack=True)),
    "key_results": ("key_results", Sheet(KeyResultRow, ("id", "valid_from"), may_lack=True)),
    "key_result_targets": ("revisions", Sheet(TargetRevision, ("key_result", "date"), may_lack=True)),
    "goal_parents": ("parents", Sheet(GoalParent, ("child", "parent", "valid_from"), may_lack=True)),
}
"""Lists of okrs.yml, by the stream they land in; each may be a table of its own instead."""
