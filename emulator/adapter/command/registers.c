// SPDX-License-Identifier: GPL-2.0-only
/*
 * The card's registers (CR space): command register, ownership, reset,
 * interrupt clearing, catastrophic buffer, clock (docs/hardware/registers.md).
 * BAR0 shows them, and so does a gateway in configuration space.
 */
#include "emulator/adapter/adapter.h"
#include "emulator/adapter/device/device_limits.h"

#define NS_PER_SECOND 1000000000ULL
#define HZ_PER_MHZ 1000000ULL

u64 adapter_clock(const struct adapter *adapter)
{
	u64 ns = loop_now() - adapter->clock_start;

	return (unsigned __int128)ns * device_core_clock(adapter) * HZ_PER_MHZ /
	       NS_PER_SECOND;
}

static bool within(u64 offset, u64 start, u64 size)
{
	return offset >= start && offset < start + size;
}

/* Reading takes it; it stays taken until zero is written or a reset. */
static u32 read_flag(struct adapter *adapter, bool *flag, enum data_fault held)
{
	bool was = *flag;

	if (adapter->reads_block)
		return was;
	*flag = true;
	return faults_strike(&adapter->faults, held) ? 1 : was;
}

static u32 hardware_id(const struct adapter *adapter)
{
	const struct profile *profile = &adapter->ethernet.profile;
	u32 id = profile_hardware_id(profile);

	/* ConnectX-3 says no revision there. */
	return id == CX_HW_ID_CONNECTX ?
		       id | (u32)profile->revision
				       << CX_FIELD_BIT(CX_DEVICE_ID_REVISION) :
		       id;
}

_Static_assert(CX_HEALTH_BUFFER_SIZE == CX_CATASTROPHIC_DWORDS * 4,
	       "the health buffer shows the catastrophic one");

/* Beyond BAR0 on a card that has none */
static u64 health_buffer(const struct adapter *adapter)
{
	return adapter->ethernet.profile.generation >=
			       CX_GENERATION_CONNECTX_3 ?
		       CX_REG_HEALTH_BUFFER :
		       CX_BAR0_SIZE;
}

/* What the firmware in the flash would say of itself; time and date are zero. */
static u32 running_version(const struct adapter *adapter, u64 offset)
{
	const struct profile *profile = &adapter->ethernet.profile;
	u8 words[CX_RUNNING_VERSION_DWORDS * 4] = { 0 };

	cx_set(words, CX_FS2_VERSION_MAJOR, profile->firmware_major);
	cx_set(words, CX_FS2_VERSION_MINOR, profile->firmware_minor);
	cx_set(words, CX_FS2_VERSION_SUBMINOR, profile->firmware_subminor);
	return cx_load_be32(words + offset);
}

static bool read_flash(const struct adapter *adapter, u64 offset, u32 *value)
{
	if (!adapter->config.flash)
		return false;
	if (within(offset, CX_REG_RUNNING_VERSION,
		   CX_RUNNING_VERSION_DWORDS * 4)) {
		*value = running_version(adapter,
					 offset - CX_REG_RUNNING_VERSION);
		return true;
	}
	return flash_gateway_read(flash_registers(adapter->config.flash),
				  offset, value);
}

static u32 read_dword(struct adapter *adapter, u64 offset)
{
	u64 clock = device_clock_offset(adapter);
	u32 value;

	if (within(offset, CX_REG_HCR, CX_HCR_DWORDS * 4))
		return cx_load_be32(adapter->hcr + (offset - CX_REG_HCR));
	if (within(offset, CX_REG_CATASTROPHIC, CX_CATASTROPHIC_DWORDS * 4))
		return cx_load_be32(adapter->catastrophic +
				    (offset - CX_REG_CATASTROPHIC));
	/* Nobody knows what is in there: the same, as far as it goes. */
	if (within(offset, health_buffer(adapter), CX_HEALTH_BUFFER_SIZE))
		return cx_load_be32(adapter->catastrophic +
				    (offset - health_buffer(adapter)));
	if (clock && offset == clock)
		return adapter_clock(adapter) >> 32;
	if (clock && offset == clock + 4)
		return adapter_clock(adapter);
	switch (offset) {
	case CX_REG_OWNER:
		return read_flag(adapter, &adapter->owned,
				 DATA_FAULT_OWNER_HELD);
	case CX_REG_SEMAPHORE:
		return read_flag(adapter, &adapter->semaphore,
				 DATA_FAULT_SEMAPHORE_HELD);
	case CX_REG_DEVICE_ID:
		return hardware_id(adapter);
	}
	return read_flash(adapter, offset, &value) ? value : 0;
}

