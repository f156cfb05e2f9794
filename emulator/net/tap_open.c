// SPDX-License-Identifier: GPL-2.0-only
#include "emulator/net/tap_open.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "emulator/net/virtio_net_header.h"

static int attach(int fd, const char *name, const char **error)
{
	struct ifreq request = {
		.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR,
	};

	if (!*name || strlen(name) >= sizeof(request.ifr_name)) {
		*error = "tap: the interface's name is empty or longer than "
			 "15 characters";
		return -EINVAL;
	}
	memcpy(request.ifr_name, name, strlen(name));
	if (!ioctl(fd, TUNSETIFF, &request))
		return 0;
	/* a persistent tap with many queues is opened as such only */
	request.ifr_flags |= IFF_MULTI_QUEUE;
	if (errno == EINVAL && !ioctl(fd, TUNSETIFF, &request))
		return 0;
	switch (errno) {
	case EPERM:
		*error = "tap: no permission for the interface: make it first "
			 "with \"ip tuntap add NAME mode tap user USER\"";
		break;
	case EBUSY:
		*error = "tap: the interface is in use by another process";
		break;
	default:
		*error = "tap: there is an interface of that name that is no "
			 "tap";
	}
	return -errno;
}

static int open_by_name(const char *name, struct tap_descriptor *tap,
			const char **error)
{
	int size = VIRTIO_NET_HEADER;
	int status;

	tap->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (tap->fd < 0) {
		*error = "tap: cannot open /dev/net/tun";
		return -errno;
	}
	status = attach(tap->fd, name, error);
	if (!status && ioctl(tap->fd, TUNSETVNETHDRSZ, &size)) {
		*error = "tap: the kernel refuses the size of the header";
		status = -errno;
	}
	if (status) {
		close(tap->fd);
		return status;
	}
	tap->header = (unsigned int)size;
	return 0;
}

static int take_inherited(const char *number, struct tap_descriptor *tap,
			  const char **error)
{
	struct ifreq request = { 0 };
	char *end;
	long fd = strtol(number, &end, 10);
	int size = 0, flags;

	if (!*number || *end || fd < 0 || fd > INT16_MAX) {
		*error = "tap: fd= needs the number of a descriptor";
		return -EINVAL;
	}
	if (ioctl((int)fd, TUNGETIFF, &request) ||
	    !(request.ifr_flags & IFF_TAP) ||
	    !(request.ifr_flags & IFF_NO_PI)) {
		*error = "tap: the descriptor is no tap, or one with packet "
			 "information (IFF_NO_PI is missing)";
		return -EINVAL;
	}
	if (request.ifr_flags & IFF_VNET_HDR &&
	    (ioctl((int)fd, TUNGETVNETHDRSZ, &size) ||
	     (size != VIRTIO_NET_HEADER &&
	      size != VIRTIO_NET_HEADER_MERGEABLE))) {
		*error = "tap: the descriptor's virtio header is not of 10 or "
			 "12 bytes";
		return -EINVAL;
	}
	flags = fcntl((int)fd, F_GETFL);
	if (flags < 0 || fcntl((int)fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
	    fcntl((int)fd, F_SETFD, FD_CLOEXEC) < 0) {
		*error = "tap: cannot make the descriptor non-blocking";
		return -errno;
	}
	tap->fd = (int)fd;
	tap->header = (unsigned int)size;
	return 0;
}

int tap_open(const char *name, bool gso, struct tap_descriptor *tap,
	     const char **error)
{
	bool inherited = !strncmp(name, "fd=", 3);
	unsigned long offloads = 0;
	int status, one = 1;

	status = inherited ? take_inherited(name + 3, tap, error) :
			     open_by_name(name, tap, error);
	if (status)
		return status;
	/* Kernels that do not know it are little-endian on such machines. */
	ioctl(tap->fd, TUNSETVNETLE, &one);
	if (gso && tap->header)
		offloads = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;
	/* without a header the kernel must not leave anything to us */
	if (ioctl(tap->fd, TUNSETOFFLOAD, offloads) && offloads) {
		*error = "tap: the kernel refuses offloads: try gso=off";
		status = -errno;
		close(tap->fd);
		return status;
	}
	tap->offloads = offloads != 0;
	return 0;
}
