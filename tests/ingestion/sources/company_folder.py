"""A folder with small, valid company files.

Belongs here: what tests of those files bend. Does not: claims (test_*.py).
"""

from pathlib import Path

POLICY = "reporting_time_zone: Europe/Berlin\nreporting_currency: EUR\n"
PRODUCT = "product_id,name,level,parent_id,owner,lifecycle,valid_from,valid_to"
MAP = "source,object_type,key,match,product_id,weight,valid_from,valid_to,reason"
CUSTOMER = "customer_id,name,parent_id,segment,market,country,industry,valid_from,valid_to"
KEYS = "source,key,customer_id,valid_from,valid_to"
TEAM = "team_id,name,type,function,parent_id,valid_from,valid_to"
ACCOUNTS = "account,statement_group,cost_type,function,sign,valid_from,valid_to"
VENDORS = "key,worker_id,agency,cost_type,valid_from,valid_to"
TYPES = "source,object_type,key,kind"
SHARES = "team_id,product_id,share,valid_from,valid_to"
PRICES = "product_id,market,segment,currency,tier,list_price,valid_from,valid_to"
PLAN = "currency,fiscal_year,rate"
SIZES = "market,segment,product_id,year,tam,sam,currency"
BUDGET = "account_group,product_id,period,amount"
SPEND = "vendor,from,to,team_id,user,amount,currency"
CRITERIA = "epic,regime,criterion,met_on,approver"
CHECKINS = "kr_id,date,value,author"
DECISIONS = "decision_id,title,owner,product_id,raised_at,data_ready_at,proposed_at,decided_at"
OKRS = """\
cycles:
  - {id: FY26-Q3, name: Autumn, start: 2026-07-01, end: 2026-10-01}
objectives:
  - {id: O1, cycle: FY26-Q3, name: Sell, owner: ada, product_id: p1}
  - {id: O2, cycle: FY26-Q3, name: Pay, owner: ada, parent: O1, link: contribute}
key_results:
  - {id: K1, objective: O1, name: More, type: increase, start: 10, target: 20.50, weight: 1, metric: mart_usage.wau}
  - {id: K2, objective: O2, name: Less, type: decrease, start: 9.5, target: 6, weight: 0.5, metric: manual}
  - {id: K3, objective: O2, name: Up, type: stay-above, target: 99.9, weight: 0.5, metric: manual}
  - {id: K4, objective: O2, name: Look, type: baseline, weight: 0.5, metric: manual}
  - {id: K5, objective: O2, name: Done, type: binary, start: 0, target: 1, weight: 0.5, metric: manual}
revisions:
  - {key_result: K1, date: 2026-08-01, target: 15}
  - {key_result: K4, date: 2026-08-01, target: 12}
"""


def write(folder: Path) -> Path:
    folder.mkdir()
    (folder / "products.csv").write_text(f"{PRODUCT}\np1,Pay,product,,,,,\np2,Ship,product,,,,,2026-01-01\n")
    (folder / "product_map.csv").write_text(
        f"{MAP}\njira,project,PAY,exact,p1,0.6,,,\njira,project,PAY,exact,p2,0.4,,,\njira,epic,PAY-1,exact,p2,1,,,\n"
    )
    (folder / "teams.csv").write_text(f"{TEAM}\nt1,Blue,stream,,,,\n")
    (folder / "policy.yml").write_text(POLICY)
    return folder
