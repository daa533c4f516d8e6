# Two commands matter: `make run` (the demo study) and `make test` (every check and test).
PYTHON ?= python3
BIN := .venv/bin
DATA := $(or $(LARUS_DATA_DIR),var)
DEMO := $(DATA)/stimuli/gulls-demo
DRAWN := $(DATA)/networks/gulls-demo
ADDRESS ?= 127.0.0.1:8000
STUDIES := study-learning study-counterfactual study-reliance

.PHONY: run test lint demo $(STUDIES)

run: .venv/run-ready demo
	@echo "The demo study: http://$(ADDRESS)/   (Ctrl-C stops the server)"
	@LARUS_DEBUG=1 $(BIN)/python manage.py runserver --noreload $(ADDRESS)

# The network knows eight species; the demo study asks about four of them.
demo: .venv/run-ready
	@$(BIN)/python -m explainers train --refresh --images gulls:200 --network gullnet \
		--epochs 22 --lr 4e-3 --out $(DRAWN)
	@$(BIN)/python -m explainers build --images gulls:200 --network $(DRAWN) \
		--species california_gull,herring_gull,ivory_gull,ring_billed_gull \
		--methods gradcam,igos,placebo --limit 32 --out $(DEMO)
	@$(BIN)/python manage.py setup_demo --stimuli $(DEMO)

# A ready study, from pictures to the report of its rehearsal. Of your own pictures:
#   make study-learning IMAGES=cub:DIR NETWORK=var/networks/mine SPECIES=herring_gull,western_gull
#   make study-reliance IMAGES='cub:DIR?only=gull' NETWORK=var/networks/mine    asks about all gulls of CUB
$(STUDIES): .venv/run-ready
	@$(BIN)/python -m experiments study $(@:study-%=%) $(if $(IMAGES),--images '$(IMAGES)') \
		$(if $(NETWORK),--network '$(NETWORK)') $(if $(SPECIES),--species '$(SPECIES)')

test: .venv/test-ready lint
	$(BIN)/python -m pytest -n 2 --dist worksteal

lint: .venv/test-ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy experiments studyapp explainers analysis manage.py

.venv/run-ready: requirements.txt requirements-serve.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: set PYTHON=/path/to/python3"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "The venv module is missing: apt-get install python3-venv"; exit 1; }
	$(BIN)/pip install --progress-bar on -r requirements.txt
	@touch $@

.venv/test-ready: .venv/run-ready requirements-dev.txt
	$(BIN)/pip install --progress-bar on -r requirements-dev.txt
	@touch $@
