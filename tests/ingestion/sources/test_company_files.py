"""The company's files as people might write them: what is refused, and in which words."""

import re
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from ingestion.errors import FileError, Mistakes
from ingestion.sources.files.checks import CompanyFiles
from ingestion.sources.files.fiscal_calendar import CalendarSettings, periods
from ingestion.sources.files.rows import GOALS, SHEETS
from sandbox import files
from sandbox.company.calendar import CALENDARS
from sandbox.company.calendar import Calendar as MadeUp
from tests.ingestion.sources import company_folder
from tests.ingestion.sources.company_folder import (
    ACCOUNTS,
    BUDGET,
    CHECKINS,
    CUSTOMER,
    DECISIONS,
    KEYS,
    MAP,
    OKRS,
    PLAN,
    POLICY,
    PRICES,
    PRODUCT,
    SHARES,
    SIZES,
    TEAM,
    TYPES,
    VENDORS,
)
from tests.sandbox.conftest import made


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PRODOPS_NOW", "2026-10-15T06:00:00Z")
    return company_folder.write(tmp_path / "company")


def bent(old: str, new: str) -> str:
    """The goals with one thing changed."""
    assert old in OKRS
    return OKRS.replace(old, new, 1)


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("products.csv", f"{PRODUCT},colour\n", "products.csv column colour: the header must be product_id,name"),
        ("products.csv", PRODUCT.replace("level,", "") + "\n", "products.csv column level: the header must be"),
        ("products.csv", PRODUCT + ",name\n", "products.csv column name: the header must be"),
        ("products.csv", "name," + PRODUCT.replace("name,", "") + "\n", "the header must be product_id,name"),
        ("products.csv", "", "products.csv column product_id: the header must be"),
        ("products.csv", f"{PRODUCT}\n", "products.csv: has no rows"),
        ("products.csv", f"{PRODUCT}\np1,Pay,product,,,,\n", "products.csv row 1: must have 8 values, but has 7"),
        (
            "products.csv",
            f"{PRODUCT}\np1,Pay,thing,,,,,\n",
            "row 1 column level value 'thing': must be",
        ),
        (
            "products.csv",
            f"{PRODUCT}\np1,Pay,product,,,,1.1.2026,\n",
            "'1.1.2026': must be a day like 2026-01-31",
        ),
        ("products.csv", f"{PRODUCT}\np1,Pay,product,,,,2026-02-30,\n", "column valid_from value '2026-02-30'"),
        ("products.csv", f"{PRODUCT}\np1,P,product,,,,2026-02-01,2026-01-01\n", "must be after valid_from 2026-02-01"),
        ("products.csv", f"{PRODUCT}\np1,P,product,,,,,\np1,Q,product,,,,2026-01-01,\n", "same time as row 1"),
        ("products.csv", f"{PRODUCT}\np1,P,product,p9,,,,\n", "value 'p9': must be another product_id of this file"),
        ("products.csv", f"{PRODUCT}\np1,P,product,p1,,,,\n", "value 'p1': must be another product_id of this file"),
        ("product_map.csv", f"{MAP}\nerp,project,A,exact,p1,1,,,\n", "column source value 'erp': must be one of jira"),
        (
            "product_map.csv",
            f"{MAP}\njira,label,A,exact,p1,1,,,\n",
            "object_type value 'label': must be one of epic",
        ),
        ("product_map.csv", f"{MAP}\njira,project,A,regex,p1,1,,,\n", "column match value 'regex'"),
        ("account_map.csv", f"{ACCOUNTS}\n60,costs,cloud,,1,,\n", "row 1 column statement_group value 'costs'"),
        ("account_map.csv", f"{ACCOUNTS}\n60,tax,,,+1,,\n", "row 1 column sign value '+1': must be '1' or"),
        ("account_map.csv", f"{ACCOUNTS}\n60,revenue,cloud,,-1,,\n", "column cost_type value 'cloud': must be empty"),
        ("account_map.csv", f"{ACCOUNTS}\n60,cost_of_revenue,,,1,,\n", "must be like payroll, contractor, cloud or"),
        ("account_map.csv", f"{ACCOUNTS}\n60,tax,,,1,,\n60,other,,,1,,\n", "row 2 column account value '60'"),
        ("vendor_map.csv", f"{VENDORS}\n7,,,contractor,,\n", "row 1 column agency value '': must be empty where"),
        ("vendor_map.csv", f"{VENDORS}\n7,W-1,Acme,contractor,,\n", "row 1 column agency value 'Acme': must be empty"),
        ("vendor_map.csv", f"{VENDORS}\n7,W-1,,tools,,\n7,,Acme,tools,,\n", "row 2 column key value '7'"),
        (
            "work_types.csv",
            f"{TYPES}\njira,issue_type,Fehler,bugs\n",
            "column kind value 'bugs': must be one of bug, feature",
        ),
        (
            "work_types.csv",
            f"{TYPES}\njira,resolution,7,bug\n",
            "must be one of done, not_done for object_type resolution",
        ),
        ("work_types.csv", f"{TYPES}\njira,status,7,done\n", "column object_type value 'status'"),
        ("work_types.csv", f"{TYPES}\nstripe,issue_type,7,bug\n", "column source value 'stripe': must be one of jira"),
        (
            "work_types.csv",
            f"{TYPES}\njira,issue_type,7,bug\njira,resolution,7,done\njira,issue_type,7,other\n",
            "row 3 column key value '7'",
        ),
        ("product_map.csv", f"{MAP}\njira,project,A,exact,p9,1,,,\n", "must be a product_id of products.csv"),
        ("product_map.csv", f"{MAP}\njira,project,A,exact,p1,1.5,,,\n", "column weight value '1.5'"),
        ("product_map.csv", f"{MAP}\njira,project,A,exact,p1,,,,\n", "row 1 column weight value ''"),
        (
            "product_map.csv",
            f"{MAP}\njira,project,A,exact,p1,0.9,,,\n",
            "add up to 1; here 0.9 from the beginning",
        ),
        (
            "product_map.csv",
            f"{MAP}\njira,project,A,exact,p1,1,,2026-01-01,\njira,project,A,exact,p1,1,2025-12-31,,\n",
            "row 2 column valid_from value '2025-12-31': must not be valid at the same time as row 1",
        ),
        (
            "product_map.csv",
            f"{MAP}\njira,project,A,exact,p1,0.5,,,\njira,project,A,exact,p2,0.5,,2026-01-01,\n",
            "row 2 column weight value '0.5': the weights of a key must add up to 1; here 0.5 from 2026-01-01",
        ),
        ("teams.csv", f"{TEAM}\nt1,Blue,squad,,,,\n", "column type value 'squad'"),
        ("teams.csv", f"{TEAM}\nt1,Blue,stream,,,,\nt2,Blue,stream,,,,\n", "row 2 column name value 'Blue'"),
        ("teams.csv", f'{TEAM}\nt1,"Blue,stream,,,,\n', "teams.csv: is not CSV"),
        (
            "policy.yml",
            "reporting_time_zone: Mars/Olympus\nreporting_currency: EUR\n",
            "zone like Europe/Berlin",
        ),
        (
            "policy.yml",
            "reporting_time_zone: UTC\nreporting_currency: euro\n",
            "reporting_currency value 'euro'",
        ),
        ("policy.yml", "reporting_time_zone: UTC\n", "policy.yml column reporting_currency: is missing; add a line"),
        ("policy.yml", "reporting_time_zone: UTC\nreporting_currency: EUR\nx: 1\n", "policy.yml column x value '1'"),
        ("policy.yml", "[1, 2]", "must be lines like"),
        (
            "policy.yml",
            "reporting_time_zone: UTC\nreporting_currency: EUR\nshared_device_users: 1\n",
            "policy.yml column shared_device_users value '1': must be greater than or equal to 2",
        ),
        (
            "policy.yml",
            "reporting_time_zone: UTC\nreporting_currency: EUR\nusage_since: 2024\n",
            "policy.yml column usage_since value '2024': must be a day like 2026-01-31, or empty",
        ),
        (
            "policy.yml",
            f"{POLICY}churn_date: never\n",
            "churn_date value 'never': must be 'service_end' or 'notice'",
        ),
        (
            "policy.yml",
            f"{POLICY}late_renewal_days: -1\n",
            "late_renewal_days value '-1': must be greater than",
        ),
        (
            "policy.yml",
            f"{POLICY}past_due_days: a month\n",
            "past_due_days value 'a month': must be a valid integer",
        ),
        ("policy.yml", f"{POLICY}paused_counts: yes\n", "paused_counts value 'yes': must be 'true' or 'false'"),
        (
            "policy.yml",
            f"{POLICY}price_min_observations: 0\n",
            "price_min_observations value '0': must be greater",
        ),
        (
            "product_map.csv",
            f"{MAP}\namplitude,page,A,exact,p1,1,,,\n",
            "'page': must be one of event, project, exposure",
        ),
        (
            "customers.csv",
            f"{CUSTOMER}\nc1,Acme,,smb,,,,,\n",
            "segment value 'smb': must be a code of segments.csv, or",
        ),
        ("customers.csv", f"{CUSTOMER}\nc1,Acme,c9,,,,,,\n", "value 'c9': must be another customer_id of this file"),
        ("customers.csv", f"{CUSTOMER}\nc1,A,,,,,,,\nc1,B,,,,,,2026-01-01,\n", "same time as row 1"),
        ("customer_map.csv", f"{KEYS}\namplitude,acct_1,c1,,\n", "'c1': must be a customer_id of customers.csv"),
        ("customer_map.csv", f"{KEYS}\nerp,acct_1,c1,,\n", "source value 'erp': must be one of jira, amplitude"),
        (
            "worker_map.csv",
            "source,key,worker_id,valid_from,valid_to\nstripe,a,w1,,\n",
            "'stripe': must be one of jira",
        ),
        (
            "segments.csv",
            "code,name\nsmb,Small\nsmb,Mid\n",
            "row 2 column code value 'smb': must not stand in two rows",
        ),
        ("policy.yml", "a: [", "is not YAML"),
        (
            "policy.yml",
            "reporting_time_zone: UTC\nreporting_currency: EUR\nreporting_currency: USD\n",
            "policy.yml column reporting_currency: must not stand twice",
        ),
        (
            "policy.yml",
            "reporting_time_zone: UTC\nreporting_currency: [EUR]\n",
            "column reporting_currency: must be one value",
        ),
        (
            "team_products.csv",
            f"{SHARES}\nt9,p1,1,,\n",
            "row 1 column team_id value 't9': must be a team_id of teams.csv",
        ),
        ("team_products.csv", f"{SHARES}\nt1,p9,1,,\n", "'p9': must be a product_id of products.csv"),
        (
            "team_products.csv",
            f"{SHARES}\nt1,p1,0.5,,\nt1,p2,0.4,,\n",
            "the shares of a team must add up to 1; here 0.9",
        ),
        ("team_products.csv", f"{SHARES}\nt1,p1,1,,2026-02-01\nt1,p1,1,2026-01-01,\n", "same time as row 1"),
        ("price_book.csv", f"{PRICES}\np1,,,eur,1,5,,\n", "column currency value 'eur': must be a currency like EUR"),
        (
            "price_book.csv",
            f"{PRICES}\np1,,,EUR,0,5,,\n",
            "column tier value '0': must be greater than or equal",
        ),
        ("price_book.csv", f'{PRICES}\np1,,,EUR,1,"1,250.00",,\n', "value '1,250.00': must be a number like 1250.50"),
        ("price_book.csv", f"{PRICES}\np1,,,EUR,1,1e3,,\n", "value '1e3': must be a number"),
        ("price_book.csv", f"{PRICES}\np1,,,EUR,1,NaN,,\n", "value 'NaN': must be a number"),
        ("price_book.csv", f"{PRICES}\np1,,,EUR,1,1.1234567,,\n", "must have no more than 6 decimal places"),
        ("price_book.csv", f"{PRICES}\np1,,,EUR,1,-1,,\n", "greater than or equal to 0"),
        ("price_book.csv", f"{PRICES}\np1,MARS,,EUR,1,5,,\n", "value 'MARS': must be a code of markets.csv, or empty"),
        ("price_book.csv", f"{PRICES}\np1,,,EUR,1,5,,\np1,,,EUR,1,6,2026-01-01,\n", "valid at the same time as row 1"),
        ("fx_plan.csv", f"{PLAN}\nUSD,2026,1.1\n", "value '2026': must be a fiscal year like FY26"),
        ("fx_plan.csv", f"{PLAN}\nUSD,FY99,1.1\n", "must be a fiscal year of the fiscal calendar, FY00 to FY28"),
        ("fx_plan.csv", f"{PLAN}\nUSD,FY26,0\n", "column rate value '0': must be greater than 0"),
        ("fx_plan.csv", f"{PLAN}\nUSD,FY26,1.1\nUSD,FY26,1.2\n", "two rows with the same fiscal_year"),
        ("fx_plan.csv", f"{PLAN}\nEUR,FY26,1.1\n", "column rate value '1.1': must be 1 for EUR"),
        ("holidays.csv", "country,date\nGermany,2026-01-01\n", "'Germany': must be a country of two letters"),
        ("holidays.csv", "country,date\nDE,\n", "column date value '': must be a day like 2026-01-31"),
        (
            "holidays.csv",
            "country,date\nDE,2026-01-01\nDE,2026-01-01\n",
            "row 2 column date value '2026-01-01': must not",
        ),
        ("market_size.csv", f"{SIZES}\nDE,,,2026,1,1,EUR\n", "value 'DE': must be a code of markets.csv"),
        ("market_size.csv", f"{SIZES}\nDE,,,2026,1,2,EUR\n", "column sam value '2': must not be above tam 1"),
        ("market_size.csv", f"{SIZES}\nDE,,,26,1,1,EUR\n", "column year value '26'"),
        ("budget.csv", f"{BUDGET}\ncost,p1,FY26-P13,1\n", "'FY26-P13': must be a fiscal period like FY26-P07"),
        ("budget.csv", f"{BUDGET}\ncost,p1,FY40-P01,1\n", "a period of the fiscal calendar, FY00-P01 to FY28-P12"),
        ("budget.csv", f"{BUDGET}\ncost,p9,FY26-P01,1\n", "must be a product_id of products.csv, or empty"),
        ("budget.csv", f"{BUDGET}\ncost,,FY26-P01,1\ncost,,FY26-P01,2\n", "same product_id, period"),
        (
            "decisions.csv",
            f"{DECISIONS}\nd1,Go?,ada,,2026-01-01,,,\n",
            "'2026-01-01': must be an instant with its zone",
        ),
        ("decisions.csv", f"{DECISIONS}\nd1,Go?,ada,,2026-01-01T09:00:00,,,\n", "must be an instant with its zone"),
        ("decisions.csv", f"{DECISIONS}\nd1,Go?,ada,,,,,\n", "column raised_at value '': must be an instant"),
        (
            "decisions.csv",
            f"{DECISIONS}\nd1,Go?,ada,,2026-01-02T09:00:00Z,,,2026-01-02T09:30:00+01:00\n",
            "column decided_at value '2026-01-02T09:30:00+01:00': must not be before raised_at 2026-01-02T09:00:00Z",
        ),
        (
            "decisions.csv",
            f"{DECISIONS}\nd1,Go?,ada,,2026-01-02T09:00:00Z,,,\nd1,Go?,ada,,2026-02-02T09:00:00Z,,,\n",
            "row 2 column raised_at value '2026-02-02T09:00:00Z': must not be before the decision of row 1",
        ),
        (
            "fiscal_calendar.yml",
            "pattern: weeks\nfirst_fiscal_year: FY26\n",
            "column pattern value 'weeks': must be",
        ),
        (
            "fiscal_calendar.yml",
            "pattern: months\nfirst_fiscal_year: FY26\n",
            "column start_month: is needed with pattern m",
        ),
        ("fiscal_calendar.yml", "pattern: 4-4-5\nyear_end: last Saturday of January\n", "first_fiscal_year: is needed"),
        (
            "fiscal_calendar.yml",
            "pattern: 4-4-5\nyear_end: last day of January\nfirst_fiscal_year: FY26\n",
            "column year_end value 'last day of January': must be like `last Saturday of January`",
        ),
        (
            "fiscal_calendar.yml",
            "pattern: months\nstart_month: 13\nfirst_fiscal_year: FY26\n",
            "start_month value '13'",
        ),
        (
            "fiscal_calendar.yml",
            "pattern: months\nstart_month: 2\nyear_end: last Friday of May\nfirst_fiscal_year: FY26\n",
            "column year_end value 'last Friday of May': must not stand there with pattern months",
        ),
        ("fiscal_calendar.yml", "pattern: months\nstart: 2\nfirst_fiscal_year: FY26\n", "column start"),
        ("fiscal_calendar.yml", "- months\n", "must be lines like `pattern: months`"),
        ("okrs.yml", "goals: []\n", "okrs.yml column goals: must be one of cycles, objectives, key_results, revisions"),
        ("okrs.yml", "cycles: FY26\n", "okrs.yml cycles: must be a list of entries with id, name, start, end"),
        ("okrs.yml", "cycles: [FY26]\n", "okrs.yml cycles row 1: must be an entry with id, name, start, end"),
        ("okrs.yml", "cycles: [{id: a, name: [b]}]\n", "okrs.yml cycles row 1 column name: must be one value"),
        (
            "okrs.yml",
            bent("end: 2026-10-01", "end: 2026-07-01"),
            "okrs.yml cycles row 1 column end value '2026-07-01': must be after start",
        ),
        (
            "okrs.yml",
            bent("end: 2026-10-01", "ends: 2026-10-01"),
            "okrs.yml cycles row 1 column ends: must be one of id, name, start, end",
        ),
        (
            "okrs.yml",
            bent("id: O2, cycle: FY26-Q3", "id: O1, cycle: FY26-Q3"),
            "okrs.yml objectives row 2 column id value 'O1': must not be valid at the same time as row 1",
        ),
        (
            "okrs.yml",
            bent("id: O1, cycle: FY26-Q3", "id: O1, cycle: FY26-Q4"),
            "column cycle value 'FY26-Q4': must be an id of okrs.yml cycles",
        ),
        (
            "okrs.yml",
            bent("parent: O1, ", ""),
            "column link value 'contribute': must be contribute or support where there is a parent, and empty",
        ),
        (
            "okrs.yml",
            bent("parent: O1", "parent: O9"),
            "column parent value 'O9': must be the id of an objective or of a key result",
        ),
        (
            "okrs.yml",
            bent("owner: ada, product_id: p1", "owner: ada, parent: O2, link: support"),
            "row 1 column parent value 'O2': must not lead back",
        ),
        ("okrs.yml", bent("link: contribute", "link: helps"), "column link value 'helps'"),
        ("okrs.yml", bent("product_id: p1", "product_id: p9"), "must be a product_id of products.csv, or empty"),
        ("okrs.yml", bent("type: increase", "type: grow"), "okrs.yml key_results row 1 column type value 'grow'"),
        (
            "okrs.yml",
            bent("target: 20.50", "target: 10"),
            "row 1 column target value '10': must not be start 10 for type increase; to keep a level",
        ),
        (
            "okrs.yml",
            bent("start: 9.5, target: 6", "start: 9.5, target: 9.75"),
            "must be below start 9.5 for type decrease",
        ),
        ("okrs.yml", bent("start: 10, ", ""), "row 1 column start value '': must be a number for type increase"),
        (
            "okrs.yml",
            bent("type: stay-above, target: 99.9", "type: stay-above"),
            "row 3 column target value '': must be a number for type stay-above",
        ),
        (
            "okrs.yml",
            bent("type: baseline", "type: baseline, target: 3"),
            "row 4 column target value '3': must be empty for a baseline",
        ),
        (
            "okrs.yml",
            bent("start: 0, target: 1,", "start: 0, target: 2,"),
            "row 5 column target value '2': a binary key result goes from",
        ),
        ("okrs.yml", bent("weight: 1,", "weight: -1,"), "column weight value '-1': must be greater than or equal to 0"),
        (
            "okrs.yml",
            bent("mart_usage.wau", "mart_usage.wua"),
            "value 'mart_usage.wua': must be manual, or a measure of mart_usage that a key result may be bound to; did "
            "you mean wau?",
        ),
        ("okrs.yml", bent("mart_usage.wau", "mart_usages.wau"), "did you mean mart_usage?"),
        ("okrs.yml", bent("mart_usage.wau", "mart_product_cost.amount"), "; there are mart_arpa, mart_arr"),
        ("okrs.yml", bent("metric: mart_usage.wau", "metric: mart_usage.wau, slice: all of DACH"), "like market=DACH"),
        ("okrs.yml", bent("target: 6, weight: 0.5", "target: 6, weight: 0.5, slice: market=DACH"), "must be empty for"),
        (
            "okrs.yml",
            bent("parent: O1, link", "parent: K2, link"),
            "objectives row 2 column parent value 'K2': must not lead back to itself: O2 > K2 > O2",
        ),
        (
            "okrs.yml",
            f"{OKRS}parents:\n  - {{child: K1, parent: O1, link: support}}\n",
            "okrs.yml parents row 1 column parent value 'O1': is where K1 belongs already; only further parents stand",
        ),
        (
            "okrs.yml",
            f"{OKRS}parents:\n  - {{child: K1, parent: O2, link: support, share: 0.6}}\n"
            "  - {child: K1, parent: K3, link: contribute, share: 0.5}\n",
            "parents row 1 column share value '0.6': shares of K1 must not be more than 1 together; here 1.1",
        ),
        (
            "okrs.yml",
            f"{OKRS}parents:\n  - {{child: K2, parent: O1, link: contribute}}\n"
            "  - {child: O1, parent: K2, link: contribute, valid_from: 2026-08-01}\n",
            "objectives row 2 column parent value 'O1': must not lead back to itself: O2 > O1 > K2 > O2",
        ),
        (
            "okrs.yml",
            f"{OKRS}parents:\n  - {{child: K9, parent: O1, link: contribute}}\n",
            "parents row 1 column child value 'K9': must be the id of an objective or of a key result",
        ),
        (
            "okrs.yml",
            bent("weight: 1,", "weight: 1, status: cancelled,"),
            "status_date value '': must be the day",
        ),
        (
            "okrs.yml",
            bent("weight: 1,", "weight: 1, status_date: 2026-08-01,"),
            "status value '': must be one of",
        ),
        ("okrs.yml", bent("weight: 1,", "weight: 1, success_at: 1.5,"), "success_at value '1.5': must be less than or"),
        ("okrs.yml", bent("weight: 1,", "weight: 1, continues: K1,"), "must be another key result, of an earlier"),
        ("okrs.yml", bent("weight: 1,", "weight: 1, continues: K0,"), "must be another id of this file"),
        ("okrs.yml", bent("target: 20.50", "target: by 10 %"), "must be the number itself, like 44"),
        (
            "okrs.yml",
            bent("target: 20.50", "target: 50%"),
            "target value '50%': is a percentage, but the unit",
        ),
        ("okrs.yml", bent("type: increase", "type: maintain"), "must be start 10 for type maintain; or write increase"),
        (
            "okrs.yml",
            bent("weight: 1,", "weight: 1, valid_to: 2026-08-01,").replace(
                "revisions:",
                "  - {id: K1, objective: O1, name: More, type: decrease, start: 10, target: 5, weight: 1,"
                " metric: manual, valid_from: 2026-08-01}\nrevisions:",
            ),
            "key_results row 6 column type value 'decrease': must be as in the first row of K1",
        ),
        (
            "okrs.yml",
            bent("mart_usage.wau", "wau"),
            "value 'wau': must be manual, or a mart's measure like mart_usage.wau",
        ),
        (
            "okrs.yml",
            bent("objective: O1", "objective: O7"),
            "column objective value 'O7': must be an id of okrs.yml objectives",
        ),
        (
            "okrs.yml",
            bent("key_result: K1, date: 2026-08-01", "key_result: K1, date: 2026-10-01"),
            "row 1 column date value '2026-10-01': must be in its cycle, from 2026-07-01",
        ),
        (
            "okrs.yml",
            bent("target: 15", "target: 5"),
            "okrs.yml revisions row 1 column target value '5': must be above start 10",
        ),
        (
            "okrs.yml",
            bent("key_result: K4", "key_result: K5"),
            "row 2 column key_result value 'K5': must not be binary",
        ),
        (
            "okrs.yml",
            bent("key_result: K4, date", "key_result: K1, date"),
            "row 2 column date value '2026-08-01': must not stand in two rows with the same key_result",
        ),
    ],
)
def test_a_bad_file_is_refused_by_row_and_column(folder: Path, file: str, content: str, message: str) -> None:
    (folder / file).write_text(content)
    with pytest.raises((FileError, Mistakes)) as caught:
        CompanyFiles(folder, {})
    first, *others = (str(one) for one in caught.value.parts)
    assert first.startswith(file)
    assert message in first
    assert not any("\n" in one for one in (first, *others))
    # what follows from it elsewhere stands below it: a product that is no longer there is missed by its mapping
    assert all(" must be a" in one or " must not lead back" in one for one in others)


