// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first program of an initrd that mkinitrd-en has treated: loads the
 * drivers listed for the running kernel, has the disk found where that cannot
 * wait, and becomes the image's own init.
 *
 * It stands alone, since it cannot know what the image holds: no libc, no
 * shell, no insmod, nothing mounted. It never stops a boot; what goes wrong
 * is said in the kernel's log.
 */
#include <asm/unistd.h>
#include <linux/fcntl.h>
#include <linux/mman.h>
#include <linux/utsname.h>

#define DIRECTORY "/connectx-en/"
#define ORIGINAL_INIT DIRECTORY "init"
/* A node of our own: /dev is empty until the image's init mounts it. */
#define LOG_DEVICE DIRECTORY "kmsg"
#define PREFIX "connectx-en: "
#define ISCSI_ROOT DIRECTORY "iscsi-root"
#define EARLY_MARK DIRECTORY "early"

#define ENOSYS 38
#define EEXIST 17
#define SIGCHLD 17

#if defined(__x86_64__)
static long call(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10),
			   "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

/* The kernel hands over argc, argv and envp on the stack. */
__asm__(".globl _start\n"
	"_start:\n"
	"	xor %ebp, %ebp\n"
	"	mov %rsp, %rdi\n"
	"	and $-16, %rsp\n"
	"	call start\n");
#elif defined(__aarch64__)
static long call(long number, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc #0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory");
	return x0;
}

__asm__(".globl _start\n"
	"_start:\n"
	"	mov x29, #0\n"
	"	mov x0, sp\n"
	"	bl start\n");
#else
#error "This program knows the system calls of x86-64 and arm64 only."
#endif

#define call1(n, a) call(n, (long)(a), 0, 0, 0, 0, 0)
#define call3(n, a, b, c) call(n, (long)(a), (long)(b), (long)(c), 0, 0, 0)

static int log_fd = -1;

static unsigned long length_of(const char *s)
{
	unsigned long n = 0;

	while (s[n])
		n++;
	return n;
}

/* Puts @s behind @at, keeps room for a NUL before @end; returns the new end. */
static char *add(char *at, const char *end, const char *s)
{
	while (*s && at < end - 1)
		*at++ = *s++;
	*at = '\0';
	return at;
}

/* One record of /dev/kmsg is one write. */
static void say(const char *a, const char *b, const char *c)
{
	char line[400];
	const char *end = line + sizeof(line);
	char *at = add(line, end, PREFIX);

	at = add(at, end, a);
	at = add(at, end, b);
	add(at, end, c);
	call3(__NR_write, log_fd, line, length_of(line));
}

static int open_for(const char *path, int flags)
{
	return call(__NR_openat, AT_FDCWD, (long)path, flags | O_CLOEXEC, 0, 0,
		    0);
}

/* Kernels before 3.8 want the module's bytes, not its file. */
static long load_bytes(int fd, const char *parameters)
{
	long size = call3(__NR_lseek, fd, 0, 2);
	long bytes;
	long result;

	if (size <= 0)
		return size;
	bytes = call(__NR_mmap, 0, size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes < 0 && bytes > -4096)
		return bytes;
	result = call3(__NR_init_module, bytes, size, parameters);
	call3(__NR_munmap, bytes, size, 0);
	return result;
}

static void say_error(const char *path, long error)
{
	char digits[24];
	char *at = digits + sizeof(digits) - 1;

	*at = '\0';
	do {
		*--at = '0' + error % 10;
		error /= 10;
	} while (error);
	say(path, " does not load: error ", at);
}

/* One line of the list: a path, and parameters behind a blank. */
static void load(char *line)
{
	const char *parameters = "";
	char *end = line;
	long result;
	int fd;

	while (*end && *end != ' ')
		end++;
	if (*end) {
		*end = '\0';
		parameters = end + 1;
	}
	fd = open_for(line, O_RDONLY);
	if (fd < 0) {
		say_error(line, -fd);
		return;
	}
	result = call3(__NR_finit_module, fd, parameters, 0);
	if (result == -ENOSYS)
		result = load_bytes(fd, parameters);
	call1(__NR_close, fd);
	if (result && result != -EEXIST)
		say_error(line, -result);
	else
		say("loaded ", line, result ? " (was there)" : "");
}

static void load_all(const char *release)
{
	static char list[16384];
	char path[256];
	char *at = path;
	char *line;
	long size;
	int fd;

	at = add(at, path + sizeof(path), DIRECTORY);
	at = add(at, path + sizeof(path), release);
	add(at, path + sizeof(path), "/load");
	fd = open_for(path, O_RDONLY);
	if (fd < 0) {
		say("this initrd has no drivers for kernel ", release, "");
		return;
	}
	size = call3(__NR_read, fd, list, sizeof(list) - 1);
	call1(__NR_close, fd);
	list[size > 0 ? size : 0] = '\0';
	for (line = list; *line; line = at) {
		for (at = line; *at && *at != '\n'; at++)
			;
		if (*at)
			*at++ = '\0';
		if (*line)
			load(line);
	}
}

/*
 * Where the image's init knows nothing of networks, iscsi-root brings the disk
 * before it begins, however long that takes.
 */
static void find_disk(char **envp)
{
	static char *const words[] = { ISCSI_ROOT, "--early", (char *)0 };
	long child;
	int fd = open_for(EARLY_MARK, O_RDONLY);

	if (fd < 0)
		return;
	call1(__NR_close, fd);
	child = call1(__NR_clone, SIGCHLD);
	if (!child) {
		call3(__NR_execve, ISCSI_ROOT, words, envp);
		say("cannot run ", ISCSI_ROOT, "");
		call1(__NR_exit_group, 1);
	}
	if (child < 0)
		say("cannot start ", ISCSI_ROOT, "");
	else
		call(__NR_wait4, child, 0, 0, 0, 0, 0);
}

/* The only reference to it stands in the assembly above. */
void start(long *stack);

__attribute__((used, noreturn)) void start(long *stack)
{
	char **argv = (char **)(stack + 1);
	char **envp = argv + stack[0] + 1;
	struct new_utsname name;

	log_fd = open_for(LOG_DEVICE, O_WRONLY);
	if (!call1(__NR_uname, &name))
		load_all(name.release);
	find_disk(envp);
	call3(__NR_execve, ORIGINAL_INIT, argv, envp);
	say("cannot run ", ORIGINAL_INIT, "");
	for (;;)
		call1(__NR_exit_group, 1);
}
