// SPDX-License-Identifier: GPL-2.0-only
/* Registers of the port's PHY (docs/hardware/management.md, C5.21) */
#include "connectx/access_reg.h"
#include "mlx4_core/core.h"

static int errno_of(u32 status)
{
	switch (status) {
	case CX_ACCESS_REG_OK:
		return 0;
	case CX_ACCESS_REG_BUSY:
		return -EBUSY;
	case CX_ACCESS_REG_UNKNOWN_REGISTER:
	case CX_ACCESS_REG_CLASS_UNSUPPORTED:
	case CX_ACCESS_REG_METHOD_UNSUPPORTED:
	case CX_ACCESS_REG_VERSION_UNSUPPORTED:
		return -EOPNOTSUPP;
	case CX_ACCESS_REG_BAD_PARAMETER:
		return -EINVAL;
	default:
		return -EIO;
	}
}

/**
 * cx_access_register - read or write a register by ACCESS_REG
 * @adapter: the adapter
 * @id: CX_REGISTER_PTYS
 * @write: write it
 * @data: the register, in and out, as the adapter has it
 * @length: bytes of it, a multiple of 4
 *
 * Return: 0; -EOPNOTSUPP; -EINVAL; -EBUSY; what the command returned.
 */
int cx_access_register(struct cx_adapter *adapter, u16 id, bool write,
		       void *data, size_t length)
{
	struct cx_core *core = cx_core_of(adapter);
	struct cx_mailbox *in, *out;
	int err;

	if (length % 4 || length > CX_MAILBOX_SIZE - CX_ACCESS_REG_DATA)
		return -EINVAL;
	in = cx_mailbox_get(core);
	if (IS_ERR(in))
		return PTR_ERR(in);
	out = cx_mailbox_get(core);
	if (IS_ERR(out)) {
		err = PTR_ERR(out);
		goto put_in;
	}
	cx_set(in->data, CX_ACCESS_REG_CONSTANT, CX_ACCESS_REG_CONSTANT_VALUE);
	cx_set(in->data, CX_ACCESS_REG_CONSTANT_2,
	       CX_ACCESS_REG_CONSTANT_2_VALUE);
	cx_set(in->data, CX_ACCESS_REG_REGISTER, id);
	cx_set(in->data, CX_ACCESS_REG_METHOD,
	       write ? CX_ACCESS_REG_WRITE : CX_ACCESS_REG_QUERY);
	cx_set(in->data, CX_ACCESS_REG_LENGTH, CX_ACCESS_REG_LENGTH_OF(length));
	memcpy(in->data + CX_ACCESS_REG_DATA, data, length);
	err = cx_command(core, CX_CMD_ACCESS_REG, 0, 0, in, out);
	if (!err)
		err = errno_of(cx_get(out->data, CX_ACCESS_REG_STATUS));
	if (!err)
		memcpy(data, out->data + CX_ACCESS_REG_DATA, length);
	cx_mailbox_put(core, out);
put_in:
	cx_mailbox_put(core, in);
	return err;
}
EXPORT_SYMBOL_GPL(cx_access_register);
