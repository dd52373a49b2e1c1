"""BambooHR as it really answers: XML unless asked otherwise, tables of dated rows, over the made-up company's people.

Here belongs BambooHR's own behaviour, its quirks included. Not here: what happened (sandbox/company) and faults of the
way between two machines (sandbox/faults).
"""

from sandbox.vendors.bamboohr.api import BambooHr

__all__ = ["VENDOR", "BambooHr"]

VENDOR = BambooHr
