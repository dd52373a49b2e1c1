"""Jira Cloud as it really answers: platform REST 2 and 3 and Agile 1.0, over the made-up company.

Belongs here: Jira's own behaviour, its quirks included. Does not: what happened (sandbox/company) and faults of the way
between two machines (sandbox/faults).
"""

from sandbox.vendors.jira import agile, catalogues, issues, people
from sandbox.vendors.jira.api import Jira

__all__ = ["VENDOR", "Jira", "agile", "catalogues", "issues", "people"]

VENDOR = Jira
