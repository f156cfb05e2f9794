// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the card says about itself, decoded for clients (struct cx_caps) and
 * for the set-up (struct cx_device_limits); docs/hardware/capabilities.md.
 */
#include <linux/ctype.h>

#include "connectx/steering.h"
#include "mlx4_core/core.h"

#define MHZ_IN_KHZ 1000
#define GBPS_IN_MBPS 1000
#define MBPS_IN_KBPS 1000
#define LOG_MIB 20
/* Two vectors: events, and completions of at least one queue */
#define EQS_MIN 2
/*
 * The smallest entry of the multicast table that Linux ever used. A port has
 * one destination: no group has more members than two ports and a few.
 */
#define LOG_MCG_ENTRY 7
#define MCG_MEMBERS(log_entry) \
	(((1u << (log_entry)) - CX_MCG_MEMBER_ARRAY) / CX_MCG_MEMBER_SIZE)

static bool has(struct cx_core *core, u32 field)
{
	return cx_get(core->limits->dev_cap, field);
}

static u32 number(struct cx_core *core, u32 field)
{
	return cx_get(core->limits->dev_cap, field);
}

/* The first bytes of what a query without parameters answers */
static int query(struct cx_core *core, enum cx_command opcode, u8 op_modifier,
		 u32 in_modifier, void *to, size_t size)
{
	struct cx_mailbox *out = cx_mailbox_get(core);
	int error;

	if (IS_ERR(out))
		return PTR_ERR(out);
	error = cx_command(core, opcode, op_modifier, in_modifier, NULL, out);
	if (!error)
		memcpy(to, out->data, size);
	cx_mailbox_put(core, out);
	return error;
}

static u32 rate_in_mbps(u32 unit, u32 value)
{
	switch (unit) {
	case CX_RATE_KBPS:
		return DIV_ROUND_UP(value, MBPS_IN_KBPS);
	case CX_RATE_MBPS:
		return value;
	case CX_RATE_GBPS:
		return value * GBPS_IN_MBPS;
	default:
		return 0;
	}
}

/* Limits are set by UPDATE_QP */
static void decode_rates(struct cx_core *core)
{
	struct cx_caps *caps = &core->adapter.caps;

	if (!caps->update_qp || !number(core, CX_DEV_CAP_RATES))
		return;
	caps->tx_rate_min = rate_in_mbps(number(core, CX_DEV_CAP_RATE_MIN_UNIT),
					 number(core, CX_DEV_CAP_RATE_MIN));
	caps->tx_rate_max = rate_in_mbps(number(core, CX_DEV_CAP_RATE_MAX_UNIT),
					 number(core, CX_DEV_CAP_RATE_MAX));
}

static void decode_queues(struct cx_core *core)
{
	struct cx_caps *caps = &core->adapter.caps;

	caps->max_cq_entries =
		1u << min(number(core, CX_DEV_CAP_LOG_MAX_CQ_SIZE), 24u);
	caps->max_send_gather = number(core, CX_DEV_CAP_MAX_SEND_GATHER);
	caps->max_receive_scatter =
		number(core, CX_DEV_CAP_MAX_RECEIVE_SCATTER);
	caps->max_counters = has(core, CX_DEV_CAP_COUNTERS) ?
				     number(core, CX_DEV_CAP_MAX_COUNTERS) :
				     0;
	caps->update_qp = has(core, CX_DEV_CAP_UPDATE_QP);
	decode_rates(core);
}

static void decode_offloads(struct cx_core *core)
{
	struct cx_caps *caps = &core->adapter.caps;

	if (has(core, CX_DEV_CAP_LSO) && number(core, CX_DEV_CAP_LOG_MAX_GSO))
		caps->max_lso = 1u << number(core, CX_DEV_CAP_LOG_MAX_GSO);
	caps->log_max_rss_queues = number(core, CX_DEV_CAP_LOG_MAX_RSS_TABLE);
	caps->rss_toeplitz = has(core, CX_DEV_CAP_RSS_TOEPLITZ);
	caps->rss_xor = has(core, CX_DEV_CAP_RSS_XOR);
	caps->udp_rss = has(core, CX_DEV_CAP_UDP_RSS);
	caps->uc_loopback = has(core, CX_DEV_CAP_UC_LOOPBACK);
	caps->fcs_keep = has(core, CX_DEV_CAP_FCS_KEEP);
	caps->ignore_fcs = caps->fcs_keep && has(core, CX_DEV_CAP_IGNORE_FCS);
	caps->skip_outer_vlan = has(core, CX_DEV_CAP_SKIP_OUTER_VLAN);
}

