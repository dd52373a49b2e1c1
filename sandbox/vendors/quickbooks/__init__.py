"""QuickBooks Online as it really answers: a query language, changes of thirty days, reports, over the company's books.

Belongs here: QuickBooks' own behaviour, its quirks included. Does not: what happened (sandbox/company) and faults of
the way between two machines (sandbox/faults).
"""

from sandbox.vendors.quickbooks.api import QuickBooks
from sandbox.vendors.quickbooks.tokens import CLIENT_ID, CLIENT_SECRET, FIRST_REFRESH_TOKEN, REALM

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "FIRST_REFRESH_TOKEN", "REALM", "VENDOR", "QuickBooks"]

VENDOR = QuickBooks
