"""Published clients of the vendors, each in an environment of its own, read what our own loader reads.

Belongs here: which clients (catalogue.py), what each is asked inside its environment (scripts/<name>.py), how it gets
there (environment.py, bridge.py, tap.py), and the comparison of ids (compare.py). Does not: the simulators
(sandbox/vendors), what a record says (tests/end_to_end).

A new client is a row of the catalogue and a script; `python -m tests.torture.clients NAME` runs it alone.
"""
