// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a card of each device id says about itself: one list of capabilities a
 * generation, each on top of the one before.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "connectx/access_reg.h"
#include "connectx/context.h"
#include "connectx/device.h"
#include "connectx/field.h"
#include "connectx/registers.h"
#include "emulator/adapter/device/profile.h"

/* A BlueFlame register is a pair of buffers of half its size */
#define LOG_BLUEFLAME_SIZE 9

struct capability {
	uint32_t field;
	uint64_t value;
};

/* Every card: A0 steering, 32-byte CQEs (docs/hardware/capabilities.md) */
static const struct capability connectx_caps[] = {
	{ CX_DEV_CAP_LOG_MAX_SRQ_SIZE, 14 },
	{ CX_DEV_CAP_LOG_MAX_QP_SIZE, 14 },
	{ CX_DEV_CAP_LOG_RESERVED_QPS, 6 },
	{ CX_DEV_CAP_LOG_MAX_QPS, 24 },
	{ CX_DEV_CAP_LOG_RESERVED_SRQS, 6 },
	{ CX_DEV_CAP_LOG_MAX_SRQS, 24 },
	{ CX_DEV_CAP_RESERVED_EQS, 4 },
	{ CX_DEV_CAP_LOG_MAX_CQ_SIZE, 22 },
	{ CX_DEV_CAP_LOG_RESERVED_CQS, 7 },
	{ CX_DEV_CAP_LOG_MAX_CQS, 24 },
	{ CX_DEV_CAP_LOG_MAX_EQ_SIZE, 22 },
	{ CX_DEV_CAP_LOG_MAX_DMPTS, 24 },
	{ CX_DEV_CAP_LOG_RESERVED_EQS, 2 },
	{ CX_DEV_CAP_LOG_MAX_EQS, 9 },
	{ CX_DEV_CAP_LOG_RESERVED_MTTS, 4 },
	{ CX_DEV_CAP_LOG_MAX_REGION, 64 },
	{ CX_DEV_CAP_LOG_RESERVED_MRWS, 8 },
	{ CX_DEV_CAP_LOG_MAX_MTTS, 31 },
	{ CX_DEV_CAP_LOG_RA_REQUESTER, 7 },
	{ CX_DEV_CAP_LOG_RA_RESPONDER, 4 },
	{ CX_DEV_CAP_LOG_MAX_GSO, 17 },
	{ CX_DEV_CAP_RSS_XOR, 1 },
	{ CX_DEV_CAP_RSS_TOEPLITZ, 1 },
	{ CX_DEV_CAP_LOG_MAX_RSS_TABLE, 7 },
	{ CX_DEV_CAP_LOG_RA_GLOBAL, 22 },
	{ CX_DEV_CAP_RESIZE_SRQ, 1 },
	{ CX_DEV_CAP_JUMBO, 1 },
	{ CX_DEV_CAP_ETHERNET_10G, 1 },
	{ CX_DEV_CAP_PORT_TYPES, 3 },
	{ CX_DEV_CAP_ACK_DELAY, 15 },
	{ CX_DEV_CAP_PHYSICAL_FUNCTIONS, 1 },
	{ CX_DEV_CAP_PORTS, 2 },
	{ CX_DEV_CAP_LOG_MAX_MESSAGE, 31 },
	{ CX_DEV_CAP_LOG_MAX_GIDS, 7 },
	{ CX_DEV_CAP_LOG_MAX_PKEYS, 7 },
	{ CX_DEV_CAP_UC_LOOPBACK, 1 },
	/* A port that stops leaves the other one's addresses alone here */
	{ CX_DEV_CAP_REASSIGN_MAC, 1 },
	{ CX_DEV_CAP_UDP_RSS, 1 },
	{ CX_DEV_CAP_RC, 1 },
	{ CX_DEV_CAP_UC, 1 },
	{ CX_DEV_CAP_UD, 1 },
	{ CX_DEV_CAP_SRQ, 1 },
	{ CX_DEV_CAP_IPOIB_CHECKSUM, 1 },
	{ CX_DEV_CAP_BAD_PKEY_COUNTER, 1 },
	{ CX_DEV_CAP_BAD_QKEY_COUNTER, 1 },
	{ CX_DEV_CAP_DPDP, 1 },
	{ CX_DEV_CAP_LSO, 1 },
	{ CX_DEV_CAP_APM, 1 },
	{ CX_DEV_CAP_ATOMIC, 1 },
	{ CX_DEV_CAP_RAW_MULTICAST, 1 },
	{ CX_DEV_CAP_UD_AV_PORT_CHECK, 1 },
	{ CX_DEV_CAP_UD_MULTICAST, 1 },
	{ CX_DEV_CAP_RESERVED_UARS, 1 },
	{ CX_DEV_CAP_LOG_MIN_PAGE, 9 },
	{ CX_DEV_CAP_MAX_SEND_GATHER, 62 },
	{ CX_DEV_CAP_MAX_SEND_DESCRIPTOR, 1008 },
	{ CX_DEV_CAP_MAX_RECEIVE_SCATTER, 32 },
	{ CX_DEV_CAP_MAX_RECEIVE_DESCRIPTOR, 512 },
	{ CX_DEV_CAP_LOG_MAX_QPS_PER_MCG, 8 },
	{ CX_DEV_CAP_LOG_MAX_MCGS, 17 },
	{ CX_DEV_CAP_RESERVED_PDS, 4 },
	{ CX_DEV_CAP_LOG_MAX_PDS, 23 },
	{ CX_DEV_CAP_RDMARC_ENTRY, 32 },
	{ CX_DEV_CAP_QPC_ENTRY, 256 },
	{ CX_DEV_CAP_AUXC_ENTRY, 1 },
	{ CX_DEV_CAP_ALTC_ENTRY, 64 },
	{ CX_DEV_CAP_EQC_ENTRY, 128 },
	{ CX_DEV_CAP_CQC_ENTRY, 128 },
	{ CX_DEV_CAP_SRQC_ENTRY, 128 },
	{ CX_DEV_CAP_CMPT_ENTRY, 64 },
	{ CX_DEV_CAP_MTT_ENTRY, 8 },
	{ CX_DEV_CAP_DMPT_ENTRY, 64 },
	{ CX_DEV_CAP_MAX_ICM, 1ULL << 52 },
	{ 0, 0 },
};