@pytest.mark.parametrize(
    "rows",
    [
        "jira,project,A,exact,p1,1,,2026-01-01,\njira,project,A,exact,p1,1,2026-01-01,,\n",
        "jira,project,A,exact,p1,1,,2026-01-01,\n"
        "jira,project,A,exact,p1,0.5,2026-02-01,,\njira,project,A,exact,p2,0.5,2026-02-01,,\n",
        "jira,project,A,exact,p1,1,,,\njira,project,A,prefix,p1,1,,,\njira,epic,A-1,glob,p2,1,,,\n",
        "jira,project,A,exact,p1,0.333333,,,\njira,project,A,exact,p2,0.666667,,,\n",
    ],
)
def test_lawful_changes_of_a_mapping_are_accepted(folder: Path, rows: str) -> None:
    (folder / "product_map.csv").write_text(f"{MAP}\n{rows}")
    assert len(CompanyFiles(folder, {}).tables["product_map"].rows) == rows.count("\n")


@pytest.mark.parametrize("seed", range(1, 6))
@pytest.mark.parametrize("now", ["2025-04-02T00:00:00Z", "2026-10-15T06:00:00Z", "2027-01-15T06:00:00Z"])
def test_the_sandboxes_files_are_accepted_at_any_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, now: str
) -> None:
    monkeypatch.setenv("PRODOPS_NOW", now)
    files.write(made(seed), tmp_path, now)
    assert all(table.rows for table in CompanyFiles(tmp_path, {}).tables.values())


