# The two commands a newcomer needs are `make run` and `make test`; everything else is for people who work on it.
SHELL := /bin/bash
PYTHON ?=
BIN := .venv/bin
# Each role and each worker of a test would compile the whole house anew.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run test tests-without-browser test-long faults faults-long check screens clean

run: .venv
	DEMO=$${DEMO:-1} exec $(BIN)/python app.py

.venv: .venv/.runtime

.venv/.runtime: requirements.txt tools/prepare.sh
	bash tools/prepare.sh runtime "$(PYTHON)"

.venv/.dev: .venv/.runtime requirements-dev.txt tools/prepare.sh
	bash tools/prepare.sh dev "$(PYTHON)"

check: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The checks leave one of two cores idle, so they run beside the first tests; the browser wants the machine for itself.
test: .venv/.dev
	$(MAKE) --no-print-directory -j2 check tests-without-browser
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not long" tests/browser

tests-without-browser: .venv/.dev
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not long" --ignore=tests/browser

test-long: .venv/.dev
	$(BIN)/python -m pytest --timeout=3600

# Break every part while reports flow; what was acknowledged is compared with the record. 20 faults in at most ten minutes.
FAULTS := tests/feeds/test_faults.py tests/feeds/test_report_stream.py tests/contracts/test_failures.py \
	tests/contracts/test_processes.py tests/storage/test_power_loss.py tests/feeds/test_corpus.py

faults: .venv/.dev
	$(BIN)/python -m pytest -s --timeout=600 $(FAULTS) "tests/journeys/test_demo_room.py::test_nothing_acknowledged_is_lost_or_doubled[20]"

faults-long: .venv/.dev
	$(BIN)/python -m pytest -s --timeout=3600 $(FAULTS) "tests/journeys/test_demo_room.py::test_nothing_acknowledged_is_lost_or_doubled[100]"

screens: .venv/.dev
	$(BIN)/python -m tools.screens

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache
