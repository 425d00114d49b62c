# es-proxy. Every target works on a fresh machine with Node (any version), npm, make and git: the runtime and the packages
# are installed on first use (see scripts/runtime.sh). `make help` lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# The Node that everything runs on, npm included, so that the lockfile is resolved for it.
ifneq ($(filter-out help clean,$(or $(MAKECMDGOALS),help)),)
RUNTIME := $(shell bash scripts/runtime.sh)
ifeq ($(RUNTIME),)
$(error no usable Node: see the message above)
endif
endif
export PATH := $(RUNTIME):$(CURDIR)/node_modules/.bin:$(PATH)

PREFIX ?= /usr/local
DESTDIR ?=
ES ?=
TLS ?=
AUDIT ?= audit
FORMAT ?=
TESTS ?= ../shared/elastic-clients-tests
FUZZ_RUNS ?= 1000000
# for each of 20 properties: a million bodies in all
FACTS_RUNS ?= 50000
# The locked versions. Not `npm ci`: it fails where a registry lacks a binding for some other platform that the lockfile could not name either.
NPM_INSTALL = npm install --no-save --no-audit --no-fund --ignore-scripts --loglevel=error
# Test files run two at a time: the suite is meant for machines with two cores. Property tests draw the
# same values in every run (PROPERTY_SEED=random draws anew). Compiled code is kept between processes: the
# tests start commands some thousand times, each with 0.2 instead of 0.6 s of CPU.
NODE_TEST = NODE_COMPILE_CACHE=$(CURDIR)/node_modules/.cache/compile node --import tsx --import ./test/support/property-seed.ts --test --test-concurrency=2 --test-timeout=240000

.PHONY: help deps install uninstall build run check format test test-functional test-memory test-stress stress nightly \
  test-elasticsearch test-differential test-esql test-tools test-fleet test-conformance test-restarts record-goldens fuzz test-crash bench bench-tcp bench-slow bench-bytes bench-ship bench-scale check-cost \
  doctor flame heap clean endpoints schema docs

help: ## this list
	@awk -F ':.*## ' '/^[a-z -]+:.*## /{printf "  make %-20s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  make run ES=http://host:9200      the proxy in front of a real cluster"
	@echo "  make run TLS=1                    the same with TLS towards clients"
	@echo "  make run AUDIT=-                  the records as text on the terminal, no files"

deps: node_modules/.installed ## install the packages (nothing global, no install scripts)

node_modules/.installed: package.json package-lock.json
	@$(NPM_INSTALL)
	@touch $@

install: build ## es-proxy and mock-es below PREFIX (/usr/local): whole programs that need nothing else
	@node scripts/install.ts install --prefix "$(PREFIX)" --destdir "$(DESTDIR)"

uninstall: ## remove what `make install` put there
	@node scripts/install.ts uninstall --prefix "$(PREFIX)" --destdir "$(DESTDIR)"

build: deps ## compile to dist/
	@rm -rf dist
	tsc -p tsconfig.build.json
	tsc -p tsconfig.build-mock.json
	@node scripts/bundle-page.ts src/explorer/page dist/explorer
	@chmod +x dist/cli/main.js dist/mock-es/main.js

run: deps ## a mock Elasticsearch, the proxy on 127.0.0.1:9200 and the explorer of its audit on 127.0.0.1:9181
	@node scripts/run.ts --es "$(ES)" --audit "$(AUDIT)" --format "$(FORMAT)" $(if $(TLS),--tls)

