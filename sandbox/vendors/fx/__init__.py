"""The European Central Bank's files of reference rates, as it really serves them.

Here belongs the bank's own behaviour. Not here: the rates (sandbox/company/rates.py) and faults of the way between two
machines (sandbox/faults).
"""

from sandbox.vendors.fx.api import Fx

__all__ = ["VENDOR", "Fx"]

VENDOR = Fx
