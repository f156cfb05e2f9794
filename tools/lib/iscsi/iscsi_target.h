/* SPDX-License-Identifier: GPL-2.0-only */
/* The target that is baked into an initrd. */
#ifndef TOOLS_LIB_ISCSI_TARGET_H
#define TOOLS_LIB_ISCSI_TARGET_H

#include "tools/lib/base/buffer.h"
#include "tools/lib/iscsi/iscsi_name.h"

struct iscsi_target {
	char host[ISCSI_HOST_MAX + 1]; /* empty: known at boot */
	enum iscsi_host kind;
	uint16_t port; /* 0: not given */
	char name[ISCSI_NAME_MAX + 1]; /* empty: from the lease */
	bool has_lun; /* else from the lease, or 0 */
	uint64_t lun;
	char initiator[ISCSI_NAME_MAX + 1]; /* empty: made at boot */
	/* Further settings of the way there: lines of KEY=VALUE, checked */
	struct buffer settings;
	bool has_vlan;
	bool has_secret; /* in the settings */
};

#endif
