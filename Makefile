# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
#
# What people run. Each target is a line here and a script in scripts/.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo demo-cluster build deb test test-deb lint format mutants tsan soak screenshots hooks clean

help: ## list the targets
	@echo 'make TARGET [ARGS="…"]'
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-12s %s\n", $$1, $$2}' Makefile

demo: ## install what is missing, build, and run a living demonstration
	@scripts/bootstrap
	@scripts/build
	@exec "$$(scripts/build --path)" demo $(ARGS)

demo-cluster: ## three servers on one PostgreSQL, one broker, and desks that live (PORT, DESKS)
	@scripts/bootstrap --cluster
	@scripts/build
	@exec scripts/demo-cluster

build: ## build the consultease command (debug; shared with the tests)
	@scripts/bootstrap
	@scripts/build

test: ## all that CI runs: lint, build without warnings, every test (ARGS="swift api" picks parts)
	@scripts/test $(ARGS)

deb: ## make the Debian package in artifacts/ (CONSULTEASE_DEB_CONFIGURATION=debug for a quick try)
	@scripts/bootstrap --package
	@scripts/deb

test-deb: ## install, use, upgrade, remove and purge the package on throwaway machines; as root
	@scripts/bootstrap --tests --package
	@scripts/test-deb $(ARGS)

lint: ## style, layers and the rules of the tree
	@scripts/bootstrap --tests
	@scripts/lint $(ARGS)

format: ## write Swift and Python the way lint wants them
	@scripts/bootstrap --tests
	@scripts/format $(ARGS)

mutants: ## plant each kept bug, and see that its test notices (ARGS="NAME…" picks some)
	@scripts/bootstrap --tests
	@scripts/mutants $(ARGS)

tsan: ## the tests of the concurrent targets under the Thread Sanitizer
	@scripts/bootstrap --tests
	@scripts/tsan $(ARGS)

soak: ## a long load with faults against a server of its own (SOAK_MESSAGES, SOAK_UNITS)
	@scripts/bootstrap
	@scripts/soak $(ARGS)

screenshots: ## take the pictures of docs/images anew
	@scripts/bootstrap --tests
	@scripts/build
	@.venv/bin/python scripts/screenshots $(ARGS)

hooks: ## let git lint what is staged before each commit
	@git config core.hooksPath .githooks
	@echo 'git now runs .githooks/pre-commit before each commit'

clean: ## remove everything that was built or downloaded (not ./consultease-data)
	@rm -rf .build .build-* .venv .ruff_cache artifacts
	@find Tests scripts -name __pycache__ -prune -exec rm -rf {} +
