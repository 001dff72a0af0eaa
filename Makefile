SHELL := /bin/bash
# One line for each step that takes a while.
timed = @TIMEFORMAT='$(1): %0lR'; time $(2)
# Where the PostgreSQL programs are, when they are not where the program looks itself.
programs = TASK_INBOX_PG_BIN="$$(tools/setup postgres)"
# By then cargo has fetched everything.
deny = target/cargo-deny/bin/cargo-deny --offline

.PHONY: help run test chaos fuzz audit lint fmt bench

help: ## Show what there is
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile

# Not a release build: it would be running after four minutes instead of two, and
# the inbox of one person feels no difference.
run: ## Set up what is missing, build and start the inbox
	@tools/setup postgres >/dev/null
	@$(programs) exec cargo run --locked

test: ## Set up what is missing, check the format, lint and run all tests
	@tools/setup test
	$(call timed,format,cargo fmt --check)
	$(call timed,clippy,cargo clippy --locked --all-targets -- -D warnings)
# What other platforms need is looked at as well, and was not fetched for the build.
	@cargo fetch --locked --quiet
	$(call timed,dependencies,$(deny) check --hide-inclusion-graph bans licenses sources)
	$(call timed,tests,$(programs) cargo test --locked -- --include-ignored)

# Of the whole: an hour's soak, 100,000 webhooks. `make test` runs the short form.
CHAOS_SCALE ?= 0.1

chaos: ## Try real faults on real processes for some minutes and print the ledgers
	@tools/setup test
	@$(programs) CHAOS_SCALE=$(CHAOS_SCALE) cargo test --locked --test it chaos:: -- \
		--include-ignored --nocapture --test-threads=1

# Rounds of each target, and a hundredth of it for each call of the API; `make test` does 500 and 40.
FUZZ_ROUNDS ?= 20000

fuzz: ## Feed broken input to everything that reads some, for minutes
	@tools/setup test
	@$(programs) FUZZ_ROUNDS=$(FUZZ_ROUNDS) cargo test --locked --test it -- fuzz:: routes::published:: \
		--include-ignored --nocapture --test-threads=1

audit: ## Ask the RustSec database about the dependencies (needs the network)
	@tools/setup test
	@target/cargo-deny/bin/cargo-deny check advisories

lint: ## Check the format and lint
	@cargo fmt --check
	@cargo clippy --locked --all-targets -- -D warnings

fmt: ## Format the Rust code
	@cargo fmt

bench: ## Measure how many tasks and deliveries it takes
	@tools/setup postgres >/dev/null
	@$(programs) bench/run
