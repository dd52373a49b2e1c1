"""Amplitude as it really answers: the Export API, the list of events, cohorts, over the made-up company.

Belongs here: Amplitude's own behaviour, its quirks included. Does not: what happened (sandbox/company) and faults of
the way between two machines (sandbox/faults).
"""

from sandbox.vendors.amplitude.api import Amplitude

__all__ = ["VENDOR", "Amplitude"]

VENDOR = Amplitude
