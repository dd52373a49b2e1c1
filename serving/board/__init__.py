"""The board pack: pages of figures of one published snapshot, in the forms that people open.

Belongs here: which pages there are, what is on them, how each form shows them. Does not: any figure that no mart
publishes.
"""
