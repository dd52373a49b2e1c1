"""A made-up company behind faithful vendor APIs, and its own truth.

Belongs here: everything that plays the outside world: what happened in the company (company/), how each vendor shows it
(vendors/), what goes wrong on the way (faults/), what the figures truly are (truth/). Does not: loaders, models,
checks. Nothing in ingestion imports this room and this room imports none of the others.
"""
