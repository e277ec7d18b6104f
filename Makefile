# `make` alone says what there is. `make demo` and `make test` set up all they need.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
UV_VERSION := 0.13.9
READY := $(VENV)/.ready
SOURCES := bot tests migrations benchmarks

.PHONY: help setup demo test check bench machine peers clean

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## a virtual environment with the locked dependencies

demo: $(READY) ## simulated nodes and a local Slack; opens a page on this machine
	$(VENV)/bin/python -m bot demo

test: $(READY) machine peers ## everything this machine can run; says what it skipped and why
	$(MAKE) --no-print-directory static
	$(VENV)/bin/pytest

check: $(READY) static ## what is quick: style, types, imports, and the tests that need no server
	$(VENV)/bin/pytest -q -m "not lab and not postgres and not browser and not peer"

bench: $(READY) ## the figures, as ratios within one run
	$(VENV)/bin/python -m benchmarks

machine: ## what the tests need of Debian's packages, when run as root
	@scripts/install-test-packages

peers: ## what others wrote and we are held against, from npm
	@scripts/install-peers

clean: ## forget all that was set up here
	rm -rf $(VENV) tests/peers/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.PHONY: static
static:
	$(VENV)/bin/ruff check $(SOURCES)
	$(VENV)/bin/ruff format --check $(SOURCES)
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

$(READY): pyproject.toml uv.lock
	@scripts/make-venv $(PYTHON) $(VENV) $(UV_VERSION)
	@touch $@
