# The two commands of the README: `make demo` and `make test`. Both set up whatever they need.
.DEFAULT_GOAL := help
PY := .venv/bin/python

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup: ## virtual environment, locked dependencies, a browser
	@scripts/setup.sh dev

demo: ## simulator, monitor, crawls and dashboard; prints the address
	@scripts/setup.sh run
	@$(PY) -m shopwatch demo

# Its children are many: what Python compiles is kept for them, apart from the sources.
COMPILED_ONCE := env -u PYTHONDONTWRITEBYTECODE PYTHONPYCACHEPREFIX="$(CURDIR)/.venv/pycache"
# Three for two cores: a test that waits for a browser or a child leaves its core to another.
test: setup ## the whole suite
	@$(COMPILED_ONCE) $(PY) -m pytest -n 3 --dist worksteal

lint: setup ## format, lint, types, who may import whom
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-cache

check: lint test ## lint and test

fmt: setup ## format and mend what can be mended
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .

storm: setup ## the slow tests: kill storms, long runs
	@$(COMPILED_ONCE) $(PY) -m pytest -m slow --timeout 1800

bench: setup ## every benchmark against its goals, on a quiet machine
	@missed=; for one in simulator transport sweep crawl latency memory purchase dashboard; do \
	  echo "== $$one"; $(PY) benchmarks/$$one.py || missed="$$missed $$one"; done; \
	  [ -z "$$missed" ] || { echo "bench: missed a goal:$$missed" >&2; exit 1; }

screenshots: setup ## the pictures of README and docs, taken from a running demo
	@$(PY) scripts/screenshots.py

reference: setup ## what docs/reference says of settings and commands, from the program
	@$(PY) scripts/reference.py

lock: ## lock the newest versions that fit
	@.venv/bin/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --upgrade --python-version 3.11 requirements/setup.in -o requirements/setup.lock
	@.venv/bin/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --upgrade --python-version 3.11 pyproject.toml -o requirements/run.lock
	@.venv/bin/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --upgrade --python-version 3.11 --extra dev pyproject.toml -o requirements/dev.lock

.PHONY: help setup demo test lint check fmt storm bench screenshots reference lock
