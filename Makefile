# `make demo` and `make test` do all the set-up that they need, inside this folder. `make help` lists the rest.

SHELL := /bin/sh
.DEFAULT_GOAL := help
# What runs here keeps its temporary files in the project too.
CONSENTRY := TMPDIR=$(CURDIR)/.cache/tmp HOME=$(CURDIR)/.cache/home .venv/bin/consentry
PYTHON_IN_VENV := TMPDIR=$(CURDIR)/.cache/tmp HOME=$(CURDIR)/.cache/home .venv/bin/python

.PHONY: help setup demo test devnet compile snapshots lint clean

help: ## What there is to make
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' $(MAKEFILE_LIST) | while IFS='	' read -r name what; do printf '  make %-10s %s\n' "$$name" "$$what"; done

setup: ## Python and Node packages, compiler and Brownie, all inside this folder; nothing is done twice
	@scripts/toolchain/set-up

demo: setup ## The whole story on a local chain; receipts land in receipts/
	@$(CONSENTRY) demo $(ARGUMENTS)

test: setup ## Every check and test
	@$(PYTHON_IN_VENV) scripts/run_tests.py $(SUITES)

devnet: setup ## A local network to develop against, until interrupted
	@$(CONSENTRY) devnet $(ARGUMENTS)

compile: setup ## Compile the contracts and write what the package carries
	@.venv/bin/brownie compile --all
	@$(PYTHON_IN_VENV) scripts/export_abi.py

snapshots: compile ## Measure gas anew and write snapshots/
	@$(PYTHON_IN_VENV) scripts/gas_snapshot.py

lint: setup ## Ruff and mypy
	@.venv/bin/ruff check src scripts tests
	@.venv/bin/mypy

clean: ## Remove what builds, tests and runs made; the set-up stays
	@rm -rf build dist reports receipts .hypothesis .mypy_cache .pytest_cache .ruff_cache .cache/test-logs .cache/test-home .cache/forge
