"""The proof of a file of a board pack: every number in it is the one that the frozen snapshot holds.

Belongs here: what is in a file, what should be, and where both differ. Does not: making files (pptx.py and the other
forms beside this folder).
"""
