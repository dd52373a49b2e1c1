"""What `PyBambooHR` reads of each stream of our own loader, pay by its ids alone. Runs inside its environment."""

import json
import os
import sys
from datetime import date, datetime, timedelta

import requests
from PyBambooHR.PyBambooHR import PyBambooHR

TABLES = {"job_info": "jobInfo", "employment_statuses": "employmentStatus", "compensation": "compensation"}

url, _folder = sys.argv[1:]
account = os.environ["SOURCES__BAMBOOHR__SUBDOMAIN"], os.environ["SOURCES__BAMBOOHR__API_KEY"]
people = PyBambooHR(*account)
# It reads tables as XML, but asks for JSON unless it is given another type of data.
tables = PyBambooHR(*account, datatype="")
since = date.fromisoformat(os.environ["SOURCES__BAMBOOHR__START"])
now = datetime.fromisoformat(requests.get(f"{url}/_sandbox/now", timeout=60).json()["now"])
until = now.date() + timedelta(days=366)
found = {
    "employees": list(people.get_all_employees(field_list=["firstName"], disabledUsers=True)),
    "time_off_requests": [one["id"] for one in people.get_time_off_requests(since, until)],
    "holidays": [
        f"{one['id']}/{one['start']}" for one in people.get_whos_out(since, until) if one["type"] == "holiday"
    ],
    "lists": [one["fieldId"] for one in people.get_meta_lists()],
    "fields": [one["id"] for one in people.get_meta_fields()],
}
for stream, name in TABLES.items():
    rows = tables.get_tabular_data(name)
    found[stream] = [f"{employee}/{row['row_id']}" for employee, own in rows.items() for row in own]
print(json.dumps(found))
