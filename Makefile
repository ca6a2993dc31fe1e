# make help lists what there is.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.PHONY: help build demo test quick setup fmt vet lint unit race test-stores quiet journeys fuzz bench bench-parts bench-pages update screens clean

VERSION ?= 0.1.0
COMMIT  ?= $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT)
LINT    := go tool -modfile=.ci/tools/go.mod golangci-lint

# Packages in which several goroutines meet.
CONCURRENT := ./app/ ./app/auth/... ./app/jobs/... ./app/runs/... ./app/store/... ./app/web/ ./connectors/ ./connectors/authlog/... ./connectors/file/... \
	./connectors/kubernetes/... ./reports/ ./reviews/
# What make bench measures: make bench EVENTS=50000 SEED=7 RUNS=1 SKIP=jq,piped BENCHMARKS=
EVENTS     ?= 500000
SEED       ?= 1
RUNS       ?= 5
SKIP       ?=
PIPED      ?= 1e6
BENCHMARKS ?= docs/benchmarks.md
# What make bench-parts runs, and how often; benchstat compares two outputs.
PARTS ?= ./connectors/... ./reports/...
COUNT ?= 5
# How long each fuzz test may look; make fuzz FUZZTIME=10m looks longer.
FUZZTIME ?= 20s

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## Build the program: one static file, ./logreeve
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o logreeve .

demo: ## Open the demo at http://localhost:8080
	go run . demo

test: setup quick lint unit race quiet journeys ## Everything a change must pass, what fails fast first
	@echo "make test: everything passed."

quick: fmt vet ## Format, vet and the layout of the code, in seconds
	go test ./app -run Layout

setup: ## Install what the tests start besides Go, or say what is missing
	@.ci/setup

fmt:
	@unformatted=$$(gofmt -l $$(find . -name '*.go' -not -path './.*' -not -path '*/node_modules/*')); \
	if [[ -n "$$unformatted" ]]; then echo "gofmt -w these:"; echo "$$unformatted"; exit 1; fi

vet:
	go vet ./...

lint: ## Lint
	$(LINT) run ./...

unit: ## All Go tests, on SQLite and PostgreSQL
	go test ./...

race: ## The race detector, over the packages where goroutines meet
	go test -race -skip Quick $(CONCURRENT) # times say nothing under the race detector; unit measures them
	go test -race -run 'TestFaultsOnTheWay|TestGate|TestAsk' ./connectors/search # reads in parallel slices; the rest of its tests wait for servers

test-stores: setup ## Search stores on every version of docs/stores.md, and a run over a million events
	LOGREEVE_TEST_STORES=all go test -count=1 -p 1 -timeout 90m ./connectors/search ./seed/stores
	@.ci/searchserver stop --all

quiet: ## Stop the search servers that tests left running
	@.ci/searchserver stop --all

journeys: setup ## What people do, in a real browser
	cd app/web/journeys && npm test --silent

fuzz: ## Each fuzz test for FUZZTIME
	@grep -rlE '^func Fuzz' --include='*_test.go' . | while read -r file; do \
	  grep -oE '^func Fuzz[A-Za-z0-9]+' "$$file" | cut -c6- | while read -r name; do \
	    go test "./$$(dirname "$$file")" -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME); \
	  done; \
	done

bench: ## Beside DuckDB, jq and wc over a gigabyte, every answer verified; writes docs/benchmarks.md
	go run ./seed/bench -events $(EVENTS) -seed $(SEED) -runs $(RUNS) -skip '$(SKIP)' -piped '$(PIPED)' -write '$(BENCHMARKS)'

bench-pages: ## Every list page at 100 requests a second over a million results; LOGREEVE_LOAD_DIR=DIR keeps the database
	go test ./seed -run '^$$' -bench '^BenchmarkPages$$' -benchtime 1x -timeout 30m
	go test ./app/store -run '^$$' -bench '^BenchmarkStore$$' -benchtime 5x

bench-parts: ## Go benchmarks of the parts, for benchstat
	@go test $(PARTS) -run '^$$' -bench . -benchmem -count $(COUNT)

update: ## Write golden files anew; look at the difference before you keep it
	@for package in $$(grep -rl 'flag.Bool("update"' --include='*_test.go' . | xargs -n1 dirname | sort -u); do go test "./$$package" -update; done

screens: setup ## Pictures of every page, light, dark and phone, to docs/screens
	cd app/web/journeys && npm run --silent screens

clean: ## Remove what was built
	rm -rf logreeve bin app/web/journeys/node_modules seed/bench/duckdb/node_modules
