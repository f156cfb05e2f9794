// SPDX-License-Identifier: GPL-2.0-only
#include "initrd/iscsi-root/result.h"

#include "initrd/iscsi-root/dhcp_message.h"
#include "initrd/iscsi-root/disk.h"
#include "initrd/iscsi-root/text_file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RESOLVER "/etc/resolv.conf"

static int close_file(FILE *file)
{
	int err = ferror(file) ? -EIO : 0;

	return fclose(file) && !err ? -errno : err;
}

int result_write(const char *path, const char *interface, const char *disk,
		 const struct root_file_system *root)
{
	FILE *file = fopen(path, "we");

	if (!file)
		return -errno;
	if (root)
		fprintf(file, "ROOT=/dev/%s\nROOT_TYPE=%s\n", root->name,
			root->type);
	if (*disk)
		fprintf(file, "DISK=/dev/%s\n", disk);
	fprintf(file, "DEVICE=%s\n", interface);
	return close_file(file);
}

static const char *text_of(int family, const uint8_t *address,
			   char text[INET6_ADDRSTRLEN])
{
	return inet_ntop(family, address, text, INET6_ADDRSTRLEN);
}

static void write_address(FILE *file, const struct net_address *a)
{
	char text[INET6_ADDRSTRLEN];
	uint32_t mask = a->length ? htonl(~0u << (32 - a->length)) : 0;

	fprintf(file, "IPV4ADDR='%s'\n", text_of(AF_INET, a->address, text));
	fprintf(file, "IPV4NETMASK='%s'\n",
		text_of(AF_INET, (uint8_t *)&mask, text));
	fprintf(file, "IPV4GATEWAY='%s'\n",
		a->has_gateway ? text_of(AF_INET, a->gateway, text) :
				 "0.0.0.0");
}

static void write_lease(FILE *file, const struct dhcp_lease *lease)
{
	char text[INET6_ADDRSTRLEN];

	for (unsigned int i = 0; i < lease->n_name_servers; i++)
		fprintf(file, "IPV4DNS%u='%s'\n", i,
			text_of(AF_INET, lease->name_servers[i], text));
	fprintf(file, "HOSTNAME='%s'\nDNSDOMAIN='%s'\n", lease->host_name,
		lease->domain);
	fprintf(file, "ROOTSERVER='%s'\nROOTPATH='%s'\n",
		text_of(AF_INET, lease->server, text), lease->root_path);
}

int result_write_network(const char *folder, const char *interface,
			 const struct net_address *address,
			 const struct dhcp_lease *lease)
{
	char path[PATH_MAX];
	FILE *file;

	if (address->family != AF_INET)
		return 0;
	text_format(path, sizeof(path), "%s/net-%s.conf", folder, interface);
	file = fopen(path, "we");
	if (!file)
		return -errno;
	fprintf(file, "DEVICE='%s'\nPROTO='%s'\n", interface,
		lease ? "dhcp" : "none");
	write_address(file, address);
	if (lease)
		write_lease(file, lease);
	return close_file(file);
}

void result_write_resolver(const struct dhcp_lease *lease)
{
	char text[INET6_ADDRSTRLEN];
	FILE *file;

	if (!lease->n_name_servers || !access(RESOLVER, F_OK))
		return;
	file = fopen(RESOLVER, "we");
	if (!file)
		return;
	for (unsigned int i = 0; i < lease->n_name_servers; i++)
		fprintf(file, "nameserver %s\n",
			text_of(AF_INET, lease->name_servers[i], text));
	fclose(file);
}
