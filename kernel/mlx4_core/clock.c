// SPDX-License-Identifier: GPL-2.0-only
/*
 * The free-running clock (docs/hardware/registers.md, C2.8).
 */
#include "mlx4_core/core.h"

#define CLOCK_SIZE 8
#define CLOCK_TRIES 10

/**
 * cx_clock_read - the time of the card's own clock
 * @adapter: one with caps.core_clock_khz
 *
 * Context: any.
 * Return: ticks of caps.core_clock_khz; 0 without a clock.
 */
u64 cx_clock_read(struct cx_adapter *adapter)
{
	void __iomem *clock = cx_core_of(adapter)->clock;
	u32 high, low, again;
	unsigned int tries = CLOCK_TRIES;

	if (!clock)
		return 0;
	high = ioread32be(clock);
	for (;;) {
		low = ioread32be(clock + 4);
		again = ioread32be(clock);
		if (again == high || !--tries)
			return (u64)again << 32 | low;
		high = again;
	}
}
EXPORT_SYMBOL_GPL(cx_clock_read);

/** cx_clock_init - find the clock; a card without one is as good */
int cx_clock_init(struct cx_core *core)
{
	struct cx_caps *caps = &core->adapter.caps;

	if (!caps->core_clock_khz)
		return 0;
	core->clock = cx_register_map(core, core->limits->clock_bar,
				      core->limits->clock_offset, CLOCK_SIZE);
	if (!core->clock) {
		dev_warn(&core->adapter.pdev->dev,
			 "the firmware places its clock nowhere\n");
		caps->core_clock_khz = 0;
		caps->timestamps = false;
	}
	return 0;
}

/** cx_clock_exit - undo cx_clock_init() */
void cx_clock_exit(struct cx_core *core)
{
	cx_register_unmap(core, core->clock);
	core->clock = NULL;
}