def test_goals_as_vendors_have_them_are_accepted(folder: Path) -> None:
    """A failure here refuses what a company really has."""
    (folder / "okrs.yml").write_text(
        """\
cycles:
  - {id: Q1, name: Q1, start: 2026-01-01, end: 2026-04-01}
  - {id: Q2, name: Q2, start: 2026-04-01, end: 2026-07-01}
objectives:
  - {id: O1, cycle: Q1, name: Keep, owner: ada, weight: 0, status: paused, status_date: 2026-02-01,
     valid_to: 2026-03-01}
  - {id: O1, cycle: Q1, name: Keep, owner: ada, weight: 2, valid_from: 2026-03-01}
  - {id: O2, cycle: Q2, name: More, owner: ada, parent: K1, link: contribute}
key_results:
  - {id: K1, objective: O1, name: Up, type: maintain, unit: percent, start: 99%, weight: 0, metric: manual,
     status: carried_over, status_date: 2026-04-03}
  - {id: K2, objective: O2, name: Up, type: stay-above, unit: "%", target: 99.5 %, weight: 1, metric: manual,
     continues: K1}
  - {id: K3, objective: O2, name: Stretch, type: increase, start: 0, target: 10, weight: 1,
     metric: mart_arr.closing_arr, slice: market=DACH, success_at: 0.7}
parents:
  - {child: K3, parent: K1, link: contribute, share: 0.3}
  - {child: O2, parent: O1, link: support, valid_to: 2026-05-01}
""",
    )
    tables = CompanyFiles(folder, {}).tables
    assert [text["start"] for text in tables["key_results"].texts] == ["99", "", "0"]
    assert [text["target"] for text in tables["key_results"].texts] == ["", "99.5", "10"]
    assert len(tables["goal_parents"].rows) == 2


