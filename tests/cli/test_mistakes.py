"""Mistakes that people make in files and settings on their first day: each is said where it is and what to do.

Belongs here: one mistake a line, with the whole of its message. Does not: every rule of every file
(test_company_files.py).
"""

from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import main
from ingestion import home
from ingestion.errors import FileError, Mistakes, SettingsError
from ingestion.home import PROJECT
from ingestion.sources import SOURCES
from ingestion.sources.files.checks import CompanyFiles
from orchestration import deployment
from tests.ingestion.sources import company_folder
from tests.ingestion.sources.company_folder import (
    ACCOUNTS,
    BUDGET,
    CRITERIA,
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
    SPEND,
    TEAM,
)

PROMISES = "promise_id,work_item,registered_at,date,metric,slice,size,kind"
SECRET = "CANARY-0f3e"
P1_P2 = f"{PRODUCT}\np1,Pay,product,,,,,\np2,Ship,product,,,,,\n"

FILES: dict[str, tuple[str, str | bytes | None, str]] = {
    "missing": (
        "teams.csv",
        None,
        "teams.csv: the file is missing from the company folder FOLDER; docs/files.md says what stands in it",
    ),
    "semicolons": (
        "teams.csv",
        TEAM.replace(",", ";") + "\nt1;Blue;stream;;;;\n",
        "teams.csv: its values stand between semicolons; save it as CSV with commas",
    ),
    "tabs": (
        "teams.csv",
        TEAM.replace(",", "\t") + "\nt1\tBlue\tstream\t\t\t\t\n",
        "teams.csv: its values stand between tabs; save it as CSV with commas",
    ),
    "not UTF-8": (
        "teams.csv",
        f"{TEAM}\nt1,Bl\u00fcte,stream,,,,\n".encode("latin-1"),
        "teams.csv: must be saved as UTF-8; line 2 is not",
    ),
    "open quote": (
        "teams.csv",
        f'{TEAM}\nt1,"Blue,stream,,,,\n',
        "teams.csv: is not CSV: line 2: unexpected end of data; close each quote",
    ),
    "no header": (
        "teams.csv",
        "t1,Blue,stream,,,,\n",
        "teams.csv column t1: the header must be team_id,name,type,function,parent_id,valid_from,valid_to",
    ),
    "columns in another order": (
        "teams.csv",
        "name,team_id,type,function,parent_id,valid_from,valid_to\n",
        "teams.csv value 'name,team_id,type,function,parent_id,valid_from,valid_to': "
        "the header must be team_id,name,type,function,parent_id,valid_from,valid_to",
    ),
    "header alone": ("teams.csv", f"{TEAM}\n", "teams.csv: has no rows; write them below the header"),
    "a value too many": (
        "teams.csv",
        f"{TEAM}\nt1,Blue, light,stream,,,,\n",
        "teams.csv row 1: must have 7 values, but has 8; a value with a comma stands in quotes",
    ),
    "type": (
        "teams.csv",
        f"{TEAM}\nt1,Blue,squad,,,,\n",
        "teams.csv row 1 column type value 'squad': must be 'stream', 'platform' or 'enabling'",
    ),
    "no id": ("teams.csv", f"{TEAM}\n,Blue,stream,,,,\n", "teams.csv row 1 column team_id value '': must not be empty"),
    "day": (
        "teams.csv",
        f"{TEAM}\nt1,Blue,stream,,,1.2.2026,\n",
        "teams.csv row 1 column valid_from value '1.2.2026': must be a day like 2026-01-31, or empty",
    ),
    "31st of February": (
        "teams.csv",
        f"{TEAM}\nt1,Blue,stream,,,2026-02-31,\n",
        "teams.csv row 1 column valid_from value '2026-02-31': must be a day like 2026-01-31, or empty",
    ),
    "ends before it begins": (
        "teams.csv",
        f"{TEAM}\nt1,Blue,stream,,,2026-02-01,2026-01-01\n",
        "teams.csv row 1 column valid_to value '2026-01-01': must be after valid_from 2026-02-01",
    ),
    "overlap": (
        "teams.csv",
        f"{TEAM}\nt1,Blue,stream,,,,\nt1,Navy,stream,,,2026-01-01,\n",
        "teams.csv row 2 column team_id value 't1': must not be valid at the same time as row 1",
    ),
    "circle of two": (
        "teams.csv",
        f"{TEAM}\nt1,Blue,stream,,t2,,\nt2,Red,stream,,t1,,\n",
        "teams.csv row 1 column parent_id value 't2': must not lead back to itself: t1 > t2 > t1",
    ),
    "circle of goals": (
        "okrs.yml",
        OKRS.replace("owner: ada, product_id: p1", "owner: ada, parent: O2, link: support"),
        "okrs.yml objectives row 1 column parent value 'O2': must not lead back to itself: O1 > O2 > O1",
    ),
    "its own parent": (
        "products.csv",
        P1_P2.replace("Ship,product,", "Ship,product,p2"),
        "products.csv row 2 column parent_id value 'p2': must be another product_id of this file",
    ),
    "unknown product": (
        "team_products.csv",
        f"{SHARES}\nt1,p9,1,,\n",
        "team_products.csv row 1 column product_id value 'p9': must be a product_id of products.csv; there are p1, p2",
    ),
    "shares": (
        "team_products.csv",
        f"{SHARES}\nt1,p1,0.5,,\nt1,p2,0.4,,\n",
        "team_products.csv row 1 column share value '0.5': "
        "the shares of a team must add up to 1; here 0.9 from the beginning",
    ),
    "shares of 110 per cent": (
        "team_products.csv",
        f"{SHARES}\nt1,p1,0.8,,\nt1,p2,0.3,,\n",
        "team_products.csv row 1 column share value '0.8': "
        "the shares of a team must add up to 1; here 1.1 from the beginning",
    ),
    "source": (
        "product_map.csv",
        f"{MAP}\nstripes,product,A,exact,p1,1,,,\n",
        "product_map.csv row 1 column source value 'stripes': "
        "must be one of jira, amplitude, stripe, quickbooks, bamboohr",
    ),
    "object type": (
        "product_map.csv",
        f"{MAP}\nstripe,price,A,exact,p1,1,,,\n",
        "product_map.csv row 1 column object_type value 'price': must be one of product",
    ),
    "unknown customer": (
        "customer_map.csv",
        f"{KEYS}\nstripe,cus_1,c1,,\n",
        "customer_map.csv row 1 column customer_id value 'c1': must be a customer_id of customers.csv; it has none",
    ),
    "unknown segment": (
        "customers.csv",
        f"{CUSTOMER}\nc1,Acme,,smb,,,,,\n",
        "customers.csv row 1 column segment value 'smb': must be a code of segments.csv, or empty; it has none",
    ),
    "price in words": (
        "price_book.csv",
        f'{PRICES}\np1,,,EUR,1,"1,250.00",,\n',
        "price_book.csv row 1 column list_price value '1,250.00': "
        "must be a number like 1250.50, without separators or signs of a currency",
    ),
    "rate of the euro": (
        "fx_plan.csv",
        f"{PLAN}\nEUR,FY26,1.1\n",
        "fx_plan.csv row 1 column rate value '1.1': must be 1 for EUR: rates say how much of a currency one euro is",
    ),
    "period": (
        "budget.csv",
        f"{BUDGET}\ncost,p1,FY40-P01,1\n",
        "budget.csv row 1 column period value 'FY40-P01': "
        "must be a period of the fiscal calendar, FY00-P01 to FY28-P12",
    ),
    "quarter": (
        "budget.csv",
        f"{BUDGET}\ncosts,p1,FY26-Q2,90000\n",
        "budget.csv row 1 column period value 'FY26-Q2': must be a fiscal period like FY26-P07",
    ),
    "budget in a currency": (
        "budget.csv",
        f"{BUDGET},currency\ncosts,p1,FY26-P04,33000,USD\n",
        "budget.csv column currency: the header must be account_group,product_id,period,amount",
    ),
    "last day for the day after": (
        "ai_spend.csv",
        f"{SPEND}\nPairwright,2026-02-01,2027-01-31,t1,,4800,EUR\n",
        "ai_spend.csv row 1 column to value '2027-01-31': "
        "must be the day after the last that is paid for; for whole months write 2027-02-01",
    ),
    "no day": (
        "ai_spend.csv",
        f"{SPEND}\nPairwright,2026-02-01,2026-02-01,t1,,4800,EUR\n",
        "ai_spend.csv row 1 column to value '2026-02-01': must be after from 2026-02-01",
    ),
    "no first day": (
        "ai_spend.csv",
        f"{SPEND}\nPairwright,Feb 2026,2026-03-01,t1,,4800,EUR\n",
        "ai_spend.csv row 1 column from value 'Feb 2026': must be a day like 2026-01-31",
    ),
    "a team and a person": (
        "ai_spend.csv",
        f"{SPEND}\nPairwright,2026-02-01,2026-03-01,t1,ada-dev,20,EUR\n",
        "ai_spend.csv row 1 column user value 'ada-dev': "
        "must be empty where there is a team_id: a person's spend goes to their team",
    ),
    "a team that is not there": (
        "ai_spend.csv",
        f"{SPEND}\nPairwright,2026-02-01,2026-03-01,t9,,20,EUR\n",
        "ai_spend.csv row 1 column team_id value 't9': must be a team_id of teams.csv, or empty; there are t1",
    ),
    "a bill twice": (
        "ai_spend.csv",
        f"{SPEND}\nPairwright,2026-02-01,2026-03-01,,,20,EUR\nPairwright,2026-02-01,2026-03-01,,,20.00,EUR\n",
        "ai_spend.csv row 2 column vendor value 'Pairwright': "
        "must not stand in two rows with the same from, to, team_id, user, amount, currency",
    ),
    "a criterion of another regime": (
        "capex_criteria.csv",
        f"{CRITERIA}\nE-1,asu_2025_06,probable_to_complete,2026-04-10,CFO\n",
        "capex_criteria.csv row 1 column criterion value 'probable_to_complete': "
        "must be one of authorised_and_funded, no_significant_uncertainty for regime asu_2025_06",
    ),
    "a regime of nobody's": (
        "capex_criteria.csv",
        f"{CRITERIA}\nE-1,ifrs,measurable,2026-04-10,CFO\n",
        "capex_criteria.csv row 1 column regime value 'ifrs': "
        "must be 'asc350_40_stage', 'asu_2025_06', 'ias38' or 'all'",
    ),
    "a criterion twice": (
        "capex_criteria.csv",
        f"{CRITERIA}\nE-1,all,abandoned,2026-04-10,CFO\nE-1,all,abandoned,2026-05-10,CFO\n",
        "capex_criteria.csv row 2 column criterion value 'abandoned': "
        "must not stand in two rows with the same epic, regime",
    ),
    "nobody approves": (
        "capex_criteria.csv",
        f"{CRITERIA}\nE-1,all,abandoned,2026-04-10,\n",
        "capex_criteria.csv row 1 column approver value '': must not be empty",
    ),
    "a promise of nothing": (
        "promises.csv",
        f"{PROMISES}\nP-1,E-1,2026-01-08T00:00:00Z,,,,,\n",
        "promises.csv row 1 column date value '': must be a day where no metric is promised",
    ),
    "a size of nothing": (
        "promises.csv",
        f"{PROMISES}\nP-1,E-1,2026-01-08T00:00:00Z,2026-03-31,,,5,percent\n",
        "promises.csv row 1 column size value '5': must be empty without a metric",
    ),
    "a metric by nobody knows how much": (
        "promises.csv",
        f"{PROMISES}\nP-1,E-1,2026-01-08T00:00:00Z,,mart_usage.events,p1,,percent\n",
        "promises.csv row 1 column size value '': must not be empty where a metric is promised",
    ),
    "a promise that nothing measures": (
        "promises.csv",
        f"{PROMISES}\nP-1,E-1,2026-01-08T00:00:00Z,,manual,p1,5,percent\n",
        "promises.csv row 1 column metric value 'manual': must be a mart's measure like mart_usage.events: "
        "a promise is measured",
    ),
    "a promise twice": (
        "promises.csv",
        f"{PROMISES}\n" + 2 * "P-1,E-1,2026-01-08T00:00:00Z,2026-03-31,,,,\n",
        "promises.csv row 2 column promise_id value 'P-1': must not stand in two rows",
    ),
    "rules without versions": (
        "allocation_rules.yml",
        "versions: {a: b}\n",
        "allocation_rules.yml column versions: must be a list of entries with version and valid_from",
    ),
    "rules beside versions": (
        "allocation_rules.yml",
        "versions: []\noverhead: {driver: cost}\n",
        "allocation_rules.yml column overhead: is no setting of this file; there is versions, a list",
    ),
    "a version of one word": (
        "allocation_rules.yml",
        "versions: [a]\n",
        "allocation_rules.yml row 1: must be an entry with version, valid_from, overhead_types, payroll.by_function, "
        "payroll.classed, shared.method, shared.driver, shared.drivers, overhead.driver",
    ),
    "driver": (
        "allocation_rules.yml",
        "versions:\n- {version: a, shared: {driver: event}}\n",
        "allocation_rules.yml row 1 column shared.driver value 'event': "
        "must be 'events', 'active_users', 'revenue', 'cost' or 'equal'",
    ),
    "driver of overhead": (
        "allocation_rules.yml",
        "versions:\n- {version: a, overhead: {driver: events}}\n",
        "allocation_rules.yml row 1 column overhead.driver value 'events': must be 'cost', 'revenue', 'fte' or 'equal'",
    ),
    "method": (
        "allocation_rules.yml",
        "versions:\n- {version: a, shared: {method: direct}}\n",
        "allocation_rules.yml row 1 column shared.method value 'direct': must be 'step_down' or 'reciprocal'",
    ),
    "an empty setting": (
        "allocation_rules.yml",
        "versions:\n- version: a\n  payroll:\n    classed:\n",
        "allocation_rules.yml row 1 column payroll.classed value '': must be 'left_out' or 'ignored'",
    ),
    "yes for true": (
        "allocation_rules.yml",
        "versions:\n- {version: a, payroll: {by_function: yes}}\n",
        "allocation_rules.yml row 1 column payroll.by_function value 'yes': must be 'true' or 'false'",
    ),
    "misspelt setting": (
        "allocation_rules.yml",
        "versions:\n- {version: a, payroll: {clased: ignored}}\n",
        "allocation_rules.yml row 1 column payroll.clased value 'ignored': "
        "is no setting of this file; did you mean payroll.classed?",
    ),
    "a list for a value": (
        "allocation_rules.yml",
        "versions:\n- {version: a, overhead: {driver: [cost]}}\n",
        "allocation_rules.yml row 1 column overhead.driver: must be one value",
    ),
    "a value for a list": (
        "allocation_rules.yml",
        "versions:\n- {version: a, overhead_types: tools}\n",
        "allocation_rules.yml row 1 column overhead_types value 'tools': "
        "must be a list like [facilities, tools]; [] for none",
    ),
    "misspelt cost type": (
        "allocation_rules.yml",
        "versions:\n- {version: a, overhead_types: [facilites]}\n",
        "allocation_rules.yml row 1 column overhead_types value 'facilites': "
        "must be a cost type of account_map.csv; did you mean facilities?",
    ),
    "cost type of no account": (
        "allocation_rules.yml",
        "versions:\n- {version: a, overhead_types: [legal]}\n",
        "allocation_rules.yml row 1 column overhead_types value 'legal': "
        "must be a cost type of account_map.csv; there are bad_debt, depreciation, facilities, marketing, tools",
    ),
    "pay as overhead": (
        "allocation_rules.yml",
        "versions:\n- {version: a, overhead_types: [payroll]}\n",
        "allocation_rules.yml row 1 column overhead_types value 'payroll': "
        "must not be payroll: people's time shares it out",
    ),
    "a cost type twice": (
        "allocation_rules.yml",
        "versions:\n- {version: a, overhead_types: [tools, tools]}\n",
        "allocation_rules.yml row 1 column overhead_types value 'tools': must not stand there twice",
    ),
    "a driver for products": (
        "allocation_rules.yml",
        "versions:\n- {version: a, shared: {drivers: revenue}}\n",
        "allocation_rules.yml row 1 column shared.drivers value 'revenue': "
        "must be products with what they go on by, like {billing: revenue}",
    ),
    "driver of a misspelt product": (
        "allocation_rules.yml",
        "versions:\n- {version: a, shared: {drivers: {p11: revenue}}}\n",
        "allocation_rules.yml row 1 column shared.drivers value 'p11': "
        "must be a product of products.csv; did you mean p1?",
    ),
    "versions of one name": (
        "allocation_rules.yml",
        "versions:\n- {version: a}\n- {version: a, valid_from: 2026-01-01}\n",
        "allocation_rules.yml row 2 column version value 'a': must not stand in two rows",
    ),
    "the defaults' name": (
        "allocation_rules.yml",
        "versions:\n- {version: default}\n",
        "allocation_rules.yml row 1 column version value 'default': "
        "must be another name: this one holds where no version of the file does",
    ),
    "a version from the beginning after another": (
        "allocation_rules.yml",
        "versions:\n- {version: a}\n- {version: b}\n",
        "allocation_rules.yml row 2 column valid_from value '': "
        "must be a day like 2026-01-31; only the first version may lack one",
    ),
    "two versions on one day": (
        "allocation_rules.yml",
        "versions:\n- {version: a, valid_from: 2026-01-01}\n- {version: b, valid_from: 2026-01-01}\n",
        "allocation_rules.yml row 2 column valid_from value '2026-01-01': must be after that of row 1, 2026-01-01",
    ),
    "versions backwards": (
        "allocation_rules.yml",
        "versions:\n- {version: b, valid_from: 2026-01-01}\n- {version: a, valid_from: 2025-01-01}\n",
        "allocation_rules.yml row 2 column valid_from value '2025-01-01': must be after that of row 1, 2026-01-01",
    ),
    "a regime that is no switch": (
        "policy.yml",
        f"{POLICY}capex_regime: gaap\n",
        "policy.yml column capex_regime value 'gaap': must be 'off', 'asc350_40_stage', 'asu_2025_06' or 'ias38'",
    ),
    "a day of no hours": (
        "policy.yml",
        f"{POLICY}hours_of_a_day: 0\n",
        "policy.yml column hours_of_a_day value '0': must be greater than 0",
    ),
    "sign": (
        "account_map.csv",
        f"{ACCOUNTS}\n60,tax,,,+1,,\n",
        "account_map.csv row 1 column sign value '+1': must be '1' or '-1'",
    ),
    "no zone": (
        "decisions.csv",
        f"{DECISIONS}\nd1,Go?,ada,,2026-01-01T09:00:00,,,\n",
        "decisions.csv row 1 column raised_at value '2026-01-01T09:00:00': "
        "must be an instant with its zone like 2026-01-31T09:00:00Z, or empty",
    ),
    "bad YAML": (
        "policy.yml",
        "reporting_time_zone: UTC\nreporting_currency: [EUR\n",
        "policy.yml: is not YAML: line 3, column 1: expected ',' or ']', but got '<stream end>'",
    ),
    "twice in YAML": (
        "policy.yml",
        f"{POLICY}reporting_currency: USD\n",
        "policy.yml column reporting_currency: must not stand twice in one place; line 3 has it again",
    ),
    "misspelt switch": (
        "policy.yml",
        f"{POLICY}trial_count: true\n",
        "policy.yml column trial_count value 'true': is no setting of this file; did you mean trials_count?",
    ),
    "switch left out": (
        "policy.yml",
        "reporting_time_zone: UTC\n",
        "policy.yml column reporting_currency: is missing; add a line `reporting_currency: …`",
    ),
    "misspelt file": (
        "customers_map.csv",
        f"{KEYS}\n",
        "customers_map.csv: is none of the company's files; did you mean customer_map.csv?",
    ),
    "file of another program": (
        "forecast.ods",
        "",
        "forecast.ods: is none of the company's files; docs/files.md lists them; keep others elsewhere than in FOLDER",
    ),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PRODOPS_NOW", "2026-10-15T06:00:00Z")
    return company_folder.write(tmp_path / "company")


def said(folder: Path) -> list[str]:
    with pytest.raises((FileError, Mistakes)) as caught:
        CompanyFiles(folder, {})
    return [str(one).replace(str(folder), "FOLDER") for one in caught.value.parts]


def bend(folder: Path, file: str, content: str | bytes | None) -> None:
    if content is None:
        (folder / file).unlink()
    else:
        (folder / file).write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.mark.parametrize("name", FILES)
def test_a_mistake_in_a_file_is_one_line_that_says_where_and_what_to_do(folder: Path, name: str) -> None:
    file, content, message = FILES[name]
    bend(folder, file, content)
    first, *others = said(folder)
    assert first == message
    assert others == []


def test_mistakes_of_all_files_are_one_list(folder: Path) -> None:
    """A failure here has people mend one mistake to be shown the next."""
    for name in ("missing", "unknown product", "bad YAML", "misspelt file", "price in words", "period"):
        bend(folder, *FILES[name][:2])
    bend(folder, "products.csv", P1_P2 + "p3,,thing,,,,,2026-02-31\np4,Four,product,p9,,,,\n")
    assert sorted(said(folder)) == sorted(
        [
            *(FILES[name][2] for name in ("missing", "bad YAML", "misspelt file", "price in words", "period")),
            FILES["unknown product"][2] + ", p3, p4",
            "products.csv row 3 column name value '': must not be empty",
            "products.csv row 3 column level value 'thing': must be 'portfolio', 'product', 'module' or 'feature'",
            "products.csv row 3 column valid_to value '2026-02-31': must be a day like 2026-01-31, or empty",
            "products.csv row 4 column parent_id value 'p9': must be another product_id of this file",
        ]
    )


def test_what_follows_from_a_mistake_is_not_reported_as_another(folder: Path) -> None:
    """Products that can't be read are not missed by those who name them; nor is a wrong weight a wrong sum."""
    bend(folder, "products.csv", P1_P2.replace(",", ";"))
    bend(folder, "product_map.csv", f"{MAP}\njira,project,A,exact,p1,half,,,\njira,project,A,exact,p2,0.5,,,\n")
    assert said(folder) == [
        "products.csv: its values stand between semicolons; save it as CSV with commas",
        "product_map.csv row 1 column weight value 'half': must be a valid decimal",
    ]


def test_a_circle_needs_a_day_on_which_it_is_closed(folder: Path) -> None:
    """Two products that changed places are none; a later row that closes one is."""
    before, after = "p1,Pay,product,p2,,,,2026-01-01\n", "p2,Ship,product,p1,,,2026-01-01,\n"
    apart = f"{PRODUCT}\n{before}p1,Pay,product,,,,2026-01-01,\np2,Ship,product,,,,,2026-01-01\n{after}"
    bend(folder, "products.csv", apart)
    CompanyFiles(folder, {})
    bend(folder, "products.csv", apart.replace("p1,Pay,product,,,,2026-01-01,", "p1,Pay,product,p2,,,2026-01-01,"))
    assert said(folder) == [
        "products.csv row 2 column parent_id value 'p2': must not lead back to itself: p1 > p2 > p1"
    ]


JIRA = {
    "SOURCES__JIRA__BASE_URL": "https://example.atlassian.net",
    "SOURCES__JIRA__EMAIL": "ada@example.com",
    "SOURCES__JIRA__API_TOKEN": SECRET,
}
QUICKBOOKS = {
    "SOURCES__QUICKBOOKS__CLIENT_ID": "an-app",
    "SOURCES__QUICKBOOKS__CLIENT_SECRET": SECRET,
    "SOURCES__QUICKBOOKS__REFRESH_TOKEN": SECRET,
}

STRIPE = {"SOURCES__STRIPE__API_KEY": "rk_test_1"}
HISTORY = (
    "setting SOURCES__FX__URL: must be the address of a history, a zip or CSV file, like "
    "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip"
)
SETTINGS: dict[str, tuple[dict[str, str], str]] = {
    "a webhook in the clear": (
        {"PRODOPS_ALERT_WEBHOOK": "http://hooks.example.com/services/T0"},
        "setting PRODOPS_ALERT_WEBHOOK: give the address of an incoming webhook, which begins with https://",
    ),
    "people to write to and no mail server": (
        {"PRODOPS_ALERT_EMAIL": "ada@example.com"},
        "setting PRODOPS_ALERT_SMTP: missing; PRODOPS_ALERT_EMAIL needs the mail server's host and port, like "
        "smtp.example.com:587",
    ),
    "the bank's page for its rates": (
        STRIPE | {"SOURCES__FX__URL": "https://www.ecb.europa.eu/stats/eurofxref/index.en.html"},
        HISTORY,
    ),
    "the bank's rates of one day": (
        STRIPE | {"SOURCES__FX__URL": "https://www.ecb.europa.eu/stats/eurofxref/eurofxref.zip"},
        HISTORY,
    ),
    "half of the credentials": (
        {"SOURCES__JIRA__EMAIL": "ada@example.com"},
        "setting SOURCES__JIRA__BASE_URL, SOURCES__JIRA__API_TOKEN: "
        "missing; set it in the environment, in PROJECT/.env or under [sources.jira] in .dlt/s"
        "ecrets.toml",
    ),
    "an address alone": (
        {"SOURCES__JIRA__BASE_URL": "https://example.atlassian.net"},
        "setting SOURCES__JIRA__EMAIL, SOURCES__JIRA__API_TOKEN: "
        "missing; set it in the environment, in PROJECT/.env or under [sources.jira] in .dlt/s"
        "ecrets.toml",
    ),
    "half of a key pair": (
        {"SOURCES__AMPLITUDE__API_KEY": SECRET},
        "setting SOURCES__AMPLITUDE__SECRET_KEY: "
        "missing; set it in the environment, in .env or .dlt/secrets.toml, or PROJECTS for sev"
        "eral projects",
    ),
    "the example's address": (
        {**JIRA, "SOURCES__JIRA__BASE_URL": "https://your-company.atlassian.net"},
        "setting SOURCES__JIRA__BASE_URL: still has the address of the example; put your own site's there",
    ),
    "no scheme": (
        {**JIRA, "SOURCES__JIRA__BASE_URL": "example.atlassian.net"},
        "setting SOURCES__JIRA__BASE_URL: "
        "give the site's address like https://example.atlassian.net, without user or query",
    ),
    "a page's address": (
        {**JIRA, "SOURCES__JIRA__BASE_URL": "https://example.atlassian.net/jira/software/projects/PAY"},
        "setting SOURCES__JIRA__BASE_URL: "
        "is the address of a page; give the site's alone, https://example.atlassian.net",
    ),
    "in the clear": (
        {**JIRA, "SOURCES__JIRA__BASE_URL": "http://example.atlassian.net"},
        "setting SOURCES__JIRA__BASE_URL: use https: credentials would travel in the clear",
    ),
    "a blank in a token": (
        {**JIRA, "SOURCES__JIRA__API_TOKEN": f"{SECRET} {SECRET}"},
        "setting SOURCES__JIRA__API_TOKEN: holds a blank or a line's end; copy it again, whole and alone",
    ),
    "start in another order": (
        {**JIRA, "SOURCES__JIRA__START": "01.02.2024"},
        "setting SOURCES__JIRA__START: must be a day like 2024-01-31",
    ),
    "too large a page": (
        {**JIRA, "SOURCES__JIRA__PAGE_SIZE": "5000"},
        "setting SOURCES__JIRA__PAGE_SIZE: must be less than or equal to 1000",
    ),
    "a key for browsers": (
        {"SOURCES__STRIPE__API_KEY": "pk_live_1"},
        "setting SOURCES__STRIPE__API_KEY: "
        "give a secret key (sk_…) or, better, a restricted one (rk_…) that may read billing",
    ),
    "accounts that are no JSON": (
        {"SOURCES__STRIPE__ACCOUNTS": "eu"},
        "setting SOURCES__STRIPE__ACCOUNTS: "
        'give a JSON list like [{"id": "eu", "api_key": "rk_…", "start": "2024-01-01"}], each '
        "id and key once; start may be left out",
    ),
    "a company's name for its id": (
        {**QUICKBOOKS, "SOURCES__QUICKBOOKS__REALM_ID": "Acme"},
        "setting SOURCES__QUICKBOOKS__REALM_ID: "
        "give the company's id, digits alone, as connecting the app to the company showed it",
    ),
    "an address for a subdomain": (
        {"SOURCES__BAMBOOHR__SUBDOMAIN": "https://acme.bamboohr.com", "SOURCES__BAMBOOHR__API_KEY": SECRET},
        "setting SOURCES__BAMBOOHR__SUBDOMAIN: give the part before .bamboohr.com in the address of your BambooHR",
    ),
    "no such file of rates": (
        {"SOURCES__FX__PATH": "rates.csv"},
        "setting SOURCES__FX__PATH: there is no file PROJECT/rates.csv",
    ),
    "no such company folder": (
        {**JIRA, "PRODOPS_COMPANY": "compny"},
        "setting PRODOPS_COMPANY: "
        "there is no folder PROJECT/compny; name the one that holds policy.yml and the other c"
        "ompany files, or have it made: prodops init",
    ),
    "no such .env": ({"PRODOPS_ENV_FILE": "other.env"}, "setting PRODOPS_ENV_FILE: there is no file PROJECT/other.env"),
    "a clock without a zone": (
        {"PRODOPS_NOW": "yesterday"},
        "setting PRODOPS_NOW='yesterday': give an instant with its zone, like 2026-10-15T06:00:00Z",
    ),
    "an unknown scale": (
        {"PRODOPS_SCALE": "huge"},
        "setting PRODOPS_SCALE=huge: must be one of tiny, small, medium, large",
    ),
    "a home that is a file": (
        {"PRODOPS_HOME": "README.md"},
        "setting PRODOPS_HOME=PROJECT/README.md: is a file; name a folder",
    ),
}

DOTENVS: dict[str, tuple[str, str]] = {
    "empty": (
        "",
        "setting PROJECT/.env: "
        "has no setting in it; fill in a source as in .env.example, or remove the file to run "
        "on the made-up company",
    ),
    "names of another program": (
        "JIRA_URL=https://example.atlassian.net\nJIRA_TOKEN=x\n",
        "setting PROJECT/.env: "
        "has no setting in it (unknown: JIRA_URL, JIRA_TOKEN); fill in a source as in .env.exa"
        "mple, or remove the file to run on the made-up company",
    ),
    "copied and not filled in": (
        (PROJECT / ".env.example").read_text(),
        "setting PROJECT/.env: "
        "sets no source's credentials; fill in a source as in .env.example, or remove the file"
        " to run on the made-up company",
    ),
    "a misspelt name": (
        "SOURCES__JIRA__TOKEN=x\nSOURCES__STRIPE__API_KEY=rk_test_1\n",
        "setting PROJECT/.env line 1: there is no setting SOURCES__JIRA__TOKEN; did you mean SOURCES__JIRA__API_TOKEN?",
    ),
    "a line without a name": (
        "SOURCES__STRIPE__API_KEY=rk_test_1\nhttps://example.atlassian.net\n",
        "setting PROJECT/.env line 2: is no setting; write NAME=value, or # before words",
    ),
    "for others to read": (
        "SOURCES__STRIPE__API_KEY=rk_test_1\n",
        "setting .env: holds secrets but others can read it; run: chmod 600 PROJECT/.env",
    ),
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project's folder with its company's files and no settings."""
    monkeypatch.setattr(home, "PROJECT", tmp_path)
    monkeypatch.setenv("PRODOPS_HOME", "home")
    monkeypatch.setenv("PRODOPS_NOW", "2026-10-15T06:00:00Z")
    monkeypatch.delenv("PRODOPS_ENV_FILE")
    company_folder.write(tmp_path / "company")
    (tmp_path / "README.md").touch()
    return tmp_path


def _settled() -> None:
    deployment.refuse_bad_settings(deployment.settle(), SOURCES)


def refused(project: Path) -> list[str]:
    """What a run says of its settings before it asks any source."""
    with pytest.raises((SettingsError, Mistakes)) as caught:
        _settled()
    assert caught.value.exit_code == 2
    return [str(one).replace(str(project), "PROJECT") for one in caught.value.parts]


@pytest.mark.parametrize("name", SETTINGS)
def test_a_mistake_in_a_setting_is_one_line_that_says_where_and_what_to_do(
    project: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    settings, message = SETTINGS[name]
    for variable, value in settings.items():
        monkeypatch.setenv(variable, value)
    assert refused(project) == [message]
    assert SECRET not in message


@pytest.mark.parametrize("name", DOTENVS)
def test_a_dotenv_that_does_not_set_up_what_it_was_meant_to_is_no_switch_to_fiction(project: Path, name: str) -> None:
    """A failure here shows somebody a made-up company's figures in place of their own."""
    content, message = DOTENVS[name]
    (project / ".env").write_text(content)
    (project / ".env").chmod(0o644 if name == "for others to read" else 0o600)
    assert refused(project) == [message]


def test_the_ui_does_not_start_on_settings_that_its_schedules_would_fail_on(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__JIRA__EMAIL", "ada@example.com")
    done = CliRunner().invoke(main, ["ui"])
    assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1)
    assert done.stderr.startswith("error: setting SOURCES__JIRA__BASE_URL, SOURCES__JIRA__API_TOKEN: missing; set it")


def test_mistakes_of_all_settings_are_one_list(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("half of a key pair", "a key for browsers", "no such company folder", "a company's name for its id")
    for variable, value in [one for name in names for one in SETTINGS[name][0].items()]:
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("SOURCES__JIRA__START", "01.02.2024")
    monkeypatch.setenv("SOURCES__JIRA__API_TOKEN", "")
    missing = f"setting SOURCES__JIRA__API_TOKEN: {SETTINGS['an address alone'][1].partition(': ')[2]}"
    messages = [*(SETTINGS[name][1] for name in names), SETTINGS["start in another order"][1], missing]
    assert sorted(refused(project)) == sorted(messages)


def test_settings_of_the_made_up_company_alone_are_no_mistake(project: Path) -> None:
    (project / ".env").write_text("PRODOPS_SCALE=tiny\nAWS_PROFILE=mine\n")
    settled = deployment.settle()
    deployment.refuse_bad_settings(settled, SOURCES)
    assert (settled.name, settled.home) == ("sandbox-1-tiny", project / "home")


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (
            ["run", "--seed", "-1"],
            "Invalid value for '--seed': '-1' is no whole number from 1 on (prodops run --help",
        ),
        (
            ["ui", "--port", "99999"],
            "Invalid value for '--port': '99999' is no whole number from 1 to 65535 (prodops ui --",
        ),
        (["sandbox", "serve", "--port", "99999"], "Invalid value for '--port': '99999' is no whole number from 0"),
        (["sandbox", "serve", "--now", "yesterday"], "setting --now yesterday: give an instant with its zone, like 20"),
        (["sandbox", "serve", "--scale", "huge"], "setting --scale: 'huge' is none of tiny, small, medium, large"),
        (["publsh"], "No such command 'publsh'."),
        (["run", "--sed", "2"], "No such option '--sed'. Did you mean '--seed'? (prodops run --help says what can be"),
    ],
)
def test_a_typing_error_is_one_line(project: Path, typed: list[str], message: str) -> None:
    done = CliRunner().invoke(main, typed)
    assert done.exit_code == 2
    assert done.stderr.startswith(f"error: {message}")
    assert (done.stderr.count("\n"), done.stdout) == (1, "")
