"""BambooHR as it really answers: XML unless asked otherwise, tables of dated rows, over the made-up company's people.

Belongs here: BambooHR's own behaviour, its quirks included. Does not: what happened (sandbox/company) and faults of the
way between two machines (sandbox/faults).
"""

from sandbox.vendors.bamboohr.api import BambooHr

__all__ = ["VENDOR", "BambooHr"]

VENDOR = BambooHr
