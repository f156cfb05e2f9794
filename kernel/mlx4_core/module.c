// SPDX-License-Identifier: GPL-2.0-only
/* The memory of the module in a cage (docs/hardware/management.md, E7.6) */
#include <linux/delay.h>

#include "connectx/mad.h"
#include "mlx4_core/core.h"

#define CX_MODULE_BUSY_TRIES 5
#define CX_MODULE_BUSY_MS 20

static int errno_of(u32 status)
{
	if (!status)
		return 0;
	switch (status >> CX_MAD_CABLE_STATUS_SHIFT) {
	case CX_MAD_CABLE_ABSENT:
	case CX_MAD_CABLE_NO_EEPROM:
		return -ENODEV;
	case CX_MAD_CABLE_UNSUPPORTED:
	case CX_MAD_CABLE_BAD_PAGE:
	case CX_MAD_CABLE_BAD_I2C:
		return -EOPNOTSUPP;
	case CX_MAD_CABLE_BAD_RANGE:
		return -EINVAL;
	case CX_MAD_CABLE_BUSY:
		return -EBUSY;
	case 0:
		/* The MAD's own status: no such method or attribute */
		return -EOPNOTSUPP;
	default:
		return -EIO;
	}
}

struct chunk {
	u8 i2c, page;
	u16 offset;
	u16 length;
};

static int read_chunk(struct cx_port *port, const struct chunk *chunk,
		      struct cx_mailbox *in, struct cx_mailbox *out, void *data)
{
	int err;

	memset(in->data, 0, CX_MAD_SIZE);
	cx_set(in->data, CX_MAD_BASE_VERSION, CX_MAD_VERSION_1);
	cx_set(in->data, CX_MAD_CLASS, CX_MAD_CLASS_SUBNET);
	cx_set(in->data, CX_MAD_CLASS_VERSION, CX_MAD_VERSION_1);
	cx_set(in->data, CX_MAD_METHOD, CX_MAD_METHOD_GET);
	cx_set(in->data, CX_MAD_ATTRIBUTE, CX_MAD_ATTRIBUTE_CABLE_INFO);
	cx_set(in->data, CX_MAD_CABLE_I2C_ADDRESS, chunk->i2c);
	cx_set(in->data, CX_MAD_CABLE_PAGE, chunk->page);
	cx_set(in->data, CX_MAD_CABLE_ADDRESS, chunk->offset);
	cx_set(in->data, CX_MAD_CABLE_SIZE, chunk->length);
	err = cx_command(cx_core_of(port->adapter), CX_CMD_MAD_IFC,
			 CX_MAD_IFC_IGNORE_KEYS, port->number, in, out);
	if (err)
		return err;
	err = errno_of(cx_get(out->data, CX_MAD_STATUS));
	if (!err)
		memcpy(data, out->data + CX_MAD_CABLE_DATA, chunk->length);
	return err;
}

/* The bus may be busy with the firmware's own reading. */
static int read_patiently(struct cx_port *port, const struct chunk *chunk,
			  struct cx_mailbox *in, struct cx_mailbox *out,
			  void *data)
{
	int tries = CX_MODULE_BUSY_TRIES;
	int err;

	do {
		err = read_chunk(port, chunk, in, out, data);
		if (err != -EBUSY)
			break;
		msleep(CX_MODULE_BUSY_MS);
	} while (--tries);
	return err;
}

int cx_module_read(struct cx_port *port, u8 i2c, u8 page, u8 offset,
		   size_t length, void *data)
{
	struct cx_core *core = cx_core_of(port->adapter);
	struct chunk chunk = { .i2c = i2c, .page = page, .offset = offset };
	struct cx_mailbox *in, *out;
	int err = 0;

	if (length > CX_MAD_CABLE_MEMORY - offset)
		return -EINVAL;
	in = cx_mailbox_get(core);
	if (IS_ERR(in))
		return PTR_ERR(in);
	out = cx_mailbox_get(core);
	if (IS_ERR(out)) {
		cx_mailbox_put(core, in);
		return PTR_ERR(out);
	}
	while (length && !err) {
		chunk.length = min_t(size_t, length, CX_MAD_CABLE_DATA_SIZE);
		err = read_patiently(port, &chunk, in, out, data);
		data += chunk.length;
		chunk.offset += chunk.length;
		length -= chunk.length;
	}
	cx_mailbox_put(core, out);
	cx_mailbox_put(core, in);
	return err;
}
EXPORT_SYMBOL_GPL(cx_module_read);
