"""The company's own files: what people, not systems, know about products, mappings, customers, teams and policy.

Upstream -> table (landing/files/<table>; one record a row, its values as the strings they are in the file):
  products.csv     -> products      the catalogue, with validity
  product_map.csv  -> product_map   which keys of which source belong to which product, since when, with what weight
  teams.csv        -> teams         teams and their names over time
  policy.yml       -> policy        one record: the switches
and, where the company keeps them:
  customers.csv    -> customers     customers with segment, market and parent over time
  customer_map.csv -> customer_map  which keys of which source are which customer
  segments.csv, markets.csv         the codes that customers may have
  worker_map.csv   -> worker_map    which keys of which source are the company's own people
  account_map.csv  -> account_map   what accounts of the ledger, by their ids, are in the statements
  vendor_map.csv   -> vendor_map    who is behind vendors that sell work, by their ids
  work_types.csv   -> work_types    which types of issues are bugs, which resolutions close work that was not done
  team_products.csv -> team_products  which share of a team works for which product, over time
  price_book.csv   -> price_book    list prices by product, market, segment, currency and quantity
  fx_plan.csv      -> fx_plan       the rates that a fiscal year is planned with
  fiscal_calendar.yml -> fiscal_periods  one record a period that follows from it; without it, calendar months
  holidays.csv     -> holidays      days on which a country does not work
  market_size.csv  -> market_size   what a market could bring in a year
  budget.csv       -> budget        planned amounts by account group, product and fiscal period
  allocation_rules.yml -> allocation_rules, overhead_types, shared_drivers  its versions with the days on which each
                                    holds, what is overhead in each, and products with a driver of their own; what the
                                    file leaves out, or no file, has the default
  ai_spend.csv     -> ai_spend      what bills for AI and tools are for: days, and the team or person
  capex_criteria.csv -> capex_criteria  since when an epic's work may be capitalised, by regime
  okrs.yml         -> okr_cycles, objectives, key_results, key_result_targets, goal_parents (its lists; targets revised
                                    on a day; further parents)
  checkins.csv     -> checkins      where key results stood, with the day by the reporting zone's clock and the place
                                    among the check-ins of that day
  goal_links.csv   -> goal_links    which key results initiatives and epics work for, over time
  link_types.csv   -> link_types    which links between issues are dependencies, and which end blocks
  promises.csv     -> promises      what epics and initiatives are expected to bring, and when
  decisions.csv    -> decisions     when questions were raised and decided
and, so that the warehouse knows which rows are valid today without a clock of its own:
  read_days                         one record: the day (UTC) on which the files were read last

Any of the tables may be kept as <name>.xlsx instead (its first sheet), or as the tab <name> of one Google spreadsheet,
the lists of okrs.yml too (by the names of their tables): the same header, the same values, landed as the same rows. A
table that is kept in two places is an error. policy.yml, fiscal_calendar.yml and allocation_rules.yml stay files.

No cursor: files are small and are read whole; only rows that changed land. Deletes: a row that left its file is gone.
All files are checked together, before any of them lands: a mapping to a product that another file lost is an error.
Goals and decisions stand alone: what is wrong in them holds up their own tables, and all others land.

Alone: python -m ingestion.sources files
Settings: PRODOPS_COMPANY, the folder of the files (default: company in the project); for a spreadsheet
SOURCES__FILES__SPREADSHEET_ID and SOURCES__FILES__SERVICE_ACCOUNT, see SheetsSettings.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date
from zoneinfo import ZoneInfo

from ingestion.clock import now
from ingestion.errors import ProdopsError, SettingsError
from ingestion.home import company_folder
from ingestion.landing import Landed, Landing, Record
from ingestion.settings import is_set, resolve
from ingestion.sources.files import allocation_rules
from ingestion.sources.files.checks import ALONE, CompanyFiles
from ingestion.sources.files.goals import checkin_records, unmatched
from ingestion.sources.files.google_sheets import SheetsSettings, read_tabs
from ingestion.sources.files.rows import GOALS, SHEETS
from ingestion.sources.parts import Finding, LoadOptions, Source, Stream


def has_spreadsheet() -> bool:
    return is_set("files", SheetsSettings, "spreadsheet_id", "service_account")


def spreadsheet() -> SheetsSettings | None:
    """Where a spreadsheet with tables is, if there is one. Raises ``SettingsError`` or ``Mistakes``."""
    return resolve("files", SheetsSettings) if has_spreadsheet() else None


def _settings() -> SheetsSettings | None:
    """Those of the spreadsheet. Raises ``SettingsError`` or ``Mistakes``."""
    if not company_folder().is_dir():
        hint = (
            f"there is no folder {company_folder()}; name the one that holds policy.yml and the other company files, "
            "or have it made: prodops init"
        )
        raise SettingsError("PRODOPS_COMPANY", hint)
    return spreadsheet()


def _company(*, hold: bool = False, **patience: int) -> CompanyFiles:
    sheets = _settings()
    tabs = read_tabs(sheets.model_copy(update=patience), [*SHEETS, *GOALS]) if sheets else {}
    return CompanyFiles(company_folder(), tabs, hold=hold)


def _load(landing: Landing, _options: LoadOptions) -> Iterator[Landed]:
    company = _company(hold=True)
    groups = {group for group, _, _ in company.held}
    held = [(group, stream) for group in ALONE if group in groups for stream in ALONE[group]]
    off = {stream for _, stream in held}
    records = {stream: table.records() for stream, table in company.tables.items() if stream not in off}
    if "checkins" in records:
        records["checkins"] = checkin_records(
            company.tables["checkins"], ZoneInfo(company.policy["reporting_time_zone"])
        )
    records["policy"] = [Record("policy", json.dumps(company.policy), now())]
    records |= allocation_rules.records(company.rules)
    records["fiscal_periods"] = [
        Record(one.period, json.dumps(asdict(one), default=date.isoformat), now()) for one in company.periods
    ]
    records["read_days"] = [Record("read_day", json.dumps({"day": now().date().isoformat()}), now())]
    # no guard on what vanishes: these are people's own edits, checked as a whole, and every version stays in landing;
    # checked as a whole, they count as a whole
    batches = [landing.snapshot(stream, rows, 1) for stream, rows in records.items()]
    for landed in landing.land_together(batches):
        unknown = unmatched(company.tables) if landed.stream == "checkins" else []
        note = f"of no key result: {', '.join(unknown)}; misspelt, or gone from key_results" if unknown else ""
        yield replace(landed, note=note)
    for group, stream in held:
        wrong = "; ".join(str(one) for _, its, one in company.held if its == stream)
        note = f"{wrong}; {group} stay as they landed until this is mended" if wrong else ""
        yield Landed("files", stream, len(company.tables[stream].rows), 0, 0, None, note=note)


def _check() -> list[Finding]:
    try:
        company = _company(attempts=1)
    except ProdopsError as error:
        return [Finding(False, "company files", str(one)) for one in error.parts]
    return [
        Finding(True, f"{table.file}: {len(table.rows)} rows" if table.rows else f"{table.file}: none is kept")
        for table in (*company.tables.values(), company.rules)
    ]


SOURCE = Source(
    name="files",
    title="Company files",
    streams=(
        Stream("products", "Product catalogue with validity", "product_id/valid_from"),
        Stream("product_map", "Keys of sources to products, with validity and weight", "all but weight and valid_to"),
        Stream("teams", "Teams with validity", "team_id/valid_from"),
        Stream("segments", "Segments of customers", "code"),
        Stream("markets", "Markets with their region", "code"),
        Stream("customers", "Customers with segment, market and parent, with validity", "customer_id/valid_from"),
        Stream("customer_map", "Keys of sources to customers, with validity", "source/key/valid_from"),
        Stream("worker_map", "Keys of sources to the company's own people, with validity", "source/key/valid_from"),
        Stream("account_map", "Accounts of the ledger in the statements, with validity", "account/valid_from"),
        Stream("vendor_map", "Vendors that are people or agencies, with validity", "key/valid_from"),
        Stream("work_types", "Kinds of the types of issues and of resolutions", "source/object_type/key"),
        Stream("team_products", "Shares of teams by product, with validity", "team_id/product_id/valid_from"),
        Stream("price_book", "List prices with validity", "product_id/market/segment/currency/tier/valid_from"),
        Stream("fx_plan", "Planned rates, per euro", "currency/fiscal_year"),
        Stream("fiscal_periods", "Fiscal periods with their first and last day", "period"),
        Stream("holidays", "Days off by country", "country/date"),
        Stream("market_size", "Sizes of markets by year", "market/segment/product_id/year"),
        Stream("budget", "Planned amounts", "account_group/product_id/period"),
        Stream("allocation_rules", "Versions of the rules that share cost out, with validity", "version"),
        Stream("overhead_types", "Cost types that are overhead, by version of the rules", "version/cost_type"),
        Stream("shared_drivers", "Drivers of single shared products, by version of the rules", "version/product_id"),
        Stream("ai_spend", "What bills for AI and tools are for", "all columns"),
        Stream("capex_criteria", "Criteria of capitalisation that epics meet", "epic/regime/criterion"),
        Stream("okr_cycles", "Times for goals", "id"),
        Stream("objectives", "Objectives with their parents, with validity", "id/valid_from"),
        Stream("key_results", "Key results with start, target and weight, with validity", "id/valid_from"),
        Stream("key_result_targets", "Targets that were revised", "key_result/date"),
        Stream("goal_parents", "Further parents of objectives and key results", "child/parent/valid_from"),
        Stream("checkins", "Values of key results as people wrote them down", "kr_id/day/place"),
        Stream("goal_links", "Key results that work is for, with validity", "work_item/key_result_id/valid_from"),
        Stream("link_types", "Links between issues that are dependencies", "link_type"),
        Stream("promises", "What epics and initiatives are expected to bring", "promise_id"),
        Stream("decisions", "Decisions with their stages", "decision_id/raised_at"),
        Stream("policy", "Policy switches", "policy"),
        Stream("read_days", "The day on which the files were read last", "read_day"),
    ),
    load=_load,
    # A folder that was named and is not there is an error of the load, not a source that is off.
    is_configured=lambda: bool(os.environ.get("PRODOPS_COMPANY")) or company_folder().is_dir() or has_spreadsheet(),
    check=_check,
    settings=SheetsSettings,
    read_settings=_settings,
    # a folder of files may be the made-up company's own
    has_credentials=has_spreadsheet,
)