/* ConnectX-2: B0 steering, interface counters */
static const struct capability connectx_2_caps[] = {
	{ CX_DEV_CAP_VEP_UC_STEERING, 1 },
	{ CX_DEV_CAP_VEP_MC_STEERING, 1 },
	{ CX_DEV_CAP_COUNTERS, 1 },
	{ CX_DEV_CAP_MAX_COUNTERS, 128 },
	{ 0, 0 },
};

/* ConnectX-3. 24 QPs an entry make entries of 128 bytes. */
static const struct capability connectx_3_caps[] = {
	{ CX_DEV_CAP_FS, 1 },
	{ CX_DEV_CAP_FS_LOG_MAX_QP_RANGE, 5 },
	{ CX_DEV_CAP_FS_MAX_QPS_PER_ENTRY, 24 },
	{ CX_DEV_CAP_CQ_TIMESTAMP, 1 },
	{ CX_DEV_CAP_RSS_IP_FRAGMENTS, 1 },
	{ CX_DEV_CAP_WOL_PORT1, 1 },
	{ CX_DEV_CAP_WOL_PORT2, 1 },
	{ CX_DEV_CAP_PORT_BEACON, 1 },
	{ CX_DEV_CAP_USER_MAC, 1 },
	{ CX_DEV_CAP_UPDATE_QP, 1 },
	{ CX_DEV_CAP_UPDATE_QP_LB_SRC_CHECK, 1 },
	{ CX_DEV_CAP_LB_SRC_CHECK, 1 },
	{ CX_DEV_CAP_FLOW_STATISTICS, 1 },
	{ CX_DEV_CAP_ETH_PROT_CTRL, 1 },
	{ CX_DEV_CAP_CONFIG_DEV, 1 },
	{ CX_DEV_CAP_RECOVERABLE_ERROR_EVENT, 1 },
	{ CX_DEV_CAP_DRIVER_VERSION, 1 },
	{ CX_DEV_CAP_ETS_CFG, 1 },
	{ CX_DEV_CAP_RATES, 64 },
	{ CX_DEV_CAP_RATE_MIN_UNIT, CX_RATE_MBPS },
	{ CX_DEV_CAP_RATE_MIN, 1 },
	{ CX_DEV_CAP_RATE_MAX_UNIT, CX_RATE_GBPS },
	{ CX_DEV_CAP_RATE_MAX, 40 },
	{ CX_DEV_CAP_FCS_KEEP, 1 },
	{ CX_DEV_CAP_IGNORE_FCS, 1 },
	{ CX_DEV_CAP_QCN, 1 },
	{ CX_DEV_CAP_HEALTH_BUFFER, CX_REG_HEALTH_BUFFER },
	{ 0, 0 },
};

