PYTHON ?= python3
BIN := .venv/bin
export DBT_PROFILES_DIR := $(CURDIR)

.DEFAULT_GOAL := all
.PHONY: all install build publish test lint format requirements docs bench clean help

all: build publish ## Install, build the warehouse and publish exports/

install: .venv/.installed ## Install what a build needs into .venv

.venv/.installed: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/.installed-dev: requirements-dev.txt .venv/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

build: install ## Build and test the warehouse
	$(BIN)/dbt build

publish: install ## Write exports/ from the warehouse
	$(BIN)/python -m mall_segments publish

test: .venv/.installed-dev lint ## Run every check
	$(BIN)/pytest --numprocesses auto --dist loadfile

lint: .venv/.installed-dev ## Check format and style
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/dbt seed --quiet
	$(BIN)/sqlfluff lint --disable-progress-bar models_sql tests/data_tests

format: .venv/.installed-dev ## Mend format and style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

requirements: ## Pin anew what pyproject.toml asks for (needs uv)
	uv pip compile --universal --generate-hashes --no-strip-extras --no-emit-index-url --python-version 3.11 \
		--extra dev pyproject.toml -o requirements-dev.txt
	uv pip compile --universal --generate-hashes --no-strip-extras --no-emit-index-url --python-version 3.11 \
		-c requirements-dev.txt pyproject.toml -o requirements.txt

docs: install ## Write the dbt documentation page into exports/
	$(BIN)/dbt docs generate --static
	@mkdir -p exports && cp target/static_index.html exports/docs.html

SIZES ?= 1000000
bench: .venv/.installed-dev ## Compare speed and memory with the notebook way, SIZES=<customers ...>
	$(BIN)/python -m benchmarks.compare $(SIZES)
	$(BIN)/python -m benchmarks.report

clean: ## Remove what builds leave behind, but not .venv
	rm -rf target logs exports warehouse.duckdb warehouse.duckdb.wal

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14
