// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP of two real stacks, each in a namespace of its own, over two taps that
 * this test joins: what one backend receives the other sends. Nothing may get
 * lost for good, and no checksum may be wrong.
 */
#include "tests/unit/emulator_packet/net_user.h"
#include "tests/unit/emulator_packet/tap_lab.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRANSFER (24u * 1024 * 1024)
#define PORT 5001

struct side {
	struct net_backend *backend;
	struct side *other;
	unsigned int large, plain, unsummed, kept;
	bool waits; /* a frame for the other is kept */
	pid_t child;
	int control;
};

static struct event_loop *loop;

static bool relay(void *context, const struct net_frame *frame)
{
	struct side *self = context;
	struct net_backend *out = self->other->backend;
	int status = out->ops->send(out, frame);

	if (status == -EAGAIN) {
		self->waits = true;
		self->kept++;
		return false;
	}
	self->large += frame->mss != 0;
	self->plain += frame->mss == 0;
	self->unsummed += frame->checksums_wanted;
	return true;
}

static void room(void *context)
{
	struct side *self = context;
	struct net_backend *from = self->other->backend;

	if (!self->other->waits)
		return;
	self->other->waits = false;
	from->ops->pause(from, false);
}

static void send_descriptor(int socket, int fd)
{
	char space[CMSG_SPACE(sizeof(int))] = { 0 }, byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr message = { .msg_iov = &iov,
				  .msg_iovlen = 1,
				  .msg_control = space,
				  .msg_controllen = sizeof(space) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&message);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	if (sendmsg(socket, &message, 0) != 1)
		_exit(2);
}

static int receive_descriptor(int socket)
{
	char space[CMSG_SPACE(sizeof(int))], byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr message = { .msg_iov = &iov,
				  .msg_iovlen = 1,
				  .msg_control = space,
				  .msg_controllen = sizeof(space) };
	int fd;

	assert_int_equal(recvmsg(socket, &message, 0), 1);
	assert_non_null(CMSG_FIRSTHDR(&message));
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

/* Return: the number in the column @name of the line @protocol, or -1 */
static long counter(const char *protocol, const char *name)
{
	char names[2048], values[2048];
	FILE *file = fopen("/proc/self/net/snmp", "r");
	long result = -1;

	while (file && fgets(names, sizeof(names), file) &&
	       fgets(values, sizeof(values), file)) {
		char *next, *n = strtok_r(names, " \n", &next);
		char *nextv, *v = strtok_r(values, " \n", &nextv);

		if (strcmp(n, protocol))
			continue;
		while (n && v && strcmp(n, name)) {
			n = strtok_r(NULL, " \n", &next);
			v = strtok_r(NULL, " \n", &nextv);
		}
		if (n && v)
			result = atol(v);
	}
	if (file)
		fclose(file);
	return result;
}

static int transfer_out(int fd, uint32_t seed)
{
	static uint8_t block[65536];

	for (uint32_t sent = 0; sent < TRANSFER; sent += sizeof(block)) {
		size_t done = 0;

		fill_bytes(block, sizeof(block), seed ^ sent);
		while (done < sizeof(block)) {
			ssize_t count =
				send(fd, block + done, sizeof(block) - done, 0);

			if (count <= 0)
				return 10;
			done += (size_t)count;
		}
	}
	return 0;
}

static int transfer_in(int fd, uint32_t seed)
{
	static uint8_t block[65536], expected[65536];

	for (uint32_t got = 0; got < TRANSFER; got += sizeof(block)) {
		if (recv(fd, block, sizeof(block), MSG_WAITALL) !=
		    (ssize_t)sizeof(block))
			return 20;
		fill_bytes(expected, sizeof(expected), seed ^ got);
		if (memcmp(block, expected, sizeof(block)))
			return 21;
	}
	return 0;
}

static int converse(bool server, int control)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons(PORT),
				       .sin_addr.s_addr = htonl(0x0a4d0002) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr *where = (struct sockaddr *)&address;
	char byte = 0;
	int status;

	if (server) {
		if (bind(fd, where, sizeof(address)) || listen(fd, 1))
			return 3;
		if (write(control, &byte, 1) != 1)
			return 4;
		fd = accept(fd, NULL, NULL);
		status = transfer_in(fd, 1);
		if (!status)
			status = transfer_out(fd, 2);
	} else {
		if (read(control, &byte, 1) != 1)
			return 4;
		if (connect(fd, where, sizeof(address)))
			return 5;
		status = transfer_out(fd, 1);
		if (!status)
			status = transfer_in(fd, 2);
	}
	if (!status && (counter("Tcp:", "InErrs") != 0 ||
			counter("Tcp:", "InCsumErrors") != 0 ||
			counter("Ip:", "InHdrErrors") != 0))
		status = 30;
	return status;
}