def test_a_check_in_of_a_binary_key_result_says_done_or_not(folder: Path) -> None:
    (folder / "okrs.yml").write_text(OKRS)
    (folder / "checkins.csv").write_text(f"{CHECKINS}\nK5,2026-07-15,0,hana\nK5,2026-07-16,0.5,hana\n")
    with pytest.raises(FileError, match=r"row 2 column value value '0\.5': must be 0 or 1 for a binary key result"):
        CompanyFiles(folder, {})


def test_overhead_is_of_cost_types_that_some_account_or_vendor_has(folder: Path) -> None:
    """A failure here refuses what a company really has, or lists a mistake that follows from another."""
    rules = "versions:\n- {version: a, overhead_types: [travel, ai, depreciation]}\n"
    (folder / "allocation_rules.yml").write_text(rules)
    (folder / "account_map.csv").write_text(f"{ACCOUNTS}\n60,operating_expense,travel,,1,,\n")
    (folder / "vendor_map.csv").write_text(f"{VENDORS}\n7,,Pairwright,ai,,\n")
    (version,) = CompanyFiles(folder, {}).rules.rows
    assert version.overhead_types == ("travel", "ai", "depreciation")
    (folder / "account_map.csv").write_text(f"{ACCOUNTS}\n60,operating_expense,travel\n")
    with pytest.raises(FileError, match=r"^account_map\.csv row 1: must have 7 values, but has 3$"):
        CompanyFiles(folder, {})


