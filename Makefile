# The two commands of the README are `make lab` and `make test`; `make help` lists the rest.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help lab test check notebooks readme sabotage bench clean

PYTHONS := python3 python3.14 python3.13 python3.12 python3.11 python
PYTHON ?= $(shell for name in $(PYTHONS); do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$name; break; }; done)
ARGS ?=

BIN := .venv/bin
# A dot for each package that pip has found: a minute without a sign looks like a hang.
SHELL := bash
.SHELLFLAGS := -o pipefail -c
DOTS := awk '/^ *(Collecting|Processing) / { printf "."; fflush() } END { print "" }'
PIP := $(BIN)/python -m pip install --disable-pip-version-check --constraint constraints.txt

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

lab: .venv/lab ## set everything up and open the course in JupyterLab; ARGS="--present" for a projector; others go to JupyterLab
	@exec $(BIN)/python -m fanout_helpers lab $(ARGS)

test: check ## set everything up and run every test; ARGS goes to pytest
	@$(BIN)/python -m fanout_helpers broker install
	@$(BIN)/python -m tests.chromium
	@$(BIN)/python -m tests.other_browsers
	$(BIN)/python -m pytest --numprocesses 2 $(ARGS) tests notebooks

check: .venv/test ## lint, formatting, types and spelling
	$(BIN)/python -m ruff check
	$(BIN)/python -m ruff format --check
	$(BIN)/python -m mypy
	$(BIN)/codespell

notebooks: .venv/test ## run every notebook again and store what it shows
	@$(BIN)/python -m fanout_helpers broker install
	$(BIN)/python -m tests.store_notebooks $(ARGS)

readme: .venv/test ## write README.md's table of what the course runs on, from tests/supported.toml
	$(BIN)/python -m tests.supported

sabotage: .venv/test ## break what each lesson claims: each must turn red; ARGS="bindings listing" names lessons
	@$(BIN)/python -m fanout_helpers broker install
	$(BIN)/python -m tests.sabotage $(ARGS)

bench: .venv/test ## measure what an open board costs, as ratios of runs side by side
	@$(BIN)/python -m fanout_helpers broker install
	$(BIN)/python -m benchmarks.board $(ARGS)

clean: ## remove the environment and everything that tests leave; the RabbitMQ that was got stays in your cache
	rm -rf .venv artifacts dist .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

.venv/lab: pyproject.toml constraints.txt .venv/made
	@printf 'Installing the course and JupyterLab into .venv (a minute or so) '
	@$(PIP) --editable . | $(DOTS)
	@touch $@

.venv/test: pyproject.toml constraints.txt .venv/made
	@printf 'Installing the course, JupyterLab and the test tools into .venv (a minute or so) '
	@$(PIP) --editable '.[test]' | $(DOTS)
	@touch $@ .venv/lab

# A stamp, and not the Python in it: a .venv whose making was interrupted looks like one.
.venv/made:
	@test -n "$(PYTHON)" || { printf '%s\n' \
		"Fanout needs Python 3.11 or newer, and found none ($(PYTHONS))." \
		"Install one (on Debian or Ubuntu: sudo apt install python3 python3-venv; on macOS: brew install python)," \
		"or name it: make PYTHON=/path/to/python3.12 lab" >&2; exit 1; }
	@rm -rf .venv
	@$(PYTHON) -m venv .venv || { rm -rf .venv; printf '%s\n' \
		"$(PYTHON) could not make a virtual environment." \
		"On Debian and Ubuntu that takes one more package: sudo apt install python3-venv" \
		"Or name another Python: make PYTHON=/path/to/python3.12 lab" >&2; exit 1; }
	@touch $@
