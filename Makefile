# SPDX-License-Identifier: GPL-2.0-only
# Every verb of the project. Each folder says what it builds in its build.mk;
# this file holds what they share. `make help` lists the verbs.

VERSION := 0.1.0

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash

# A variant has a build folder of its own, so that the sanitized or counted
# objects never mix with the plain ones.
VARIANT := plain
CC ?= gcc
# Debian's own: pytest and scapy come from its packages, and another python
# earlier in PATH would not see them.
PYTHON ?= /usr/bin/python3
OPTIMIZE ?= -O2
CFLAGS_ALL = -std=c11 -D_GNU_SOURCE $(OPTIMIZE) -g -Wall -Wextra -Werror \
	-Wmissing-prototypes -Wstrict-prototypes -Wold-style-definition \
	-Wno-unused-parameter -fstack-protector-strong \
	-DCONNECTX_EN_VERSION='"$(VERSION)"' -Iinclude -I. $(CFLAGS)
LDFLAGS_ALL = $(LDFLAGS)

ifeq ($(SANITIZE),1)
VARIANT := sanitize
OPTIMIZE := -O1
CFLAGS_ALL += -fsanitize=address,undefined -fno-omit-frame-pointer \
	-fno-sanitize-recover=undefined
LDFLAGS_ALL += -fsanitize=address,undefined
endif

ifeq ($(COVERAGE),1)
VARIANT := $(VARIANT)-coverage
CFLAGS_ALL += --coverage -fprofile-update=atomic
LDFLAGS_ALL += --coverage
endif

B := build/$(VARIANT)

# $(call objects,SOURCES): where the objects of these sources are built
objects = $(patsubst %.c,$(B)/obj/%.o,$(1))

# $(call program,NAME,SOURCES,LIBRARIES): a program in $(B)/bin
define program
PROGRAMS += $(B)/bin/$(1)
ALL_SOURCES += $(2)
$(B)/bin/$(1): $(call objects,$(2))
	@mkdir -p $$(@D)
	@echo "  LINK    $$@"
	@$(CC) $(LDFLAGS_ALL) -o $$@ $$^ $(3)
endef

# $(call unit_test,NAME,SOURCES,LIBRARIES): a cmocka program in $(B)/tests
define unit_test
UNIT_TESTS += $(B)/tests/$(1)
ALL_SOURCES += $(2)
$(B)/tests/$(1): $(call objects,$(2))
	@mkdir -p $$(@D)
	@echo "  LINK    $$@"
	@$(CC) $(LDFLAGS_ALL) -o $$@ $$^ $(3) -lcmocka
endef

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

# Each folder adds to PROGRAMS, UNIT_TESTS and the like: $$ in a rule has them
# read when it runs, whoever comes later.
.SECONDEXPANSION:

include $(sort $(wildcard emulator/build.mk tools/build.mk initrd/build.mk \
	kernel/build.mk rom/build.mk docs/build.mk packaging/build.mk tests/build.mk \
	tests/*/build.mk))

-include $(patsubst %.c,$(B)/obj/%.d,$(sort $(ALL_SOURCES)))

.PHONY: help all clean check-style
help: ## this list
	@echo "ConnectX EN diskless boot $(VERSION): make VERB"
	@echo
	@grep -hE '^[a-z0-9.-]+:.*## ' $(MAKEFILE_LIST) | sort -u | \
	  sed -E 's/^([a-z0-9.-]+):.*## (.*)/\1\t\2/' | \
	  while IFS=$$'\t' read -r verb what; do \
	    printf '  %-14s %s\n' "$$verb" "$$what"; done
	@echo
	@echo "SANITIZE=1 builds with ASan and UBSan, COVERAGE=1 counts lines."

all: $(PROGRAMS) ## every program that runs on the host

clean: ## forget what was built (the lab's cache is kept; build/ is all)
	rm -rf build/plain build/sanitize build/*coverage

check-style: ## clang-format says what differs from the kernel's style
	@git ls-files '*.c' '*.h' | xargs clang-format --dry-run -Werror
