/* SPDX-License-Identifier: GPL-2.0-only */
/* The options of the root disk and of the way to it. */
#ifndef TOOLS_MKINITRD_EN_TARGET_OPTIONS_H
#define TOOLS_MKINITRD_EN_TARGET_OPTIONS_H

struct failure;
struct iscsi_target;

/* getopt's codes of these options */
enum target_option {
	TARGET_ADDRESS = 768,
	TARGET_IQN,
	TARGET_LUN,
	TARGET_INITIATOR,
	TARGET_CHAP,
	TARGET_IP,
	TARGET_PORT,
	TARGET_MAC,
	TARGET_VLAN,
	TARGET_MTU,
	TARGET_LINK_TIMEOUT,
	TARGET_IBFT,
	TARGET_OPTION_END,
};

/* Takes one of them. 0, -EINVAL or another -errno with a message. */
int target_option_take(struct iscsi_target *t, int code, const char *value,
		       struct failure *why);

#endif
