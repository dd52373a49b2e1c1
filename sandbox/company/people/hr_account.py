"""How HR has set up its account: the fields and lists it keeps, and the holidays it has entered, with their numbers.

Belongs here: what there is beside people. Does not: anybody (facts.py), how it is shown (sandbox/vendors/bamboohr).
"""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.company.calendar import FIXED
from sandbox.company.people.facts import FURLOUGHED, TERMINATED
from sandbox.company.people.hr_records import PLACES, TEAM_FUNCTION, TITLES

# Number, name and type of each field, by alias. Columns of tables have dotted numbers.
FIELDS = {
    "firstName": ("1", "First Name", "text"),
    "lastName": ("2", "Last Name", "text"),
    "displayName": ("3", "Display Name", "text"),
    "employeeNumber": ("14", "Employee #", "employee_number"),
    "workEmail": ("5", "Work Email", "email"),
    "status": ("6", "Status", "status"),
    "hireDate": ("7", "Hire Date", "date"),
    "terminationDate": ("8", "Termination Date", "date"),
    "jobTitle": ("17", "Job Title", "list"),
    "department": ("4", "Department", "list"),
    "division": ("1355", "Division", "list"),
    "location": ("18", "Location", "list"),
    "supervisor": ("91", "Reporting to", "employee"),
    "supervisorEId": ("9610", "Supervisor EID", "integer"),
    "employmentHistoryStatus": ("1936", "Employment Status", "list"),
    "customFTE": ("4047.1", "FTE", "text"),
    "payRate": ("19", "Pay rate", "currency"),
    "payType": ("20", "Pay type", "pay_type"),
    "payPer": ("1937", "Paid per", "paid_per"),
}
HOLIDAYS = {
    "01-01": "New Year's Day",
    "02-11": "National Foundation Day",
    "05-01": "Labour Day",
    "06-19": "Juneteenth",
    "07-04": "Independence Day",
    "10-03": "Day of German Unity",
    "11-03": "Culture Day",
    "11-11": "Veterans Day",
    "11-23": "Labour Thanksgiving Day",
    "12-25": "Christmas Day",
    "12-26": "Boxing Day",
}
HOLIDAY_YEARS = range(2025, 2028)
LISTS = {
    "location": tuple(PLACES.values()),
    "department": tuple(TEAM_FUNCTION),
    "division": tuple(TITLES),
    "employmentHistoryStatus": ("Full-Time", "Part-Time", "Contractor", "Intern", TERMINATED, FURLOUGHED),
}


def option(name: str, value: str) -> int:
    """The number of a list's value."""
    return 18_000 + 100 * list(LISTS).index(name) + LISTS[name].index(value)


def entered() -> Iterator[tuple[int, str, str]]:
    """The days off of each country: number, name, day."""
    days = ((country, day) for country, of in FIXED.items() for day in of)
    for number, (country, day) in enumerate(days):
        for year in HOLIDAY_YEARS:
            yield 900 + 10 * number + year % 10, f"{HOLIDAYS[day]} ({country})", f"{year}-{day}"
