"""The European Central Bank's files of reference rates, as it really serves them.

Belongs here: the bank's own behaviour. Does not: the rates (sandbox/company/rates.py) and faults of the way between two
machines (sandbox/faults).
"""

from sandbox.vendors.fx.api import Fx

__all__ = ["VENDOR", "Fx"]

VENDOR = Fx
