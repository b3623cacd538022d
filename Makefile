# For people. Every target makes the environment it needs (.venv) by itself, with uv if it is
# there and with venv and pip if not, and again only when pyproject.toml has changed.
#
#   make arena ARGS="milk printer-toner --rounds 200"     passes arguments on
#   make test PYTHON=python3.13                   chooses the interpreter

ifndef PYTHON
PYTHON := $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
    "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
endif
ifeq ($(PYTHON),)
$(error no Python 3.11 or later found; install one, or name it: make PYTHON=/path/to/python3)
endif
BIN := .venv/bin
SETUP = @"$(PYTHON)" tools/environment.py

.DEFAULT_GOAL := help
.PHONY: help arena test coverage bench markets docs lint format types dist clean

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 18

arena: ## the main job: a tournament of the bundled strategies on the bundled scenarios
	$(SETUP) run
	$(BIN)/nego arena $(ARGS)

test: ## all tests
	$(SETUP) test
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile $(ARGS)

coverage: ## all tests, with the lines they miss
	$(SETUP) test
	$(BIN)/python -m pytest --cov --cov-report=term $(ARGS)

# Beside it: benchmarks/auctions.py, benchmarks/wire.py, and benchmarks/winners.py (winner determination beside solvers).
bench: ## ratios against NegMAS (in its own environment) and a bare loop
	$(SETUP) run
	$(SETUP) bench
	$(BIN)/python benchmarks/run.py --negmas-python .venv-negmas/bin/python $(ARGS)

markets: ## ratios of auctions and markets against other packages and solvers (in an environment of their own)
	$(SETUP) run
	$(SETUP) markets
	$(BIN)/python benchmarks/auctions.py --peer-python .venv-markets/bin/python $(ARGS)

docs: ## the documentation, into build/docs/index.html
	$(SETUP) dev
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs build/docs $(ARGS)

lint: ## style, format and floors
	$(SETUP) dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports

format: ## put the code into shape
	$(SETUP) dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

types: ## mypy and pyright, both strict
	$(SETUP) dev
	$(BIN)/python -m mypy
	$(BIN)/python -m pyright --pythonpath $(BIN)/python

dist: ## build wheel and sdist, install each elsewhere and try it
	$(SETUP) dev
	rm -rf dist
	$(BIN)/python -m build --outdir dist
	$(BIN)/python tools/try_dist.py dist

clean: ## remove environments, caches and built files (results in runs/ stay)
	rm -rf .venv .venv-negmas .venv-markets build dist htmlcov .coverage* .hypothesis
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
