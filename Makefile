# The register of blue light collaboration. `make` lists what there is to do.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
# The project has one settings module; somebody else's in the environment would only confuse.
unexport DJANGO_SETTINGS_MODULE

# Settings as a real installation has them, for the checks; nothing connects to these addresses.
PRODUCTION := SECRET_KEY=0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-checks \
	DATABASE_URL=postgres://bluelight_web:secret@127.0.0.1:1/bluelight REDIS_URL=redis://127.0.0.1:1/0 \
	ALLOWED_HOSTS=register.example.org EMAIL_URL=smtp+tls://user:secret@127.0.0.1:1 \
	SITE_URL=https://register.example.org DEMO=0

.PHONY: help demo manage clean-demo test test-fast test-faults mutants bench check migrations audit permissions lock

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

demo: $(VENV)/demo-is-installed ## run everything with sample data on http://localhost:8000 (PORT=… for another)
	@exec $(RUN) -m bluelight.demo

manage: ## run a command of Django's in the running demo: make manage DO="send_due_digests --dry-run"
	@$(RUN) -m bluelight.manage $(DO)

clean-demo: ## forget the demo: remove its data
	@$(PYTHON) bluelight/embedded/places.py var

# The tests start some hundred processes. Where Python is told to keep no bytecode, each of them would compile the code.
ifneq ($(PYTHONDONTWRITEBYTECODE),)
test test-fast: export PYTHONPYCACHEPREFIX := $(CURDIR)/var/tests/bytecode
test test-fast: export PYTHONDONTWRITEBYTECODE :=
endif

test: $(VENV)/dev-is-installed ## run all tests, in a browser too
	@$(RUN) -m tests.support.browser
	@$(RUN) -m tests.support.office
	@$(RUN) -m tests.support.poppler
	@$(RUN) -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(TESTS)

test-fast: $(VENV)/dev-is-installed ## run the tests that need no browser
	@$(RUN) -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not browser" $(TESTS)

FAULTS := --scripts 50
test-faults: $(VENV)/dev-is-installed ## kill what sends the digest, in random ways, and count who got what (var/faults.json)
	@$(RUN) -m tests.faults $(FAULTS)

MUTANTS :=
mutants: $(VENV)/dev-is-installed ## take one guard out at a time, in a copy, and see that a test notices
	@$(RUN) -m tests.mutants $(MUTANTS)

ROWS := 100000
bench: $(VENV)/dev-is-installed ## how fast the pages are with ROWS="10000 100000" initiatives (docs/performance.md)
	@$(RUN) -m tests.bench --rows $(ROWS) $(BENCH)

check: $(VENV)/dev-is-installed ## look the code over: style, types, floors, templates, migrations, settings
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(PRODUCTION) $(RUN) -m mypy
	$(VENV)/bin/lint-imports
	$(RUN) -m djlint --lint --quiet templates
	$(PRODUCTION) $(RUN) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(RUN) manage.py check --deploy --fail-level WARNING

migrations: $(VENV)/dev-is-installed ## write the migration that changed models need; no database is asked (docs/changing.md)
	@$(PRODUCTION) $(RUN) -W ignore::RuntimeWarning manage.py makemigrations register

permissions: $(VENV)/dev-is-installed ## write docs/permissions.md anew from the table that the tests hold
	@$(RUN) -m tests.permissions

audit: $(VENV)/dev-is-installed ## look for known weaknesses, careless code, unsafe settings and secrets (docs/running.md)
	@$(PRODUCTION) $(RUN) -m tests.audit $(AUDIT)

# One resolution for all three files: the smaller ones are held to the versions of the largest.
LOCK := -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
lock: $(VENV)/dev-is-installed ## choose the newest versions that requirements/*.in allow
	@$(RUN) -m uv --version >/dev/null 2>&1 || $(RUN) -m pip install --quiet --disable-pip-version-check uv
	$(RUN) $(LOCK) --upgrade requirements/dev.in -o requirements/dev.txt
	$(RUN) $(LOCK) --upgrade -c requirements/dev.txt requirements/demo.in -o requirements/demo.txt
	$(RUN) $(LOCK) --upgrade -c requirements/dev.txt requirements/base.in -o requirements/base.txt

$(VENV)/demo-is-installed $(VENV)/dev-is-installed: $(VENV)/%-is-installed: requirements/%.txt | $(VENV)/bin/python
	@echo "Installing requirements/$*.txt"
	@$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/$*.txt
	@touch $@

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) was not found: Python 3.11 or newer is needed."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) -V 2>&1). PYTHON=… names another."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "$(PYTHON) can't make virtual environments here: apt-get install python3-venv"; exit 1; }
	@echo "Making $(VENV)"
	@$(PYTHON) -m venv $(VENV)