static void decode_management(struct cx_core *core)
{
	struct cx_caps *caps = &core->adapter.caps;

	caps->user_mac = has(core, CX_DEV_CAP_USER_MAC);
	caps->port_beacon = has(core, CX_DEV_CAP_PORT_BEACON);
	caps->wol[0] = has(core, CX_DEV_CAP_WOL_PORT1);
	caps->wol[1] = has(core, CX_DEV_CAP_WOL_PORT2);
	caps->eth_prot_ctrl = has(core, CX_DEV_CAP_ETH_PROT_CTRL);
	caps->backplane_autoneg = has(core, CX_DEV_CAP_BACKPLANE_AUTONEG);
	caps->ets_cfg = has(core, CX_DEV_CAP_ETS_CFG);
	caps->qcn = has(core, CX_DEV_CAP_QCN);
	caps->set_eth_sched = has(core, CX_DEV_CAP_SET_ETH_SCHED);
	caps->flow_statistics = has(core, CX_DEV_CAP_FLOW_STATISTICS);
	caps->config_dev = has(core, CX_DEV_CAP_CONFIG_DEV);
}

static void decode_reserved(struct cx_core *core)
{
	struct cx_device_limits *limits = core->limits;

	limits->reserved_qps = 1u << number(core, CX_DEV_CAP_LOG_RESERVED_QPS);
	limits->reserved_srqs = 1u
				<< number(core, CX_DEV_CAP_LOG_RESERVED_SRQS);
	limits->reserved_cqs = 1u << number(core, CX_DEV_CAP_LOG_RESERVED_CQS);
	limits->reserved_mtts = 1u
				<< number(core, CX_DEV_CAP_LOG_RESERVED_MTTS);
	limits->reserved_mrws = 1u
				<< number(core, CX_DEV_CAP_LOG_RESERVED_MRWS);
	limits->reserved_uars = number(core, CX_DEV_CAP_RESERVED_UARS);
	limits->reserved_mcgs = number(core, CX_DEV_CAP_RESERVED_MCGS);
	limits->reserved_pds = number(core, CX_DEV_CAP_RESERVED_PDS);
}

/*
 * The first event queues' doorbells lie in UAR pages that the firmware keeps
 * for itself: they are as good as reserved.
 */
static void decode_event_queues(struct cx_core *core)
{
	struct cx_device_limits *limits = core->limits;

	limits->sys_eqs = number(core, CX_DEV_CAP_SYS_EQS);
	limits->max_eqs = 1u << number(core, CX_DEV_CAP_LOG_MAX_EQS);
	limits->reserved_eqs =
		max3(1u << number(core, CX_DEV_CAP_LOG_RESERVED_EQS),
		     number(core, CX_DEV_CAP_RESERVED_EQS),
		     CX_UAR_EQS_PER_PAGE * limits->reserved_uars);
}

/* Tables are laid out by powers of two (docs/hardware/icm.md, C6.3). */
static int check_entries(struct cx_core *core)
{
	static const u32 fields[] = {
		CX_DEV_CAP_QPC_ENTRY,  CX_DEV_CAP_AUXC_ENTRY,
		CX_DEV_CAP_ALTC_ENTRY, CX_DEV_CAP_EQC_ENTRY,
		CX_DEV_CAP_CQC_ENTRY,  CX_DEV_CAP_SRQC_ENTRY,
		CX_DEV_CAP_CMPT_ENTRY, CX_DEV_CAP_DMPT_ENTRY,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fields); i++)
		if (!is_power_of_2(number(core, fields[i])))
			goto wrong;
	if (number(core, CX_DEV_CAP_MTT_ENTRY) == CX_MTT_SIZE)
		return 0;
wrong:
	dev_err(&core->adapter.pdev->dev,
		"the card's tables have entries of strange sizes\n");
	return -EPROTO;
}

/* Whether the driver can work with a card that says this */
static int check(struct cx_core *core)
{
	struct device *dev = &core->adapter.pdev->dev;
	u32 log_uar = number(core, CX_DEV_CAP_LOG_UAR_MIB) + LOG_MIB;
	u32 ports = number(core, CX_DEV_CAP_PORTS);

	if (!ports || ports > CX_PORTS) {
		dev_err(dev, "the card says it has %u ports\n", ports);
		return -EPROTO;
	}
	if (number(core, CX_DEV_CAP_LOG_MIN_PAGE) > PAGE_SHIFT) {
		dev_err(dev, "the card wants pages larger than the CPU's\n");
		return -EOPNOTSUPP;
	}
	if (log_uar >= 40 ||
	    1ULL << log_uar >
		    pci_resource_len(core->adapter.pdev, CX_BAR_UAR)) {
		dev_err(dev, "the card's doorbells do not fit its BAR 2\n");
		return -EPROTO;
	}
	core->limits->log_uars = log_uar - CX_UAR_PAGE_SHIFT;
	core->adapter.caps.ports = ports;
	return check_entries(core);
}

