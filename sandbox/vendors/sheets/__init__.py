"""Google Sheets as it really answers: a spreadsheet with a tab for each of the company's tables.

Belongs here: Google's own behaviour, signing in included. Does not: what stands in the tables (sandbox/files.py says
who knows) and faults of the way between two machines (sandbox/faults).
"""

from sandbox.vendors.sheets.api import SPREADSHEET_ID, Sheets
from sandbox.vendors.sheets.grid import Percent, Typed, typed

__all__ = ["SPREADSHEET_ID", "VENDOR", "Percent", "Sheets", "Typed", "typed"]

VENDOR = Sheets
