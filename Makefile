# The few things a person types. Set-up is part of every one of them; the second time it is instant.
# Needs python3.11 or 3.12 and make, nothing else.
SEED ?= 1
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3)
BIN := .venv/bin
READY := .venv/.ready
.DEFAULT_GOAL := help
.PHONY: init run test ui screenshots torture bench style lint help

init: $(READY)  ## set up, then write a new company's settings and files, filled from what landed (docs/first-day.md)
	@$(BIN)/prodops init

run: $(READY)  ## set up, then land, build, check and publish (no credentials: a made-up company, SEED=1)
	@$(BIN)/prodops run --seed $(SEED)

test: style  ## set up, then every check and every test
	@$(BIN)/python -m pytest

ui: $(READY)  ## the Dagster UI with schedules, freshness and sensors running
	@$(BIN)/prodops ui --seed $(SEED)

screenshots: $(READY)  ## pictures of the UI and of the board pack for README and docs, of this version (needs Chromium; slides LibreOffice)
	@$(BIN)/python -m docs.screenshots

torture: $(READY)  ## the long proofs, some hours, or one of them: PART=kills, workers, interruptions, two, truth, off, clocks, storm, zombies, disk, restore, bodies, disclosure, expectations, checks, verify, mutations, proof, explain or clients
	@$(BIN)/python -m tests.torture $(PART)

bench: $(READY)  ## ratios measured side by side, into benchmarks/results (about 20 minutes)
	@$(BIN)/python -m benchmarks

lint: style  ## style, import directions and types
	@$(BIN)/mypy

style: $(READY)
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --quiet --check .
	@$(BIN)/lint-imports --no-logo

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 10

# --no-compile and one parallel compileall: pip compiles file by file, and without bytecode each start is twice as slow.
# A few packages ship templates that are no valid Python, so compileall's exit code says nothing; a file left uncompiled still runs.
$(READY): pyproject.toml requirements/lock.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' || { echo "python 3.11 or 3.12 is needed, and \"$(PYTHON)\" is another; install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3.12"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "setting up .venv (a few minutes the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements/lock.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -qq -j 0 .venv/lib || true
	@touch $@
