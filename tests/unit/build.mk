# SPDX-License-Identifier: GPL-2.0-only
# Unit tests that link the whole emulator; those of one layer stand in the
# layer's own fragment.
$(eval $(call unit_test,adapter-opcodes,\
	tests/unit/emulator_adapter/test_opcodes.c $(EMULATOR_SOURCES),\
	$(EMULATOR_CONTROL_LIBRARIES)))
