"""The long proofs, and the short versions of them that `make test` runs.

Belongs here: what takes minutes to hours and prints figures. Does not: what holds in seconds (the other tests).
"""