/* The firmware can forbid what QUERY_DEV_CAP offers. */
static void ask_svlan_insertion(struct cx_core *core)
{
	struct cx_caps *caps = &core->adapter.caps;
	bool phv = has(core, CX_DEV_CAP_PHV);
	u8 hca[CX_FIELD_OFFSET(CX_INIT_HCA_PHV_CHECK) + 4];

	if (phv && (query(core, CX_CMD_QUERY_HCA, 0, 0, hca, sizeof(hca)) ||
		    cx_get(hca, CX_INIT_HCA_PHV_CHECK)))
		phv = false;
	caps->svlan_insertion = phv && !caps->skip_outer_vlan;
}

/* Identity of the port for the outside; 0 if the firmware does not say */
static u64 ask_physical_id(struct cx_core *core, u8 port)
{
	struct cx_mailbox *out = cx_mailbox_get(core);
	u64 id = 0;

	if (IS_ERR(out))
		return 0;
	if (!cx_command(core, CX_CMD_MOD_STAT_CFG, CX_MOD_STAT_CFG_QUERY,
			port << CX_MOD_STAT_CFG_PORT_SHIFT, NULL, out))
		id = cx_get(out->data, CX_MOD_STAT_CFG_GUID_HIGH) << 32 |
		     cx_get(out->data, CX_MOD_STAT_CFG_GUID_LOW);
	cx_mailbox_put(core, out);
	return id;
}

static int ask_port(struct cx_core *core, u8 port)
{
	struct cx_device_limits *limits = core->limits;
	struct cx_caps *caps = &core->adapter.caps;
	u8 *data = limits->query_port[port - 1];
	int error;

	error = query(core, CX_CMD_QUERY_PORT, 0, port, data,
		      CX_QUERY_PORT_SIZE);
	if (error)
		return error;
	/* What can be Ethernet is, whatever the firmware suggests. */
	limits->port_ethernet[port - 1] = cx_get(data, CX_QUERY_PORT_ETHERNET);
	caps->max_macs = min_t(u16, caps->max_macs,
			       1u << cx_get(data, CX_QUERY_PORT_LOG_MAX_MACS));
	limits->physical_id[port - 1] = ask_physical_id(core, port);
	return 0;
}

/* docs/hardware/steering.md, E3.1; members of an entry: E3.3 */
static void choose_steering(struct cx_core *core)
{
	struct cx_device_limits *limits = core->limits;
	struct cx_caps *caps = &core->adapter.caps;
	u32 wanted = number(core, CX_DEV_CAP_FS_MAX_QPS_PER_ENTRY);

	limits->log_mcg_entry = LOG_MCG_ENTRY;
	caps->steering = CX_STEERING_A0;
	if (has(core, CX_DEV_CAP_VEP_UC_STEERING) &&
	    has(core, CX_DEV_CAP_VEP_MC_STEERING))
		caps->steering = CX_STEERING_B0;
	if (cx_param_log_mgm_entry_size <= 0 && has(core, CX_DEV_CAP_FS) &&
	    wanted <= MCG_MEMBERS(CX_LOG_MCG_ENTRY_MAX)) {
		caps->steering = CX_STEERING_MANAGED;
		while (wanted > MCG_MEMBERS(limits->log_mcg_entry))
			limits->log_mcg_entry++;
	}
	caps->vxlan = caps->steering == CX_STEERING_MANAGED &&
		      has(core, CX_DEV_CAP_VXLAN_OFFLOADS);
}

/**
 * cx_capabilities_init - what has to be known before the ICM is laid out
 * @core: the adapter, its firmware running
 *
 * Return: 0 or -errno.
 */