def test_planned_rates_need_one_of_the_reporting_currency(folder: Path) -> None:
    (folder / "fx_plan.csv").write_text(f"{PLAN}\nUSD,FY26,1.1\nUSD,FY27,1.1\nGBP,FY26,0.9\n")
    assert len(CompanyFiles(folder, {}).tables["fx_plan"].rows) == 3, "the euro's own rate is 1"
    (folder / "policy.yml").write_text("reporting_time_zone: UTC\nreporting_currency: GBP\n")
    with pytest.raises(
        FileError, match="row 2 column fiscal_year value 'FY27': must have a rate of the reporting curr"
    ):
        CompanyFiles(folder, {})


def test_a_decision_may_be_opened_again_in_any_order_of_rows(folder: Path) -> None:
    again = "d1,Go?,ada,,2026-02-02T09:00:00Z,,,"
    first = "d1,Go?,ada,,2026-01-02T09:00:00Z,,,2026-02-02T09:00:00Z"
    (folder / "decisions.csv").write_text(f"{DECISIONS}\n{again}\n{first}\n")
    assert len(CompanyFiles(folder, {}).tables["decisions"].rows) == 2


@pytest.mark.parametrize(
    ("settings", "period", "first", "last"),
    [
        ({"pattern": "months", "start_month": 1}, "FY24-P02", "2024-02-01", "2024-02-29"),
        ({"pattern": "months", "start_month": 2}, "FY26-P01", "2025-02-01", "2025-02-28"),
        ({"pattern": "months", "start_month": 2}, "FY26-P12", "2026-01-01", "2026-01-31"),
        ({"pattern": "months", "start_month": 12}, "FY26-P01", "2025-12-01", "2025-12-31"),
        ({"pattern": "4-4-5", "year_end": "last Saturday of January"}, "FY26-P01", "2025-01-26", "2025-02-22"),
        # 53 weeks: the last period has six.
        ({"pattern": "4-4-5", "year_end": "last Saturday of January"}, "FY26-P12", "2025-12-21", "2026-01-31"),
        ({"pattern": "4-4-5", "year_end": "last Saturday of January"}, "FY27-P12", "2026-12-27", "2027-01-30"),
        ({"pattern": "4-5-4", "year_end": "nearest Saturday of January"}, "FY25-P01", "2024-02-04", "2024-03-02"),
        # The Saturday nearest to the end of 2026 lies in 2027.
        ({"pattern": "5-4-4", "year_end": "nearest Saturday of December"}, "FY26-P12", "2026-12-06", "2027-01-02"),
        ({"pattern": "5-4-4", "year_end": "nearest Saturday of December"}, "FY27-P01", "2027-01-03", "2027-02-06"),
    ],
)
def test_periods_by_hand(settings: dict[str, object], period: str, first: str, last: str) -> None:
    known = periods(CalendarSettings.model_validate(settings | {"first_fiscal_year": "FY24"}), date(2027, 12, 31))
    assert [(str(one.first_day), str(one.last_day)) for one in known if one.period == period] == [(first, last)]


