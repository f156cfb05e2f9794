// SPDX-License-Identifier: GPL-2.0-only
#include "emulator/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <libgen.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "emulator/loop/log.h"

#ifdef SANDBOX_UNAVAILABLE

int sandbox_enter(enum sandbox_mode mode, const char *const *sockets)
{
	return 0;
}

#else

static const int allowed[] = {
	/* sockets, taps, eventfds, the trace and the capture */
	SCMP_SYS(read),
	SCMP_SYS(readv),
	SCMP_SYS(write),
	SCMP_SYS(writev),
	SCMP_SYS(recvmsg),
	SCMP_SYS(recvfrom),
	SCMP_SYS(sendmsg),
	SCMP_SYS(sendto),
	SCMP_SYS(accept4),
	SCMP_SYS(connect),
	SCMP_SYS(close),
	SCMP_SYS(lseek),
	/* the card's flash */
	SCMP_SYS(pwrite64),
	/* what a client's descriptor is */
	SCMP_SYS(fstat),
	SCMP_SYS(fstatfs),
	/* the loop */
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_pwait2),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	/* the C library's memory, locks, random hash seeds */
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(madvise),
	SCMP_SYS(futex),
	SCMP_SYS(getrandom),
	SCMP_SYS(restart_syscall),
	/* the handler of SIGBUS; abort(), so that a failure leaves a core */
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	/* the end: socket files go, after a look whether they are still ours */
	SCMP_SYS(newfstatat),
	SCMP_SYS(stat),
	SCMP_SYS(unlink),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

/* System calls that are allowed with some arguments only */
static int allow_conditional(scmp_filter_ctx filter)
{
	int error;

	error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
				 SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (!error)
		error = seccomp_rule_add(
			filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	/* realloc() of large blocks moves pages, and makes none executable */
	if (!error)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
					 SCMP_SYS(mremap), 0);
	/* whether a client's descriptor can be written to; never blocking */
	if (!error)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
					 SCMP_SYS(fcntl), 1,
					 SCMP_A1(SCMP_CMP_EQ, F_GETFL));
	if (!error)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
					 SCMP_SYS(fcntl), 1,
					 SCMP_A1(SCMP_CMP_EQ, F_SETFL));
	/* a stream port looks for its peer again */
	if (!error)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
					 SCMP_SYS(socket), 1,
					 SCMP_A0(SCMP_CMP_EQ, AF_UNIX));
	if (!error)
		error = seccomp_rule_add(
			filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
			SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
	return error;
}

static int add_rules(scmp_filter_ctx filter)
{
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		int error =
			seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);

		if (error)
			return error;
	}
	return allow_conditional(filter);
}

static void put_text(const char *text)
{
	/* nothing can be done about standard error that is closed */
	if (write(STDERR_FILENO, text, strlen(text)) < 0)
		return;
}

/* The kernel has not carried the call out; its result is what we leave. */
static void refused(int number, siginfo_t *info, void *at)
{
	ucontext_t *context = at;
	char digits[12] = { 0 }, *first = digits + sizeof(digits) - 1;
	int call = info->si_syscall;

	do {
		*--first = (char)('0' + call % 10);
		call /= 10;
	} while (call > 0 && first > digits);
	put_text("sandbox: refused system call ");
	put_text(first);
	put_text("\n");
#if defined(__x86_64__)
	context->uc_mcontext.gregs[REG_RAX] = -EPERM;
#elif defined(__aarch64__)
	context->uc_mcontext.regs[0] = (unsigned long long)-EPERM;
#else
	(void)context;
#endif
}

static int report_refusals(void)
{
	struct sigaction action = { .sa_sigaction = refused,
				    .sa_flags = SA_SIGINFO | SA_NODEFER };

	sigemptyset(&action.sa_mask);
	return sigaction(SIGSYS, &action, NULL) < 0 ? -errno : 0;
}

static int load_filter(enum sandbox_mode mode)
{
	scmp_filter_ctx filter = seccomp_init(
		mode == SANDBOX_LOG ? SCMP_ACT_TRAP : SCMP_ACT_KILL_PROCESS);
	int error;

	if (!filter)
		return -ENOMEM;
	error = add_rules(filter);
	/* a binary tree: the filter runs for every call of the data path */
	if (!error)
		error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (!error && mode == SANDBOX_LOG)
		error = report_refusals();
	if (!error)
		error = seccomp_load(filter);
	seccomp_release(filter);
	return error;
}

/* Lets files be removed in the folder of @socket. */
static int allow_removal(int ruleset, const char *socket)
{
	struct landlock_path_beneath_attr rule = {
		.allowed_access = LANDLOCK_ACCESS_FS_REMOVE_FILE,
	};
	char *copy = strdup(socket);
	int error = 0;

	if (!copy)
		return -ENOMEM;
	rule.parent_fd = open(dirname(copy), O_PATH | O_CLOEXEC);
	free(copy);
	if (rule.parent_fd < 0)
		return -errno;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
		    &rule, 0) < 0)
		error = -errno;
	close(rule.parent_fd);
	return error;
}

/* Arguments of unlink() are pointers, which a filter cannot look behind. */
static int restrict_files(const char *const *sockets)
{
	/* All that the first version of Landlock knows */
	struct landlock_ruleset_attr attributes = {
		.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1,
	};
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes,
				   sizeof(attributes), 0);
	int error = 0;

	if (ruleset < 0)
		return errno == ENOSYS || errno == EOPNOTSUPP ? 0 : -errno;
	for (; *sockets && !error; sockets++)
		error = allow_removal(ruleset, *sockets);
	if (!error && syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
		error = -errno;
	close(ruleset);
	return error;
}

int sandbox_enter(enum sandbox_mode mode, const char *const *sockets)
{
	int error = 0;

	if (mode == SANDBOX_OFF)
		return 0;
	/* json-c reads a random seed, from a file perhaps, when it is used */
	json_object_put(json_object_new_object());
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		error = -errno;
	if (!error)
		error = restrict_files(sockets);
	if (!error)
		error = load_filter(mode);
	if (error)
		log_line(
			"connectx-adapter: cannot enter the sandbox: %s (--no-sandbox does without)",
			strerror(-error));
	return error;
}

#endif
