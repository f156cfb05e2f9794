// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host command register: a command is written into it, and it says when
 * it has taken or ended it (docs/hardware/commands.md, C2.3).
 */
#include <linux/delay.h>

#include "mlx4_core/command.h"

#define TRIGGER_OFFSET (CX_HCR_TRIGGER_DWORD * 4)
/* What a register reads as when there is no card behind it */
#define NO_CARD 0xffffffffu
/* Microseconds between two looks: from the first to the last */
#define PAUSE_FIRST 4
#define PAUSE_LAST 1000

static u32 trigger_read(struct cx_core *core)
{
	return ioread32be(core->commands->hcr + TRIGGER_OFFSET);
}

/*
 * Done is: GO is clear and TOGGLE is that of the last command. GO clear and
 * the other toggle is a card that was reset meanwhile.
 */
static int register_state(struct cx_core *core)
{
	u32 word = trigger_read(core);

	if (word == NO_CARD)
		return -ENODEV;
	if (cx_word_get(word, CX_HCR_GO))
		return -EBUSY;
	if (cx_word_get(word, CX_HCR_TOGGLE) != core->commands->toggle)
		return -ESTALE;
	return 0;
}

int cx_hcr_wait(struct cx_core *core, unsigned long deadline)
{
	unsigned int pause = PAUSE_FIRST;

	for (;;) {
		bool late = time_after(jiffies, deadline);
		int state = register_state(core);

		if (state != -EBUSY)
			return state;
		if (cx_adapter_failed(&core->adapter))
			return -EIO;
		if (late)
			return -ETIMEDOUT;
		usleep_range(pause, 2 * pause);
		pause = min(2 * pause, PAUSE_LAST);
	}
}

void cx_hcr_post(struct cx_core *core, const struct cx_command_request *request,
		 bool event, u16 token)
{
	struct cx_commands *commands = core->commands;
	u8 image[CX_HCR_DWORDS * 4] = { 0 };
	unsigned int i;

	commands->toggle ^= 1;
	cx_set(image, CX_HCR_IN_PARAM, request->in);
	cx_set(image, CX_HCR_IN_MODIFIER, request->in_modifier);
	cx_set(image, CX_HCR_OUT_PARAM, request->out);
	cx_set(image, CX_HCR_TOKEN, token);
	cx_set(image, CX_HCR_GO, 1);
	cx_set(image, CX_HCR_EVENT, event);
	cx_set(image, CX_HCR_TOGGLE, commands->toggle);
	cx_set(image, CX_HCR_OP_MODIFIER, request->op_modifier);
	cx_set(image, CX_HCR_OPCODE, request->opcode);
	/* The last word starts the command; each write follows the one before. */
	for (i = 0; i < CX_HCR_DWORDS; i++)
		iowrite32be(cx_load_be32(image + 4 * i), commands->hcr + 4 * i);
}

u8 cx_hcr_status(struct cx_core *core)
{
	return cx_word_get(trigger_read(core), CX_HCR_STATUS);
}

u64 cx_hcr_out(struct cx_core *core)
{
	void __iomem *at =
		core->commands->hcr + CX_FIELD_OFFSET(CX_HCR_OUT_PARAM);

	return (u64)ioread32be(at) << 32 | ioread32be(at + 4);
}