@pytest.mark.parametrize("pattern", ["months", "4-4-5", "4-5-4", "5-4-4"])
@pytest.mark.parametrize("rule", ["last Sunday of February", "nearest Wednesday of December", "nearest Friday of June"])
def test_periods_of_eighty_years_follow_each_other_without_a_gap(pattern: str, rule: str) -> None:
    ends: dict[str, object] = {"start_month": 3} if pattern == "months" else {"year_end": rule}
    calendar = CalendarSettings.model_validate({"pattern": pattern, "first_fiscal_year": "FY01"} | ends)
    known = list(periods(calendar, date(2080, 1, 1)))
    assert all(after.first_day - before.last_day == timedelta(days=1) for before, after in pairwise(known))
    assert [one.period for one in known[:13]] == [*(f"FY01-P{number:02d}" for number in range(1, 13)), "FY02-P01"]
    assert [one.quarter[-1] for one in known[:12]] == list("111222333444")
    days = {(one.last_day - one.first_day).days + 1 for one in known}
    assert days == ({28, 29, 30, 31} if pattern == "months" else {28, 35, 42 if pattern == "4-4-5" else 35})


@pytest.mark.parametrize("made_up", CALENDARS)
def test_periods_are_those_that_somebody_else_counts_day_by_day(made_up: MadeUp) -> None:
    mine = periods(CalendarSettings.model_validate(made_up.settings), date(2060, 1, 1))
    theirs = made_up.periods(date(2060, 1, 1))
    assert [(one.period, one.quarter, one.fiscal_year, one.first_day, one.last_day) for one in mine] == [
        (one.name, one.quarter, one.year, one.first, one.last) for one in theirs
    ]


def test_the_page_about_files_names_every_table_with_its_columns() -> None:
    """A failure here means that people write files by a page that no longer holds."""
    page = (Path(__file__).parents[3] / "docs" / "files.md").read_text()
    reported: dict[str, list[str]] = {}
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        names = re.findall(r"`(\w+)`", cells[0]) if line.startswith("| `") and len(cells) == 3 else []
        for name, columns in zip(names, cells[1].split(" · ") if names else [], strict=True):
            reported[name] = [column.split(" (")[0] for column in re.split(r", (?![^(]*\))", columns)]
    sheets = {**SHEETS, **{stream: sheet for stream, (_, sheet) in GOALS.items()}}
    assert reported == {name: list(sheet.row.columns()) for name, sheet in sheets.items()}