static const struct capability connectx_3_pro_caps[] = {
	{ CX_DEV_CAP_VXLAN_OFFLOADS, 1 },
	{ CX_DEV_CAP_PHV, 1 },
	{ 0, 0 },
};

static const struct capability *const generation_caps[] = {
	[CX_GENERATION_CONNECTX] = connectx_caps,
	[CX_GENERATION_CONNECTX_2] = connectx_2_caps,
	[CX_GENERATION_CONNECTX_3] = connectx_3_caps,
	[CX_GENERATION_CONNECTX_3_PRO] = connectx_3_pro_caps,
};

/* Every card. 16 pages of firmware area are the least trouble to map. */
static const struct capability firmware_values[] = {
	{ CX_QUERY_FW_PAGES, 16 },
	{ CX_QUERY_FW_COMMAND_REVISION, CX_COMMAND_REVISION },
	{ CX_QUERY_FW_LOG_OUTSTANDING, 4 },
	{ CX_QUERY_FW_YEAR, 0x2026 },
	{ CX_QUERY_FW_MONTH, 0x11 },
	{ CX_QUERY_FW_DAY, 0x22 },
	{ CX_QUERY_FW_CLEAR_INT_OFFSET, CX_REG_CLEAR_INTERRUPT },
	{ CX_QUERY_FW_CATASTROPHIC_OFFSET, CX_REG_CATASTROPHIC },
	{ CX_QUERY_FW_CATASTROPHIC_SIZE, CX_CATASTROPHIC_DWORDS },
	{ 0, 0 },
};

static void apply(uint8_t *image, const struct capability *caps)
{
	for (; caps->field; caps++)
		cx_set(image, caps->field, caps->value);
}

#define MODES_10G                                              \
	(CX_LINK_MODE_1000BASE_CX | CX_LINK_MODE_10GBASE_CX4 | \
	 CX_LINK_MODE_10GBASE_CR | CX_LINK_MODE_10GBASE_SR)
#define MODES_TWISTED_PAIR                                   \
	(CX_LINK_MODE_100BASE_TX | CX_LINK_MODE_1000BASE_T | \
	 CX_LINK_MODE_10GBASE_T)
#define MODES_40G (CX_LINK_MODE_40GBASE_CR4 | CX_LINK_MODE_40GBASE_SR4)
#define MODES_CONNECTX_3                                      \
	(MODES_10G | MODES_40G | CX_LINK_MODE_1000BASE_KX |   \
	 CX_LINK_MODE_10GBASE_KX4 | CX_LINK_MODE_10GBASE_KR | \
	 CX_LINK_MODE_20GBASE_KR2 | CX_LINK_MODE_40GBASE_KR4)
#define MODES_56G                                              \
	(CX_LINK_MODE_56GBASE_CR4 | CX_LINK_MODE_56GBASE_KR4 | \
	 CX_LINK_MODE_56GBASE_SR4)

static void set_link(struct profile *profile)
{
	profile->speed = 10000;
	profile->link_modes = MODES_10G;

	switch (profile->device_id) {
	case 0x6372:
	case 0x675a:
		profile->twisted_pair = true;
		profile->link_modes = MODES_TWISTED_PAIR;
		break;
	case 0x676e:
		profile->speed = 40000;
		profile->link_modes |= MODES_40G;
		break;
	}
	if (profile->generation >= CX_GENERATION_CONNECTX_3) {
		profile->speed = 40000;
		profile->link_modes = MODES_CONNECTX_3;
	}
	/* 56 Gbit/s has to be asked for: cards come up at 40 */
	if (profile->generation == CX_GENERATION_CONNECTX_3_PRO)
		profile->link_modes |= MODES_56G;
}

