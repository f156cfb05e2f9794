// SPDX-License-Identifier: GPL-2.0-only
/*
 * Receives UDP datagrams on a port and forgets them: udp_sink PORT. Runs in
 * the guests of the benchmarks, so it is linked statically and does no more
 * than a system call a datagram.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	static char datagram[65536];
	const int room = 16 << 20;
	int port = argc == 2 ? atoi(argv[1]) : 0;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	address.sin_port = htons(port);
	/* A guest that counts is slow, and drops nothing. */
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	if (port <= 0 || fd < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		perror("udp_sink PORT");
		return 1;
	}
	while (recv(fd, datagram, sizeof(datagram), 0) >= 0)
		;
	perror("recv");
	return 1;
}