check: deps build ## types, lint, format, unused code, layers, package
	tsc -p tsconfig.json
	tsc -p src/explorer/page/tsconfig.json
	oxlint
	oxfmt --check
	knip
	$(NODE_TEST) test/contract/*.test.ts
	@bash scripts/check-package.sh

format: deps ## rewrite the sources in the project's format
	oxfmt

test: check test-functional ## everything that must pass

test-functional: deps ## all tests
	$(NODE_TEST) $$(find test -name '*.test.ts' -not -path 'test/contract/*' | sort)

test-memory: deps ## memory slope gate: live bytes per request, and planted leaks that must be found (some minutes)
	@node leak/slope.ts --runs 3

test-stress: deps ## 5 minutes of mixed load with 50 clients, every answer checked, the audit reconciled
	@node stress/main.ts --scenario mixed --duration 300s --clients 50

SCENARIO ?= mixed
DURATION ?= 30s
CLIENTS ?= 50
stress: deps ## one scenario: make stress SCENARIO=bulk DURATION=30s CLIENTS=50
	@node stress/main.ts --scenario $(SCENARIO) --duration $(DURATION) --clients $(CLIENTS)

nightly: deps ## everything long: slope gate, stress, crash, rolling restarts, fuzz, real tools
	node leak/slope.ts
	node leak/slope.ts --long --no-controls
	node leak/shipping.ts
	$(MAKE) test-stress test-crash test-restarts fuzz test-tools

test-restarts: deps ## 20 rolling restarts of the workers under load
	RESTARTS=20 node --import tsx --test test/lifecycle/workers.test.ts

doctor flame heap: deps stress/clinic/node_modules/.installed ## clinic (or Node's own profiler) on the proxy under load
	@node stress/clinic/main.ts $@

stress/clinic/node_modules/.installed: stress/clinic/package.json stress/clinic/package-lock.json
	@$(NPM_INSTALL) --prefix stress/clinic
	@touch $@

test-elasticsearch: deps ## the client scenarios against a real Elasticsearch (needs Maven and a JDK >= 21; exit 3 says what is missing)
	@node test/elasticsearch/main.ts

test-tools: deps ## real tools from their registries: Filebeat and rsyslog ship a trail, Python and npm tools use the mock (exit 3 says what is missing)
	node --import tsx --test --test-concurrency=1 --test-timeout=1200000 $$(ls test/tools/*-tools.ts)
	@node test/tools/main.ts

EXCHANGES ?= 30000
test-fleet: deps ## three proxies ship into a real Elasticsearch, with faults and kills between: make test-fleet EXCHANGES=1000000
	@node stress/fleet/main.ts --exchanges $(EXCHANGES)

test-differential: deps ## random searches over random documents, the mock beside a real node: SCENARIOS=100 SEED=7 GENERATED=1 or SECURED=9.5.3 (needs Maven and a JDK)
	@node test/elasticsearch/differential/main.ts $(if $(SCENARIOS),--scenarios $(SCENARIOS)) $(if $(SEED),--seed $(SEED)) $(if $(GENERATED),--generated) $(if $(SECURED),--secured $(SECURED))

test-esql: deps ## generated ES|QL, the mock beside a real node of 8.19: QUERIES=2000 SEED=7 (needs Maven and a JDK)
	@node test/elasticsearch/esql/main.ts $(if $(QUERIES),--queries $(QUERIES)) $(if $(SEED),--seed $(SEED))

test-conformance: deps ## Elastic's own YAML tests against the mock (needs Maven); TESTS=folder adds the client tests of a folder
	@node test/conformance/clients/specification-main.ts
	@if [ -n "$(TESTS)" ]; then node test/conformance/clients/main.ts "$(TESTS)" --through-proxy; fi

record-goldens: deps ## store the answers of a real Elasticsearch to the golden corpus
	@node test/elasticsearch/record-goldens.ts

test-crash: deps ## kill -9 under load, 100 times
	CRASH_RUNS=100 node --import tsx --test test/e2e/crash.test.ts

fuzz: deps ## a million mutated heads and bodies against Node's own parser, and bodies against parsers of whole ones
	FUZZ_RUNS=$(FUZZ_RUNS) node --import tsx --test test/fuzz/*.test.ts
	FACTS_RUNS=$(FACTS_RUNS) node --import tsx --test test/elasticsearch-knowledge/body/*.test.ts

bench: deps build stress/node_modules/.installed ## CPU per request against nginx, HAProxy and Node proxies: make bench BENCH="--quick"
	@node stress/bench-mock.ts
	@node stress/bench/main.ts $(BENCH)

stress/node_modules/.installed: stress/package.json stress/package-lock.json
	@$(NPM_INSTALL) --prefix stress
	@touch $@

bench-tcp: deps ## the TCP router against HAProxy and nginx: CPU per exchange and connection, bytes per second
	@node stress/bench-tcp/main.ts

bench-bytes: deps ## CPU for each megabyte in forms that are dear to read, beside plain uploads
	@node stress/bench-bytes/main.ts

bench-slow: deps ## what 2,000 clients that are slow on purpose do to everybody else
	@node stress/bench-slow/main.ts

bench-ship: deps ## the p99 of clients while the target of shipping is away, slow or silent, beside that without one
	@node stress/bench-ship/main.ts

bench-scale: deps build ## CPU per request of 1, 2 and 4 workers, handed sockets beside reusePort, with a USL fit
	@node stress/bench-scale/main.ts

check-cost: deps ## instructions per request against the accepted ones; 5 % more is a failure (needs Valgrind; exit 3 says so)
	@node stress/cost/main.ts

endpoints: deps ## generate the API endpoint table: make endpoints DATA=file.json
	@node scripts/generate-endpoint-table.ts "$(DATA)"

schema: deps ## write the configuration's JSON Schema for editors: es-proxy.schema.json
	@node src/cli/main.ts schema > es-proxy.schema.json

docs: deps ## write the pages that are made from the code: docs/configuration.md
	@node scripts/generate-configuration.ts > docs/configuration.md

clean: ## remove what was built and installed here (not the audit)
	rm -rf dist node_modules stress/node_modules .runtime artifacts stress/results leak/results
