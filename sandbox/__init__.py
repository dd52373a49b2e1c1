"""A made-up company behind faithful vendor APIs, and its own truth.

Here belongs everything that plays the outside world: what happened in the company (company/), how each vendor tells it
(jira/), what goes wrong on the way (faults.py) and what the figures truly are (truth.py).
Not here: loaders, models, checks. Nothing in ingestion imports this room and this room imports none of the others.
"""