static void run_child(bool server, int header, int control)
{
	int tap;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* nobody may wait for a stack that lost its peer */
	alarm(60);
	if (unshare(CLONE_NEWNET))
		_exit(1);
	tap = lab_open_tap("side0", header);
	lab_interface_up("side0");
	lab_interface_address("side0", server ? 2 : 1);
	send_descriptor(control, tap);
	close(tap);
	_exit(converse(server, control));
}

static void start_side(struct side *side, bool server, int header,
		       const char *option)
{
	const char *error = "";
	char description[32];
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	side->child = fork();
	assert_true(side->child >= 0);
	if (!side->child) {
		close(pair[0]);
		run_child(server, header, pair[1]);
	}
	close(pair[1]);
	side->control = pair[0];
	snprintf(description, sizeof(description), "tap:fd=%d%s",
		 receive_descriptor(pair[0]), option);
	side->backend = net_backend_open(loop, description, &error);
	assert_non_null(side->backend);
	side->backend->events = (struct net_backend_events){
		.receive = relay,
		.writable = room,
		.context = side,
	};
}

static bool ended(struct side *side, int *status)
{
	if (side->child && waitpid(side->child, status, WNOHANG) > 0)
		side->child = 0;
	return !side->child;
}

static void run_sides(struct side sides[2], int client_header,
		      const char *client_option, int server_header,
		      const char *server_option)
{
	int status[2] = { -1, -1 };
	char byte;

	loop = event_loop_create(0);
	memset(sides, 0, 2 * sizeof(sides[0]));
	sides[0].other = &sides[1];
	sides[1].other = &sides[0];
	start_side(&sides[0], false, client_header, client_option);
	start_side(&sides[1], true, server_header, server_option);
	assert_int_equal(read(sides[1].control, &byte, 1), 1);
	assert_int_equal(write(sides[0].control, &byte, 1), 1);
	for (bool done = false; !done;) {
		assert_int_equal(event_loop_turn(loop, 10000000), 0);
		done = ended(&sides[0], &status[0]);
		done = ended(&sides[1], &status[1]) && done;
	}
	for (int i = 0; i < 2; i++) {
		print_message("side %d: %u large, %u plain, %u unsummed, "
			      "%u kept\n",
			      i, sides[i].large, sides[i].plain,
			      sides[i].unsummed, sides[i].kept);
		assert_int_equal(status[i], 0);
		close(sides[i].control);
		net_backend_destroy(sides[i].backend);
	}
	event_loop_destroy(loop);
}

static void test_large_both_ways(void **state)
{
	struct side sides[2];

	run_sides(sides, 10, "", 12, "");
	/* most bytes went in large packets: each is above 20 segments */
	assert_true(sides[0].large > 100 && sides[1].large > 100);
	assert_true(sides[0].large < TRANSFER / 1448 / 4);
	assert_true(sides[0].unsummed >= sides[0].large);
}

static void test_one_side_without_gso(void **state)
{
	struct side sides[2];

	run_sides(sides, 10, "", 10, ",gso=off");
	/* the client's large packets are segmented for the server */
	assert_true(sides[0].large > 100);
	assert_int_equal(sides[1].large, 0);
	assert_int_equal(sides[1].unsummed, 0);
	assert_true(sides[1].plain > TRANSFER / 1448);
}

static void test_no_header_at_all(void **state)
{
	struct side sides[2];

	run_sides(sides, 0, "", 0, "");
	assert_int_equal(sides[0].large + sides[1].large, 0);
	assert_int_equal(sides[0].unsummed + sides[1].unsummed, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_large_both_ways),
		cmocka_unit_test(test_one_side_without_gso),
		cmocka_unit_test(test_no_header_at_all),
	};

	if (!lab_enter_namespace()) {
		puts("SKIPPED: net-tap-tcp");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
