// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sends or receives a number of bytes over one TCP connection, a system call
 * for each 64 KiB: tcp_bulk tx|rx ADDRESS PORT BYTES. Ends when the other end
 * has closed. (iperf3 executes more than the stack does, and not always the
 * same.)
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHUNK 65536

static char chunk[CHUNK];

static int give(int fd, long bytes)
{
	while (bytes > 0) {
		ssize_t done = write(fd, chunk, bytes < CHUNK ? bytes : CHUNK);

		if (done < 0)
			return -1;
		bytes -= done;
	}
	if (shutdown(fd, SHUT_WR) < 0)
		return -1;
	return read(fd, chunk, 1) == 0 ? 0 : -1;
}

static int take(int fd, long bytes)
{
	ssize_t done;

	while ((done = read(fd, chunk, CHUNK)) > 0)
		bytes -= done;
	return done == 0 && bytes == 0 ? 0 : -1;
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int result;

	if (argc != 5 || !inet_aton(argv[2], &address.sin_addr)) {
		fprintf(stderr, "tcp_bulk tx|rx ADDRESS PORT BYTES\n");
		return 1;
	}
	address.sin_port = htons(atoi(argv[3]));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		perror("connect");
		return 1;
	}
	if (!strcmp(argv[1], "tx"))
		result = give(fd, atol(argv[4]));
	else
		result = take(fd, atol(argv[4]));
	if (result < 0)
		perror("tcp_bulk");
	return result < 0;
}
