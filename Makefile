# Everything a person runs here. `make` alone lists it.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
UV_VERSION := 0.13.9
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help setup demo test check static bench chaos clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/.synced ## the virtual environment with the locked dependencies

demo: setup ## simulated nodes, a local Slack and its page on this machine
	$(BIN)/python -m bot demo

test: setup .venv/.test-packages .venv/.peers static ## everything this machine can run; names what it skips and why
	scripts/test

check: setup static ## the static checks and the tests that need nothing but Python
	$(BIN)/pytest -m 'not lab and not postgres and not peer and not browser'

bench: setup ## the figures, as ratios within one run
	$(BIN)/python -m benchmarks

chaos: setup ## kill, stop and cut off bots at random, at length: nothing is run twice, lost, late or stuck
	$(BIN)/python -m tests.chaos

clean: ## remove what these commands made
	rm -rf .venv .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache tests/peers/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

static: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.venv/.uv-$(UV_VERSION):
	PYTHON=$(PYTHON) scripts/make-venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	touch $@

# --inexact leaves pip and uv, which put the rest here.
.venv/.synced: .venv/.uv-$(UV_VERSION) pyproject.toml uv.lock
	VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv sync --quiet --locked --all-extras --inexact --compile-bytecode --python $(BIN)/python
	touch $@

.venv/.test-packages: scripts/install-test-packages .venv/.synced
	scripts/install-test-packages
	touch $@

.venv/.peers: .venv/.test-packages $(wildcard tests/peers/package-lock.json)
	if test -f tests/peers/package.json && command -v npm >/dev/null; then npm ci --prefix tests/peers --no-audit --no-fund; fi
	touch $@
