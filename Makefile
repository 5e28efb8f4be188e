# Shortcuts for people. Nothing else needs this file.
VENV ?= .venv
BIN = $(VENV)/bin
.DEFAULT_GOAL := help
.PHONY: help install format lint test docs bench check

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "%-9s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

install:  ## a virtual environment with all that development needs
	python3 -m venv $(VENV)
	$(BIN)/pip install -q -e '.[dev]'

format:  ## rewrite the code in the house style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint:  ## style and types; changes nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test:  ## all tests, with coverage
	$(BIN)/pytest --cov -n auto

docs:  ## write the generated pages of docs/ again
	$(BIN)/python scripts/make_docs.py

bench:  ## how long it takes, on this machine
	$(BIN)/python scripts/benchmark.py

check: lint test  ## what has to pass before a commit
