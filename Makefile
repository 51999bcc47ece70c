# Every command of the project. `make help` lists them.
#
# A machine needs make and any Python from 3.11 with pip (`make check` also npm). `make setup` brings the
# rest, inside this folder: uv, where it isn't installed; Python 3.13, where uv finds none (kept in uv's
# own store); the project's environment (.venv) and the SAM CLI's (.sam-venv: requirements/sam.in says
# why it is apart). Environments of other tools are made when they are first used. Finished steps leave
# a stamp in .make/ and run again only when what they were made from has changed.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON3 ?= python3
UV = $$(cat .make/uv)
BIN := .venv/bin
SAM := .sam-venv/bin/sam

# Nothing is imported but what is pinned.
unexport PYTHONPATH
export SAM_CLI_TELEMETRY := 0
# Where bytecode caching is switched off, every start of the SAM CLI would compile it anew, for seconds.
unexport PYTHONDONTWRITEBYTECODE
# An environment that is remade starts empty. (A variable: not every uv knows the flag.)
export UV_VENV_CLEAR := 1

# This machine's architecture in Lambda's words: the embedded AWS runs the built functions right here.
LOCAL_ARCHITECTURE := $(if $(filter arm64 aarch64,$(shell uname -m)),arm64,x86_64)
# The same in Linux's words, for layers/guardian/Makefile.
export ARCHITECTURES := $(LOCAL_ARCHITECTURE:arm64=aarch64)
BUILD_SOURCES := template.yaml $(wildcard stacks/*.yaml) \
	$(shell find functions layers statemachines -name __pycache__ -prune -o -type f -print 2>/dev/null)

.PHONY: help
help: ## List the commands
	@awk -F ':[^#]*## ' '/^[a-z-]+:.*## / { printf "make %-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# ---- Run ------------------------------------------------------------------------------------------

.PHONY: demo
demo: setup build ## Show the main job on the embedded AWS: drift repaired, a table restored
	@PYTHONPATH=layers/guardian $(BIN)/python -m demo

PORT ?= 4566

.PHONY: up
up: setup build ## Start the embedded AWS with the stack deployed, until Ctrl-C (PORT=4566, PARAMETERS="Mode=notify-only")
	@$(BIN)/python -m localcloud up --port $(PORT) $(PARAMETERS)

# The functions' architecture in an account; the template's default.
ARCHITECTURE ?= arm64

.PHONY: deploy
deploy: setup ## Build, check and deploy to your account (ARGS="--config-env prod" goes to `sam deploy`; ARCHITECTURE=x86_64)
	@$(BIN)/python -m deployment --architecture $(ARCHITECTURE) $(ARGS)

# ---- Prove ----------------------------------------------------------------------------------------

# The suites with an embedded AWS mostly wait, and wait side by side (tests/conftest.py). WORKERS=0 runs
# all in one process, for a debugger.
WORKERS ?= 8

# Both at once: each has a core.
.PHONY: prepared
prepared:
	@$(MAKE) --no-print-directory -j2 build .make/compiled

.PHONY: test
test: prepared ## Run every test suite (ARGS="-k period -x" goes to pytest)
	@$(BIN)/pytest --numprocesses $(WORKERS) --dist loadscope --no-loadscope-reorder $(ARGS)

.PHONY: bench
bench: setup build .make/custodian ## Measure side by side with others, into benchmarks/RESULTS.md (ARGS="sweep storm")
	@PYTHONPATH=layers/guardian $(BIN)/python -m benchmarks $(ARGS)

# RUNS=50 plays so many seeds, SEED=4711 one again, and ARGS goes to tests/chaos ("--help" says what).
RUNS ?= 200
.PHONY: chaos
chaos: setup build ## Play 200 seeded runs of faults on the deployed stack (RUNS=50, or SEED=4711 again)
	@PYTHONPATH=layers/guardian:. $(BIN)/python -m tests.chaos --runs $(RUNS) $(if $(SEED),--seed $(SEED)) $(ARGS)

# In a copy, with the package on top: mutmut knows functions by where their files lie. Each run begins anew: mutmut
# would keep what it found before a test was added. CONTRIBUTING.md says how to read it.
MUTATION := .make/mutation
.PHONY: mutation
mutation: .make/mutmut ## Break decisions on purpose and list what no unit test notices, for an hour and more (ARGS="*.decision*")
	@rm -rf $(MUTATION)
	mkdir -p $(MUTATION)/tests
	cp -R layers/guardian/pitr_guardian events pyproject.toml $(MUTATION)/
	cp -R tests/unit tests/fakes tests/conftest.py $(MUTATION)/tests/
	# What looks at the project's files, or at other programs than the package.
	rm -rf $(MUTATION)/tests/unit/{benchmarks,demo,deployment,localcloud,facts/test_failure_advice.py,test_imports.py,test_pins.py}
	cd $(MUTATION)
	# One process: mutmut takes every core otherwise.
	../../.mutation-venv/bin/mutmut run --max-children 1 $(ARGS) >run.log 2>&1 \
		|| { tail -c 3000 run.log >&2; exit 1; }
	../../.mutation-venv/bin/mutmut results

.PHONY: check
check: check-python check-imports check-template check-security check-policies check-statemachines ## Format, lint, types, imports, template, its security, policies, state machines

.PHONY: check-python
check-python: setup
	@$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

.PHONY: check-imports
check-imports: setup
	@PYTHONPATH=layers/guardian:cli/src $(BIN)/lint-imports

.PHONY: check-template
check-template: setup
	@AWS_DEFAULT_REGION=us-east-1 $(SAM) validate --lint
	$(BIN)/cfn-lint --append-rules cfn_lint_serverless.rules --template template.yaml stacks/*.yaml
	# Without the rules for serverless applications: a dead-letter queue in each member would be read by nobody, and what
	# was lost is found by the next sweep.
	$(BIN)/cfn-lint --template organization/*.yaml

# checkov doesn't read SAM, nor YAML's merge keys: it gets what CloudFormation gets.
.PHONY: check-security
check-security: setup .make/security
	@mkdir -p .make/translated
	rm -f .make/translated/*
	$(BIN)/python -m tests.infrastructure.translated .make/translated
	cp organization/*.yaml .make/translated
	.security-venv/bin/checkov --config-file .checkov.yaml --directory .make/translated

# tools/policy-cases*.json say who may do what under docs/policies/scp-*.json.
.PHONY: check-policies
check-policies: .make/node
	@node tools/simulate-policies.mjs

.PHONY: audit
audit: .make/security ## Look for pins that are known to be vulnerable (asks the package registries)
	@for pins in layers/guardian/requirements.txt functions/*/requirements.txt requirements/*.txt; do
		echo "$$pins"
		# --strict: a pin that the service doesn't know is no pin without faults.
		.security-venv/bin/pip-audit --strict --disable-pip --require-hashes --progress-spinner off -r "$$pins"
	done
	npm audit --prefix tools

.PHONY: check-statemachines
check-statemachines: .make/node
	@mkdir -p .make/statemachines
	for definition in statemachines/*.json; do
		echo "$$definition"
		# As deployed: the substitutions are no ARNs and no numbers by themselves.
		checked=".make/$$definition"
		sed -e 's/$${Partition}/aws/g' -e 's/$${[A-Za-z]*}/1/g' "$$definition" >"$$checked"
		tools/node_modules/.bin/asl-validator --json-path "$$checked"
	done

# ---- Make -----------------------------------------------------------------------------------------

.PHONY: setup
setup: .make/dev .make/sam .make/cli ## Make the environments (the other commands do so by themselves)

# The path of uv: the one on PATH if it runs (a pyenv shim may not), else one of our own. Python is
# called from / because pyenv would obey our .python-version, whether it has that Python or not.
.make/uv: requirements/uv.txt
	@mkdir -p .make
	if uv --version >/dev/null 2>&1; then
		command -v uv >$@
		exit
	fi
	cd /
	if ! $(PYTHON3) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
		echo "Setting up needs Python 3.11 or later as $(PYTHON3), or uv on PATH." \
			"Found: $$($(PYTHON3) --version 2>&1 || true)" >&2
		exit 1
	fi
	if ! $(PYTHON3) -m pip --version >/dev/null 2>&1; then
		echo "$(PYTHON3) has no pip. Install it (Debian, Ubuntu: apt install python3-pip)," \
			"or put uv on PATH." >&2
		exit 1
	fi
	echo "Installing uv into .tools/uv"
	$(PYTHON3) -m pip install --quiet --root-user-action ignore --upgrade \
		--target $(CURDIR)/.tools/uv --require-hashes -r $(CURDIR)/$<
	cd $(CURDIR)
	echo .tools/uv/bin/uv >$@

.make/dev: requirements/dev.txt .make/uv .python-version
	@echo "Making .venv, with Python $$(cat .python-version)"
	$(UV) venv --quiet --python "$$(cat .python-version)" .venv
	$(UV) pip sync --quiet --require-hashes --python .venv $<
	touch $@

# The command line as users get it, but for its code, which is taken from its folder as it stands.
.make/cli: cli/pyproject.toml .make/dev
	@$(UV) pip install --quiet --no-deps --no-build-isolation --python .venv --editable cli
	touch $@

# What the suites import, compiled while the stack is built: each of the processes that run them would
# compile all of it by itself. What can't be imported is told when the suites run.
.make/compiled: .make/dev .make/cli
	@$(BIN)/pytest --collect-only --quiet >/dev/null 2>&1 || true
	touch $@

.make/sam: requirements/sam.txt .make/uv .python-version
	@echo "Making .sam-venv, for the SAM CLI"
	$(UV) venv --quiet --python "$$(cat .python-version)" .sam-venv
	$(UV) pip sync --quiet --require-hashes --python .sam-venv $<
	touch $@

.make/custodian: requirements/custodian.txt .make/uv .python-version
	@echo "Making .custodian-venv, for Cloud Custodian"
	$(UV) venv --quiet --python "$$(cat .python-version)" .custodian-venv
	$(UV) pip sync --quiet --require-hashes --python .custodian-venv $<
	touch $@

.make/security: requirements/security.txt .make/uv .python-version
	@echo "Making .security-venv, for checkov and pip-audit"
	$(UV) venv --quiet --python "$$(cat .python-version)" .security-venv
	$(UV) pip sync --quiet --require-hashes --python .security-venv $<
	touch $@

.make/mutmut: requirements/mutation.txt .make/uv .python-version
	@echo "Making .mutation-venv, for mutmut"
	$(UV) venv --quiet --python "$$(cat .python-version)" .mutation-venv
	$(UV) pip sync --quiet --require-hashes --python .mutation-venv $<
	touch $@

.make/node: tools/package-lock.json
	@mkdir -p .make
	if ! command -v npm >/dev/null; then
		echo "State machines and policies are checked by packages of npm. Install it (Node.js 18 or later)." >&2
		exit 1
	fi
	npm ci --prefix tools --no-audit --no-fund --loglevel error
	touch $@

.PHONY: build
build: .aws-sam/local/template.yaml ## Build the stack for this machine's architecture

# Apart from .aws-sam/build, where `sam build` and `sam deploy` by hand meet: packages built for this
# machine must never reach an AWS account, whose functions may have the other architecture.
# `sam build` uses the python3.13 and pip that come first on PATH: ours.
.aws-sam/local/template.yaml: $(BUILD_SOURCES) | setup
	@echo "Building the stack for $(LOCAL_ARCHITECTURE)"
	PATH="$(CURDIR)/$(BIN):$$PATH" $(SAM) build --language-extensions --cached --parallel --build-dir .aws-sam/local \
		--parameter-overrides Architecture=$(LOCAL_ARCHITECTURE) >.make/build.log 2>&1 \
		|| { cat .make/build.log >&2; exit 1; }

# ---- Keep -----------------------------------------------------------------------------------------

LOCK = $(UV) pip compile --quiet --upgrade --universal --python-version $$(cat .python-version) \
	--generate-hashes --no-emit-index-url --no-header

.PHONY: lock
lock: .make/uv ## Move every pin to its newest version
	@$(LOCK) requirements/uv.in -o requirements/uv.txt
	$(LOCK) requirements/sam.in -o requirements/sam.txt
	$(LOCK) requirements/custodian.in -o requirements/custodian.txt
	$(LOCK) requirements/security.in -o requirements/security.txt
	$(LOCK) requirements/dev.in -o requirements/dev.txt
	$(LOCK) layers/guardian/requirements.in -c requirements/dev.txt -o layers/guardian/requirements.txt
	$(LOCK) functions/report/requirements.in -c requirements/dev.txt -o functions/report/requirements.txt
	$(LOCK) functions/undo/pages/requirements.in -c requirements/dev.txt -o functions/undo/pages/requirements.txt
	$(LOCK) functions/drills/pages/requirements.in -c requirements/dev.txt -o functions/drills/pages/requirements.txt
	$(LOCK) requirements/mutation.in -c requirements/dev.txt -o requirements/mutation.txt
	npm update --prefix tools --package-lock-only --no-audit --no-fund

.PHONY: format
format: setup ## Format the code and apply the safe fixes
	@$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

.PHONY: permissions
permissions: setup ## Write docs/permissions.md from the template and the code
	@PYTHONPATH=layers/guardian $(BIN)/python -m tests.infrastructure.rights

.PHONY: pictures
pictures: setup build ## Draw what the command line and a plan's page show (docs/pictures)
	@$(BIN)/python -m demo.pictures
	PYTHONPATH=layers/guardian:. $(BIN)/python -m tests.browser.pictures docs/pictures

.PHONY: clean
clean: ## Remove everything the commands made
	@rm -rf .venv .sam-venv .custodian-venv .security-venv .mutation-venv .make .tools .aws-sam tools/node_modules \
		.pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis demo-report.html
	find . -name __pycache__ -prune -exec rm -rf {} +
