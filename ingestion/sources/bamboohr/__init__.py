"""BambooHR: what lands and how is on the page, load.py."""