/* The go bit is only ever set by software; status and toggle come with it. */
static void hcr_write(struct adapter *adapter, u64 offset, u32 value)
{
	if (cx_get(adapter->hcr, CX_HCR_GO))
		return;
	cx_store_be32(adapter->hcr + offset, value);
	if (offset == CX_HCR_TRIGGER_DWORD * 4 &&
	    cx_get(adapter->hcr, CX_HCR_GO))
		command_post(adapter);
}

static void write_dword(struct adapter *adapter, u64 offset, u32 value)
{
	if (within(offset, CX_REG_HCR, CX_HCR_DWORDS * 4)) {
		hcr_write(adapter, offset - CX_REG_HCR, value);
		return;
	}
	if (offset == health_buffer(adapter) + CX_HEALTH_BUFFER_BLOCK) {
		adapter->reads_block = value;
		return;
	}
	switch (offset) {
	case CX_REG_OWNER:
		if (!value)
			adapter->owned = false;
		break;
	case CX_REG_SEMAPHORE:
		if (!value)
			adapter->semaphore = false;
		break;
	case CX_REG_RESET:
		if (value & CX_RESET_BIT)
			adapter_reset(adapter);
		break;
	case CX_REG_CLEAR_INTERRUPT:
	case CX_REG_CLEAR_INTERRUPT + 4:
		pci_function_set_intx(adapter->pci, false);
		break;
	default:
		if (adapter->config.flash)
			flash_gateway_write(
				flash_registers(adapter->config.flash), offset,
				value);
	}
}

/* Only aligned 32-bit accesses work; wider ones are taken as several. */
void adapter_bar0_read(struct adapter *adapter, u64 offset, u8 *data,
		       unsigned int length)
{
	u8 dword[4];

	if (length < 4) {
		/* A narrow read must not take a semaphore. */
		memset(data, 0, length);
		return;
	}
	for (unsigned int i = 0; i + 4 <= length; i += 4) {
		cx_store_be32(dword, read_dword(adapter, offset + i));
		memcpy(data + i, dword, 4);
	}
}

void adapter_bar0_write(struct adapter *adapter, u64 offset, const u8 *data,
			unsigned int length)
{
	if (offset % 4)
		return;
	for (unsigned int i = 0; i + 4 <= length; i += 4)
		write_dword(adapter, offset + i, cx_load_be32(data + i));
}

/*
 * Every dump of configuration space reads the data, and a read can take a
 * semaphore: an address that was written is good for one access.
 */
bool adapter_config_read(struct adapter *adapter, unsigned int offset,
			 u32 *value)
{
	struct cr_gateway *gateway = &adapter->cr_gateway;

	if (offset == CX_PCI_CR_ADDRESS) {
		*value = gateway->address;
		return true;
	}
	if (offset != CX_PCI_CR_DATA)
		return false;
	if (gateway->armed)
		gateway->data = read_dword(adapter, gateway->address);
	gateway->armed = false;
	*value = gateway->data;
	return true;
}

static bool is_register(u32 address)
{
	return address < CX_BAR0_SIZE && !(address % 4);
}

bool adapter_config_write(struct adapter *adapter, unsigned int offset,
			  u32 value)
{
	struct cr_gateway *gateway = &adapter->cr_gateway;
	bool armed = gateway->armed;

	if (offset == CX_PCI_CR_ADDRESS) {
		gateway->address = value;
		gateway->armed = is_register(value);
		return true;
	}
	if (offset != CX_PCI_CR_DATA)
		return false;
	gateway->armed = false;
	if (armed)
		write_dword(adapter, gateway->address, value);
	return true;
}

bool adapter_config_write_resets(const struct adapter *adapter,
				 unsigned int offset)
{
	return offset == CX_PCI_CR_DATA && adapter->cr_gateway.armed &&
	       adapter->cr_gateway.address == CX_REG_RESET;
}
