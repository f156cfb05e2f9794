// SPDX-License-Identifier: GPL-2.0-only
/*
 * connectx-adapter: the virtual adapter as a program.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "emulator/adapter/adapter.h"
#include "emulator/adapter/command/trace.h"
#include "emulator/control/control.h"
#include "emulator/options.h"
#include "emulator/sandbox.h"

#define SOCKETS_MAX (2 + ADAPTER_PORTS)

struct program {
	struct event_loop *loop;
	struct adapter *adapter;
	struct control *control;
	struct flash *flash;
	struct loop_fd signals;
};

static void signal_arrived(struct loop_fd *self, uint32_t events)
{
	struct signalfd_siginfo info;

	if (read(self->fd, &info, sizeof(info)) == sizeof(info))
		event_loop_stop(self->loop);
}

static int watch_signals(struct program *program)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	program->signals.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	program->signals.events = EPOLLIN;
	program->signals.ready = signal_arrived;
	if (program->signals.fd < 0)
		return -errno;
	return loop_fd_add(program->loop, &program->signals);
}

static int open_ports(struct program *program, const struct options *options,
		      struct net_backend *backends[ADAPTER_PORTS])
{
	bool cable = !strcmp(options->port[0], "cable") ||
		     !strcmp(options->port[1], "cable");

	if (cable) {
		if (strcmp(options->port[0], options->port[1])) {
			log_line(
				"connectx-adapter: a cable needs both ports: --port1 cable --port2 cable");
			return -EINVAL;
		}
		return net_cable_create(program->loop, backends);
	}
	for (unsigned int i = 0; i < ADAPTER_PORTS; i++) {
		const char *error = NULL;

		if (!strcmp(options->port[i], "none"))
			continue;
		backends[i] = net_backend_open(program->loop, options->port[i],
					       &error);
		if (!backends[i]) {
			log_line("connectx-adapter: --port%u %s: %s", i + 1,
				 options->port[i],
				 error ? error : strerror(errno));
			return -EINVAL;
		}
	}
	return 0;
}

static int open_flash(struct program *program, const struct options *options,
		      struct adapter_config *adapter)
{
	struct flash_config config = { .path = options->flash,
				       .size = options->flash_size,
				       .device_id = adapter->device_id };

	if (!options->flash)
		return 0;
	memcpy(config.mac, adapter->mac, sizeof(config.mac));
	program->flash = flash_open(&config);
	if (!program->flash)
		return -EINVAL;
	adapter->flash = program->flash;
	if (!options->mac_given)
		flash_macs(program->flash, adapter->mac);
	return 0;
}

static int create(struct program *program, const struct options *options)
{
	struct net_backend *backends[ADAPTER_PORTS] = { NULL };
	struct adapter_config config = options->adapter;
	int error = open_flash(program, options, &config);

	if (!error)
		error = open_ports(program, options, backends);
	if (error)
		return error;
	program->adapter = adapter_create(program->loop, &config, backends);
	if (!program->adapter) {
		log_line("connectx-adapter: cannot create the adapter: %s",
			 strerror(errno));
		return -errno;
	}
	if (options->trace) {
		program->adapter->trace = trace_open(options->trace);
		if (!program->adapter->trace) {
			log_line("connectx-adapter: --trace %s: %s",
				 options->trace, strerror(errno));
			return -errno;
		}
	}
	if (options->pcap) {
		program->adapter->capture =
			net_capture_open(program->loop, options->pcap);
		if (!program->adapter->capture) {
			log_line("connectx-adapter: --pcap %s: %s",
				 options->pcap, strerror(errno));
			return -errno;
		}
	}
	return 0;
}

/* The socket files that this process makes, and removes at its end */
static void own_sockets(const struct options *options,
			const char *sockets[SOCKETS_MAX + 1])
{
	static const char listening[] = "stream:listen:";
	unsigned int count = 0;

	sockets[count++] = options->socket;
	if (options->control)
		sockets[count++] = options->control;
	for (unsigned int i = 0; i < ADAPTER_PORTS; i++)
		if (!strncmp(options->port[i], listening, strlen(listening)))
			sockets[count++] = options->port[i] + strlen(listening);
	sockets[count] = NULL;
}

static int serve(struct program *program, const struct options *options)
{
	const char *sockets[SOCKETS_MAX + 1];
	int error = pci_function_serve(program->adapter->pci, program->loop,
				       options->socket);

	if (error) {
		log_line("connectx-adapter: --socket %s: %s", options->socket,
			 strerror(-error));
		return error;
	}
	if (options->control) {
		program->control = control_create(
			program->loop, options->control, program->adapter);
		if (!program->control) {
			error = -errno;
			log_line("connectx-adapter: --control %s: %s",
				 options->control, strerror(-error));
			return error;
		}
	}
	own_sockets(options, sockets);
	error = sandbox_enter(options->sandbox, sockets);
	if (!error)
		error = event_loop_run(program->loop);
	return error;
}

int main(int argc, char **argv)
{
	struct program program = { 0 };
	struct options options;
	int error = options_parse(&options, argc, argv);

	if (error)
		return error < 0 ? 2 : 0;
	program.loop = event_loop_create(options.spin_ns);
	if (!program.loop) {
		log_line("connectx-adapter: %s", strerror(errno));
		return 1;
	}
	/* before the first socket: whoever sees one may end us properly */
	error = watch_signals(&program);
	if (!error)
		error = create(&program, &options);
	if (!error)
		error = serve(&program, &options);
	control_destroy(program.control);
	if (program.adapter) {
		trace_close(program.adapter->trace);
		net_capture_close(program.adapter->capture);
		program.adapter->trace = NULL;
		program.adapter->capture = NULL;
	}
	adapter_destroy(program.adapter);
	flash_close(program.flash);
	event_loop_destroy(program.loop);
	options_free(&options);
	return error ? 1 : 0;
}
