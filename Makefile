# SPDX-License-Identifier: Apache-2.0
# The short ways.  Building is meson's work; what is installed and tested,
# that of tools/ and test/.  As root, missing packages are installed.
BUILD ?= build
STATE ?= /var/lib/stackd
export BUILD STATE

all: $(BUILD)/build.ninja
	@ninja -C $(BUILD) stackd

# The program and its tests.
everything: $(BUILD)/build.ninja
	@ninja -C $(BUILD)

$(BUILD)/build.ninja:
	@tools/install-deps build
	@meson setup $(BUILD) >/dev/null

run:
	@tools/install-deps build run
	@$(MAKE) --no-print-directory all
	@tools/run

stop:
	@$(BUILD)/stackd down --state $(STATE)

status:
	@$(BUILD)/stackd status --state $(STATE)

purge:
	@$(BUILD)/stackd purge --state $(STATE)

test:
	@tools/install-deps build run test
	@$(MAKE) --no-print-directory everything
	@test/run

lint:
	@tools/install-deps build test
	@tools/lint

format:
	@tools/install-deps test
	@tools/format

coverage: all
	@tools/coverage

fuzz:
	@tools/install-deps build test
	@test/fuzz/run

bench-identity:
	@tools/install-deps build run test
	@$(MAKE) --no-print-directory all
	@test/bench/identity --keystone

bench:
	@tools/install-deps build run test
	@$(MAKE) --no-print-directory all
	@test/bench/run

tempest:
	@tools/install-deps build run test
	@$(MAKE) --no-print-directory all
	@test/tempest/run --all

# The same tests and requests to identity and to Debian's Keystone: about half an hour, most of it Tempest.
compare:
	@tools/install-deps build run test
	@$(MAKE) --no-print-directory all
	@test/tempest/compare
	@test/identity/parity.test --all

# Tempest, stock clients' own tests and services behind keystonemiddleware, under the sanitizers.
proofs:
	@tools/install-deps build run test
	@test/sanitizers/proofs

clean:
	@rm -rf $(BUILD)

.PHONY: all everything run stop status purge test lint format coverage fuzz bench tempest compare proofs clean bench-identity