static void set_generation(struct profile *profile)
{
	profile->firmware_major = 2;
	switch (profile->generation) {
	case CX_GENERATION_CONNECTX:
	case CX_GENERATION_CONNECTX_2:
		profile->firmware_minor = 9;
		profile->firmware_subminor = 1000;
		profile->core_clock = 250;
		profile->revision = profile->generation ==
						    CX_GENERATION_CONNECTX ?
					    CX_PCI_REVISION_CONNECTX :
					    CX_PCI_REVISION_CONNECTX_2;
		break;
	case CX_GENERATION_CONNECTX_3:
	case CX_GENERATION_CONNECTX_3_PRO:
		profile->firmware_minor = 42;
		profile->firmware_subminor = 5000;
		profile->core_clock = 427;
		profile->revision = CX_PCI_REVISION_CONNECTX_3;
		break;
	}
}

static void build_images(struct profile *profile)
{
	for (unsigned int g = 0; g <= (unsigned int)profile->generation; g++)
		apply(profile->dev_cap, generation_caps[g]);

	apply(profile->firmware, firmware_values);
	cx_set(profile->firmware, CX_QUERY_FW_MAJOR, profile->firmware_major);
	cx_set(profile->firmware, CX_QUERY_FW_MINOR, profile->firmware_minor);
	cx_set(profile->firmware, CX_QUERY_FW_SUBMINOR,
	       profile->firmware_subminor);
	if (cx_get(profile->dev_cap, CX_DEV_CAP_CQ_TIMESTAMP))
		cx_set(profile->firmware, CX_QUERY_FW_CLOCK_OFFSET,
		       CX_REG_INTERNAL_CLOCK);
	profile_set_uar(profile, CX_BAR2_SIZE, false);
}

int profile_init(struct profile *profile, uint16_t device_id)
{
	static const struct {
		uint16_t device_id;
		const char *silicon, *description;
		enum cx_generation generation;
		unsigned int gigatransfers_10;
	} devices[] = {
#define DEVICE(id, silicon, description, generation, ethernet, gt10) \
	{ id, #silicon, description, CX_GENERATION_##generation, gt10 },
		CX_PCI_DEVICES(DEVICE)
#undef DEVICE
	};

	memset(profile, 0, sizeof(*profile));
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
		if (devices[i].device_id != device_id)
			continue;
		profile->device_id = device_id;
		profile->silicon = devices[i].silicon;
		profile->description = devices[i].description;
		profile->generation = devices[i].generation;
		profile->pcie_generation =
			devices[i].gigatransfers_10 == 80 ? 3 :
			devices[i].gigatransfers_10 == 50 ? 2 :
							    1;
		/* No board of the vendor's: "VT" says virtual */
		snprintf(profile->psid, sizeof(profile->psid), "VT_%04X0001",
			 device_id);
		set_link(profile);
		set_generation(profile);
		build_images(profile);
		return 0;
	}
	return -ENODEV;
}

void profile_set_uar(struct profile *profile, uint64_t bar2_size,
		     bool blueflame)
{
	unsigned int log_mib = 0;

	/* The other half is BlueFlame's, whether advertised or not */
	while ((2ULL << 20) << (log_mib + 1) <= bar2_size)
		log_mib++;
	cx_set(profile->dev_cap, CX_DEV_CAP_LOG_UAR_MIB, log_mib);
	cx_set(profile->dev_cap, CX_DEV_CAP_BLUEFLAME, blueflame);
	cx_set(profile->dev_cap, CX_DEV_CAP_LOG_BLUEFLAME_SIZE,
	       blueflame ? LOG_BLUEFLAME_SIZE : 0);
	cx_set(profile->dev_cap, CX_DEV_CAP_LOG_BLUEFLAMES_PER_PAGE,
	       blueflame ? CX_UAR_PAGE_SHIFT - LOG_BLUEFLAME_SIZE : 0);
}

uint16_t profile_hardware_id(const struct profile *profile)
{
	switch (profile->generation) {
	case CX_GENERATION_CONNECTX_3:
		return CX_HW_ID_CONNECTX_3;
	case CX_GENERATION_CONNECTX_3_PRO:
		return CX_HW_ID_CONNECTX_3_PRO;
	default:
		return CX_HW_ID_CONNECTX;
	}
}

uint64_t profile_cap(const struct profile *profile, uint32_t field)
{
	return cx_get(profile->dev_cap, field);
}
