"""The vendors' APIs, one package each.

Belongs here: how a vendor answers, pages, limits and words its errors. Does not: what happened in the company
(sandbox/company), what goes wrong on the way (sandbox/faults).
"""
