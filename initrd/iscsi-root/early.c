// SPDX-License-Identifier: GPL-2.0-only
#include "initrd/iscsi-root/early.h"

#include "initrd/iscsi-root/say.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static struct place {
	const char *path;
	const char *type;
	const char *sign; /* is there when it is mounted */
	bool mounted; /* by us */
} places[] = {
	{ "/proc", "proc", "/proc/cmdline", false },
	{ "/sys", "sysfs", "/sys/class", false },
	{ "/dev", "devtmpfs", "/dev/null", false },
};

#define PLACES (sizeof(places) / sizeof(places[0]))

void early_mount(void)
{
	for (size_t i = 0; i < PLACES; i++) {
		struct place *p = &places[i];

		if (!access(p->sign, F_OK))
			continue;
		if (mkdir(p->path, 0755) && errno != EEXIST)
			complain("%s: %s", p->path, strerror(errno));
		else if (mount(p->type, p->path, p->type, 0, NULL))
			complain("%s is not mounted on %s: %s", p->type,
				 p->path, strerror(errno));
		else
			p->mounted = true;
	}
	/* open-iscsi leaves its locks there. */
	mkdir("/run", 0755);
}

void early_unmount(void)
{
	for (size_t i = PLACES; i-- > 0;) {
		struct place *p = &places[i];

		/* Detached: a program of the initiator may still be there. */
		if (p->mounted && umount2(p->path, MNT_DETACH))
			complain("%s: %s", p->path, strerror(errno));
		p->mounted = false;
	}
}
