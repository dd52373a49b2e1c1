"""Homes to try commands on: those of the tests of Dagster."""

from tests.orchestration.conftest import new_home

__all__ = ["new_home"]
