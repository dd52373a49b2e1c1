"""The company's own files: what lands and how is on the page, load.py."""
