// SPDX-License-Identifier: GPL-2.0-only
/*
 * iscsiadm keeps a record of the target, which iscsid logs in by; systemd starts
 * iscsid when its socket is used, else we do.
 */
#include "initrd/iscsi-root/login.h"

#include "initrd/iscsi-root/run_program.h"
#include "initrd/iscsi-root/say.h"
#include "initrd/iscsi-root/seconds.h"
#include "initrd/iscsi-root/settings.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* Where iscsid listens, a name without a file */
#define SOCKET_NAME "ISCSIADM_ABSTRACT_NAMESPACE"
#define INITIATOR_FILE "/etc/iscsi/initiatorname.iscsi"
#define INTERFACE "connectx-en"
#define DAEMON_SECONDS 5

struct record {
	const char *iscsiadm;
	const struct settings *settings;
	char portal[ISCSI_HOST_MAX + 16];
	double end;
};

static bool daemon_listens(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool listens;

	memcpy(address.sun_path + 1, SOCKET_NAME, strlen(SOCKET_NAME));
	listens = fd >= 0 && !connect(fd, (struct sockaddr *)&address,
				      offsetof(struct sockaddr_un, sun_path) +
					      1 + strlen(SOCKET_NAME));
	if (fd >= 0)
		close(fd);
	return listens;
}

/* What both expect to be there; a small image has not got all of it. */
static void make_folders(const struct settings *s)
{
	static const char *const folders[] = { "/etc/iscsi", "/var", "/var/lib",
					       "/var/lib/iscsi", "/run/lock" };
	FILE *file;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		mkdir(folders[i], 0755);
	/*
	 * dracut leaves a file in a folder that it finds empty; iscsiadm takes
	 * each name there for a folder, and calls its database broken.
	 */
	unlink("/var/lib/iscsi/nodes/.dracut");
	unlink("/etc/iscsi/nodes/.dracut");
	if (!access(INITIATOR_FILE, F_OK))
		return;
	file = fopen(INITIATOR_FILE, "we");
	if (file) {
		fprintf(file, "InitiatorName=%s\n", s->initiator);
		fclose(file);
	}
}

static int start_daemon(const char *iscsid)
{
	const struct timespec pause = { .tv_nsec = 50 * 1000 * 1000 };
	const char *const words[] = { iscsid, NULL };
	double end = seconds_now() + DAEMON_SECONDS;
	int err;

	if (daemon_listens())
		return 0;
	err = run_program(words, end);
	while (!err && !daemon_listens()) {
		if (seconds_now() >= end)
			err = -ETIMEDOUT;
		nanosleep(&pause, NULL);
	}
	if (err)
		complain("%s does not start: %s", iscsid, strerror(-err));
	return err;
}

static int order(const struct record *r, const char *operation,
		 const char *name, const char *value)
{
	const char *const words[] = { r->iscsiadm,
				      "-m",
				      "node",
				      "-T",
				      r->settings->name,
				      "-p",
				      r->portal,
				      "-I",
				      INTERFACE,
				      "-o",
				      operation,
				      name ? "-n" : NULL,
				      name,
				      "-v",
				      value,
				      NULL };

	return run_program(words, r->end);
}

/* An interface of our own has the initiator's name: no record can have it. */
static int make_interface(const struct record *r)
{
	const char *const create[] = { r->iscsiadm, "-m", "iface", "-I",
				       INTERFACE,   "-o", "new",   NULL };
	const char *const name[] = { r->iscsiadm,
				     "-m",
				     "iface",
				     "-I",
				     INTERFACE,
				     "-o",
				     "update",
				     "-n",
				     "iface.initiatorname",
				     "-v",
				     r->settings->initiator,
				     NULL };

	/* It may be there from an earlier try: the second one tells. */
	run_program(create, r->end);
	return run_program(name, r->end);
}

static int set_chap(const struct record *r, const struct chap *chap,
		    const char *user, const char *secret)
{
	int err;

	if (!*chap->user)
		return 0;
	err = order(r, "update", "node.session.auth.authmethod", "CHAP");
	if (!err)
		err = order(r, "update", user, chap->user);
	return err ? err : order(r, "update", secret, chap->secret);
}

static int log_in(const struct record *r)
{
	const char *const words[] = {
		r->iscsiadm, "-m",	"node",	   "-T", r->settings->name,
		"-p",	     r->portal, "--login", NULL
	};

	return run_program(words, r->end);
}

int login_by_iscsiadm(const char *iscsiadm, const char *iscsid,
		      const struct settings *s, const char *address,
		      unsigned int port, double end)
{
	struct record r = { .iscsiadm = iscsiadm, .settings = s, .end = end };
	bool ipv6 = strchr(address, ':');
	int err;

	snprintf(r.portal, sizeof(r.portal), "%s%s%s:%u,1", ipv6 ? "[" : "",
		 address, ipv6 ? "]" : "", port);
	make_folders(s);
	err = start_daemon(iscsid);
	if (!err)
		err = make_interface(&r);
	if (!err)
		err = order(&r, "new", NULL, NULL);
	/* The booted system's iscsid keeps sessions of such a record. */
	if (!err)
		err = order(&r, "update", "node.startup", "onboot");
	if (!err)
		err = set_chap(&r, &s->chap, "node.session.auth.username",
			       "node.session.auth.password");
	if (!err)
		err = set_chap(&r, &s->chap_in, "node.session.auth.username_in",
			       "node.session.auth.password_in");
	return err ? err : log_in(&r);
}
