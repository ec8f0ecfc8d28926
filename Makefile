# Flux: every command of the project, one line each. `make` alone lists them.
SHELL := /bin/bash
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
export JSII_NODE := $(CURDIR)/node_modules/.bin/node
# Without bytecode every synth compiles CDK's megabytes anew: 9 s instead of 4.
unexport PYTHONDONTWRITEBYTECODE
export CDK_DISABLE_CLI_TELEMETRY := true
PYTHON := .venv/bin/python

.PHONY: help tools build up dev down status check test test-long synth policy accept docs bench canary lint format

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16
	@echo "PART of test-long is one of: $$(scripts/test-long --list)"

tools: .build/bootstrapped ## Python 3.13 environments and Node tools, from the lock files
# What a person has removed since is installed again.
INSTALLED := .venv/bin/python .build/emulator-venv/bin/python .build/scanners-venv/bin/python node_modules/.bin/node
.PHONY: removed
.build/bootstrapped: scripts/bootstrap uv.lock package-lock.json local_aws/uv.lock policy/scanners/uv.lock \
		$(if $(filter-out $(wildcard $(INSTALLED)),$(INSTALLED)),removed)
	@scripts/bootstrap

build: tools ## function bundles, site and model into .build/; nothing when inputs are unchanged
	@$(PYTHON) -m build

up: tools ## the whole platform on this machine, with proof
	@$(PYTHON) -m local up

dev: tools ## bring what you edit to the platform on this machine, seconds later
	@$(PYTHON) -m local dev

down: tools ## stop and clean everything that `make up` started; a `make up` or `make dev` under way is ended first
	@$(PYTHON) -m local down

status: tools ## site, logins, health, and what is live on this machine; RAW=1 adds the stacks' outputs
	@$(PYTHON) -m local status $(if $(RAW),--outputs)

check: build ## lint, types, and the tests that need neither a database nor a platform; about 90 s on two idle cores
	@scripts/check

test: build ## every test but the long ones, the system tests on the local AWS included
	@scripts/test

test-long: build ## what is long by nature: all, or one PART=; a part that has passed at this commit is not repeated
	@scripts/test-long "$(PART)"

synth: build ## all environments into cdk.out, judged by cdk-nag and CDK's validation; fails on findings
	@# The CLI ends with the names of all stacks, also when it is told to be quiet; findings stay, and so does its status.
	@set -o pipefail; cdk synth '**' --quiet --no-lookups --build '' 2>&1 | sed -u '/^Supply a stack id (/d'

bench: build ## what synthesis and the webhook take beside others; ONLY=gated, single or webhook
	@npm ci --silent --no-audit --no-fund --prefix bench
	@$(PYTHON) -m bench $(if $(ONLY),--only $(ONLY))

canary: tools ## simulate canary releases; rewrites the tables and plots of docs/canary.md
	@$(PYTHON) -m research.canary

lint: tools ## ruff, mypy, import-linter, squawk, zizmor, actionlint
	@scripts/lint

format: tools ## rewrite the code as `make lint` wants it
	@$(PYTHON) -m ruff check --quiet --fix . && $(PYTHON) -m ruff format --quiet .

TEMPLATES = cdk.out
policy: $(if $(filter cdk.out,$(TEMPLATES)),synth,tools) ## difference from the accepted surface, our rules, scanners; TEMPLATES=folder judges others
	@$(PYTHON) -m policy $(TEMPLATES)
	@$(if $(filter cdk.out,$(TEMPLATES)),$(PYTHON) -m policy.scan cdk.out)

accept: build ## rewrite the accepted surface in policy/surface, and what it costs; review the difference
	@CDK_VALIDATION=false cdk synth '**' --quiet --no-lookups --build '' > /dev/null
	@$(PYTHON) -m policy accept cdk.out
	@$(PYTHON) -m cost accept cdk.out

docs: tools ## rewrite what of docs/ is derived: pictures, indexes, controls
	@npm ci --silent --no-audit --no-fund --prefix docs/generate
	@PYTHONPATH=lambdas $(PYTHON) -m docs.generate

