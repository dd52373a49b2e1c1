"""Ratios measured side by side in one run, with their results; nothing here is a test."""
