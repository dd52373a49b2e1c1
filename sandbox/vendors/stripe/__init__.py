"""Stripe as it really answers: lists newest first, events of an older shape, over the made-up company's billing.

Belongs here: Stripe's own behaviour, its quirks included. Does not: what happened (sandbox/company) and faults of the
way between two machines (sandbox/faults).
"""

from sandbox.vendors.stripe.api import Stripe

__all__ = ["VENDOR", "Stripe"]

VENDOR = Stripe