int cx_capabilities_init(struct cx_core *core)
{
	u8 port;
	int error;

	error = query(core, CX_CMD_QUERY_DEV_CAP, 0, 0, core->limits->dev_cap,
		      CX_DEV_CAP_SIZE);
	if (!error)
		error = check(core);
	if (error)
		return error;
	decode_queues(core);
	decode_offloads(core);
	decode_management(core);
	decode_reserved(core);
	decode_event_queues(core);
	core->adapter.caps.max_macs = core->params.max_macs;
	for (port = 1; port <= core->adapter.caps.ports; port++) {
		error = ask_port(core, port);
		if (error)
			return error;
	}
	ask_svlan_insertion(core);
	choose_steering(core);
	return 0;
}

/* Where event queues belong to functions, this one's share */
static int ask_event_queues(struct cx_core *core)
{
	struct cx_device_limits *limits = core->limits;
	u8 data[CX_QUERY_FUNC_SIZE];
	int error;

	if (limits->sys_eqs) {
		error = query(core, CX_CMD_QUERY_FUNC, 0, 0, data,
			      sizeof(data));
		if (error)
			return error;
		limits->reserved_eqs = cx_get(data, CX_QUERY_FUNC_RESERVED_EQS);
		limits->max_eqs = min_t(u32, limits->sys_eqs,
					cx_get(data, CX_QUERY_FUNC_MAX_EQS));
	}
	limits->max_eqs = min(limits->max_eqs, limits->count[CX_ICM_EQC]);
	if (limits->max_eqs < limits->reserved_eqs + EQS_MIN) {
		dev_err(&core->adapter.pdev->dev,
			"the card has %u event queues, of which it keeps %u\n",
			limits->max_eqs, limits->reserved_eqs);
		return -EPROTO;
	}
	return 0;
}

static int ask_clock(struct cx_core *core)
{
	struct cx_caps *caps = &core->adapter.caps;
	u8 hca[CX_FIELD_OFFSET(CX_INIT_HCA_CORE_CLOCK) + 4];
	int error;

	caps->core_clock_khz = 0;
	caps->timestamps = false;
	if (!has(core, CX_DEV_CAP_CQ_TIMESTAMP))
		return 0;
	error = query(core, CX_CMD_QUERY_HCA, 0, 0, hca, sizeof(hca));
	if (error)
		return error;
	caps->core_clock_khz = cx_get(hca, CX_INIT_HCA_CORE_CLOCK) * MHZ_IN_KHZ;
	caps->timestamps = caps->core_clock_khz;
	return 0;
}

static int ask_board(struct cx_core *core)
{
	u8 data[CX_QUERY_ADAPTER_SIZE];
	char *id = core->adapter.caps.board_id;
	unsigned int i;
	int error;

	error = query(core, CX_CMD_QUERY_ADAPTER, 0, 0, data, sizeof(data));
	if (error)
		return error;
	core->limits->inta_pin = cx_get(data, CX_QUERY_ADAPTER_INTA_PIN);
	for (i = 0; i < CX_PSID_SIZE; i++) {
		char c = data[CX_QUERY_ADAPTER_PSID + (i ^ 3)];

		id[i] = c && isprint(c) ? c : '\0';
	}
	id[CX_PSID_SIZE] = '\0';
	return 0;
}

/* What received checksums mean; a card that does not say means the classic */
static void ask_checksum_modes(struct cx_core *core)
{
	struct cx_caps *caps = &core->adapter.caps;
	u8 data[CX_CONFIG_DEV_SIZE];
	unsigned int i;

	for (i = 0; i < CX_PORTS; i++)
		caps->rx_checksum_mode[i] = CX_RX_CHECKSUM_CLASSIC;
	if (!caps->config_dev ||
	    query(core, CX_CMD_CONFIG_DEV, CX_CONFIG_DEV_GET, 0, data,
		  sizeof(data)))
		return;
	caps->rx_checksum_mode[0] =
		cx_get(data, CX_CONFIG_DEV_RX_CHECKSUM_MODE_1);
	caps->rx_checksum_mode[1] =
		cx_get(data, CX_CONFIG_DEV_RX_CHECKSUM_MODE_2);
	for (i = 0; i < CX_PORTS; i++)
		if (caps->rx_checksum_mode[i] > CX_RX_CHECKSUM_L4_OK_MULTI_VLAN)
			caps->rx_checksum_mode[i] = CX_RX_CHECKSUM_CLASSIC;
}

/**
 * cx_capabilities_finish - what can be asked after INIT_HCA only
 * @core: the adapter
 *
 * Return: 0 or -errno.
 */
int cx_capabilities_finish(struct cx_core *core)
{
	int error = ask_event_queues(core);

	if (!error)
		error = ask_clock(core);
	if (!error)
		error = ask_board(core);
	if (!error)
		ask_checksum_modes(core);
	return error;
}
