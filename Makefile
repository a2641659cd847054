PYTHON ?= python3
BIN := .venv/bin
export DBT_PROFILES_DIR := $(CURDIR)

.DEFAULT_GOAL := all
.PHONY: all install build publish postgres spark example test test-long faults mutants audit lint format requirements docs notebook \
	bench clean help

all: build publish ## Install, build the warehouse and publish exports/

install: .venv/.installed ## Install what a build needs into .venv

.venv/.installed: requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.installed-postgres: engines/requirements.txt engines/pyproject.toml .venv/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r engines/requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e engines
	@touch $@

.venv/.installed-spark: engines/requirements-spark.txt engines/pyproject.toml .venv/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r engines/requirements-spark.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e engines
	@touch $@

.venv/.installed-dev: requirements-dev.txt .venv/.installed .venv/.installed-postgres .venv/.installed-spark
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

build: install ## Build and test the warehouse
	$(BIN)/dbt build

publish: install ## Write exports/ from the warehouse
	$(BIN)/mall-segments publish

postgres: .venv/.installed-postgres ## Build and test the warehouse in the PostgreSQL database that PGDATABASE names
	@$(BIN)/dbt --quiet debug --target postgres --connection || { echo \
		"No PostgreSQL answers there. Start one, and say in PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE which."; \
		exit 1; }
	$(BIN)/dbt build --target postgres

spark: .venv/.installed-spark ## Build and test the warehouse with Spark, in the folder warehouse.spark
	@command -v java >/dev/null || { echo "Spark needs Java 17 or newer; install it, such as openjdk-17-jre-headless."; exit 1; }
	$(BIN)/dbt build --target spark

NAME ?= shop
EXAMPLE := examples/$(NAME)
example: install ## Build and publish the example NAME=<shop, bank, telecom or clinic> into its own folder
	MALL_SEGMENTS_DB=$(EXAMPLE)/warehouse.duckdb $(BIN)/dbt build --target-path $(EXAMPLE)/target \
		--vars "$$(cat $(EXAMPLE)/vars.yml)"
	$(BIN)/mall-segments publish --warehouse $(EXAMPLE)/warehouse.duckdb $(EXAMPLE)/exports

test: .venv/.installed-dev lint ## Run every check but the long ones
	$(BIN)/pytest --numprocesses auto --dist loadfile -m "not long"

test-long: .venv/.installed-dev ## Run the checks that take minutes each
	$(BIN)/pytest -m long

FAULTS ?= 60
CUSTOMERS ?= 200
faults: .venv/.installed-dev ## Kill builds and publishing at FAULTS=<n> random moments, of CUSTOMERS=<n>; disks, clocks, two at once
	MALL_SEGMENTS_FAULTS=$(FAULTS) MALL_SEGMENTS_CUSTOMERS=$(CUSTOMERS) $(BIN)/pytest tests/faults \
		tests/publishing/test_exports_folder.py tests/publishing/test_finished_builds.py \
		tests/publishing/test_user_errors.py

# Apart from what builds and tests are pinned to, and on top of it.
.venv-mutants/.installed: .venv/.installed-dev
	$(PYTHON) -m venv .venv-mutants
	.venv-mutants/bin/pip install --quiet --disable-pip-version-check cosmic-ray==8.7.0 coverage==7.17.5
	$(BIN)/python -c "import sysconfig; print(sysconfig.get_path('purelib'))" \
		> $$(.venv-mutants/bin/python -c "import sysconfig; print(sysconfig.get_path('purelib'))")/project.pth
	@touch $@

SAMPLE ?= 40
mutants: .venv-mutants/.installed ## Change MODULES=<files, by default all> in SAMPLE=<n> places each and see what tests notice
	.venv-mutants/bin/python -m tests.mutants --sample $(SAMPLE) $(MODULES)

audit: .venv/.installed-dev ## List licences and known vulnerabilities of the packages, fail on one that does not do
	$(BIN)/python tests/audit.py

# A macro is no statement by itself, so of macros the linter sees line lengths and the spacing of Jinja.
lint: .venv/.installed-dev ## Check format and style
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/dbt seed --quiet
	$(BIN)/sqlfluff lint --processes 0 --disable-progress-bar models_sql tests/data_tests analyses
	$(BIN)/sqlfluff lint --processes 0 --disable-progress-bar --config .sqlfluff-purchases \
		$$(grep -lrE 'enabled=(has_(purchases|rules)|loads_csv)' models_sql tests/data_tests)
	$(BIN)/sqlfluff lint --processes 0 --disable-progress-bar --templater jinja macros tests/data_tests/generic

format: .venv/.installed-dev ## Fix format and style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

requirements: ## Update the pinned versions (needs uv)
	uv pip compile --universal --generate-hashes --no-strip-extras --no-emit-index-url --python-version 3.11 \
		--extra build --extra dev pyproject.toml -o requirements-dev.txt
	uv pip compile --universal --generate-hashes --no-strip-extras --no-emit-index-url --python-version 3.11 \
		--extra build -c requirements-dev.txt pyproject.toml -o requirements.txt
	uv pip compile --universal --generate-hashes --no-strip-extras --no-emit-index-url --python-version 3.11 \
		--extra postgres -c requirements-dev.txt engines/pyproject.toml -o engines/requirements.txt
	uv pip compile --universal --generate-hashes --no-strip-extras --no-emit-index-url --python-version 3.11 \
		--extra spark -c requirements-dev.txt engines/pyproject.toml -o engines/requirements-spark.txt

docs: install ## Write a page that describes every table to target/static_index.html
	$(BIN)/dbt docs generate --static

notebook: .venv/.installed-dev build ## Run the notebook and store what it shows
	$(BIN)/python -m tests.notebook

SIZES ?= 1000000
bench: .venv/.installed-dev ## Compare speed and memory with the notebook way, SIZES=<customers ...>
	$(BIN)/python -m benchmarks.compare $(SIZES)
	$(BIN)/python -m benchmarks.report

clean: ## Remove what builds leave behind, but not .venv
	rm -rf target logs exports warehouse.duckdb warehouse.duckdb.wal warehouse.spark

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14
