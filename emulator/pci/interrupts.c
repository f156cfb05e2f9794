// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts by eventfds that the client hands over. Such a descriptor can be
 * any: it is written to without waiting, errors are of no interest, and only
 * the one that unmasks INTx is read.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/time.h>
#include <unistd.h>

#include "emulator/loop/container_of.h"
#include "emulator/pci/internal.h"

/* Puts *@fd into *@place, and closes what was there. */
static void replace_fd(int *place, int *fd)
{
	int old = *place;

	*place = *fd;
	*fd = -1;
	if (*place >= 0)
		fcntl(*place, F_SETFL, fcntl(*place, F_GETFL) | O_NONBLOCK);
	if (old >= 0)
		close(old);
}

static void drop_fd(int *place)
{
	int none = -1;

	replace_fd(place, &none);
}

static void signal_fd(int *place)
{
	const uint64_t one = 1;

	/*
	 * A full counter says what one more event would say. A write that had
	 * to wait was to a descriptor that was made blocking behind our back.
	 */
	if (*place >= 0 && write(*place, &one, sizeof(one)) < 0 &&
	    errno == EINTR)
		drop_fd(place);
}

static void wake(int number)
{
}

int pci_interrupts_watch(void)
{
	/* without SA_RESTART: the call that waits ends with EINTR */
	const struct sigaction action = { .sa_handler = wake };
	const struct itimerval every_second = {
		.it_interval.tv_sec = 1,
		.it_value.tv_sec = 1,
	};

	if (sigaction(SIGALRM, &action, NULL) < 0 ||
	    setitimer(ITIMER_REAL, &every_second, NULL) < 0)
		return -errno;
	return 0;
}

int pci_interrupts_init(struct pci_interrupts *interrupts,
			unsigned int msix_vectors)
{
	size_t count = msix_vectors ? msix_vectors : 1;

	memset(interrupts, 0, sizeof(*interrupts));
	interrupts->msix_fds = malloc(count * sizeof(int));
	interrupts->msix_pending = calloc(count, sizeof(bool));
	interrupts->intx_fd = -1;
	interrupts->intx_unmask.fd = -1;
	interrupts->error_fd = -1;
	interrupts->request_fd = -1;
	if (!interrupts->msix_fds || !interrupts->msix_pending) {
		pci_interrupts_release(interrupts);
		return -ENOMEM;
	}
	interrupts->msix_count = msix_vectors;
	for (size_t i = 0; i < count; i++)
		interrupts->msix_fds[i] = -1;
	return 0;
}

void pci_interrupts_release(struct pci_interrupts *interrupts)
{
	if (interrupts->msix_fds)
		pci_interrupts_drop(interrupts);
	free(interrupts->msix_fds);
	free(interrupts->msix_pending);
	interrupts->msix_fds = NULL;
	interrupts->msix_pending = NULL;
}

void pci_interrupts_clear(struct pci_interrupts *interrupts)
{
	interrupts->intx_level = false;
	interrupts->intx_masked = false;
	memset(interrupts->msix_pending, 0,
	       interrupts->msix_count * sizeof(bool));
}

static void drop_unmask(struct pci_interrupts *interrupts)
{
	if (interrupts->intx_unmask.fd < 0)
		return;
	loop_fd_remove(&interrupts->intx_unmask);
	drop_fd(&interrupts->intx_unmask.fd);
}

static void drop_msix(struct pci_interrupts *interrupts)
{
	for (unsigned int i = 0; i < interrupts->msix_count; i++) {
		drop_fd(&interrupts->msix_fds[i]);
		interrupts->msix_pending[i] = false;
	}
}

void pci_interrupts_drop(struct pci_interrupts *interrupts)
{
	drop_msix(interrupts);
	drop_fd(&interrupts->intx_fd);
	drop_unmask(interrupts);
	drop_fd(&interrupts->error_fd);
	drop_fd(&interrupts->request_fd);
	interrupts->intx_masked = false;
}

static void update_intx(struct pci_function *function)
{
	struct pci_interrupts *interrupts = &function->interrupts;
	uint16_t command = pci_config_get16(&function->space, PCI_COMMAND);
	uint8_t *status = &function->space.bytes[PCI_STATUS];

	if (interrupts->intx_level)
		*status |= PCI_STATUS_INTERRUPT;
	else
		*status &= (uint8_t)~PCI_STATUS_INTERRUPT;
	if (!interrupts->intx_level || interrupts->intx_masked ||
	    interrupts->intx_fd < 0 || command & PCI_COMMAND_INTX_DISABLE ||
	    pci_function_msix_enabled(function) ||
	    !pci_function_powered(function))
		return;
	/* masked until the client says that the guest has seen it */
	interrupts->intx_masked = true;
	signal_fd(&interrupts->intx_fd);
}

void pci_interrupts_update(struct pci_function *function)
{
	struct pci_interrupts *interrupts = &function->interrupts;

	update_intx(function);
	if (!pci_function_msix_enabled(function) ||
	    !pci_function_bus_master(function))
		return;
	for (unsigned int i = 0; i < interrupts->msix_count; i++) {
		if (!interrupts->msix_pending[i] || interrupts->msix_fds[i] < 0)
			continue;
		interrupts->msix_pending[i] = false;
		signal_fd(&interrupts->msix_fds[i]);
	}
}

bool pci_function_msix_enabled(const struct pci_function *function)
{
	unsigned int capability = function->config.cap_msix;

	return capability &&
	       pci_config_get16(&function->space, capability + PCI_MSIX_FLAGS) &
		       PCI_MSIX_FLAGS_ENABLE;
}

void pci_function_raise_msix(struct pci_function *function, unsigned int vector)
{
	struct pci_interrupts *interrupts = &function->interrupts;

	if (vector >= interrupts->msix_count ||
	    !pci_function_msix_enabled(function))
		return;
	if (interrupts->msix_fds[vector] < 0 ||
	    !pci_function_bus_master(function))
		interrupts->msix_pending[vector] = true;
	else
		signal_fd(&interrupts->msix_fds[vector]);
}

void pci_function_set_intx(struct pci_function *function, bool level)
{
	if (function->interrupts.intx_level == level)
		return;
	function->interrupts.intx_level = level;
	update_intx(function);
}

void pci_function_signal_error(struct pci_function *function)
{
	signal_fd(&function->interrupts.error_fd);
}

static void unmask_intx(struct pci_function *function)
{
	function->interrupts.intx_masked = false;
	update_intx(function);
}

/* The client's in-kernel end of interrupt, where there is one */
static void unmask_ready(struct loop_fd *watch, uint32_t events)
{
	struct pci_function *function = container_of(watch, struct pci_function,
						     interrupts.intx_unmask);
	uint64_t value;
	ssize_t count = read(watch->fd, &value, sizeof(value));

	if (count == sizeof(value))
		unmask_intx(function);
	else if (count >= 0 || errno != EAGAIN ||
		 events & (EPOLLHUP | EPOLLERR))
		/* no eventfd, or closed: it would be ready for ever */
		drop_unmask(&function->interrupts);
}

static int set_unmask(struct pci_function *function, int *fds,
		      unsigned int fd_count)
{
	struct pci_interrupts *interrupts = &function->interrupts;
	int error;

	drop_unmask(interrupts);
	if (!fd_count)
		return 0;
	interrupts->intx_unmask.ready = unmask_ready;
	interrupts->intx_unmask.events = EPOLLIN;
	replace_fd(&interrupts->intx_unmask.fd, &fds[0]);
	error = loop_fd_add(function->loop, &interrupts->intx_unmask);
	if (error)
		drop_fd(&interrupts->intx_unmask.fd);
	return error;
}

static int set_intx_mask(struct pci_function *function, uint32_t flags,
			 const uint8_t *data, int *fds, unsigned int fd_count)
{
	bool unmask = flags & VFIO_USER_IRQ_ACTION_UNMASK;

	if (flags & VFIO_USER_IRQ_DATA_EVENTFD)
		return unmask ? set_unmask(function, fds, fd_count) : -ENOTSUP;
	if (data && !data[0])
		return 0;
	if (unmask)
		unmask_intx(function);
	else
		function->interrupts.intx_masked = true;
	return 0;
}

/* A slot that holds one eventfd: INTx, ERR, REQ */
static void set_single(int *place, uint32_t flags, uint32_t count,
		       const uint8_t *data, int *fds, unsigned int fd_count)
{
	if (flags & VFIO_USER_IRQ_DATA_EVENTFD && fd_count)
		replace_fd(place, &fds[0]);
	else if (flags & VFIO_USER_IRQ_DATA_EVENTFD || !count)
		drop_fd(place);
	else if (!data || data[0])
		signal_fd(place);
}

static void set_msix(struct pci_function *function, uint32_t flags,
		     uint32_t start, uint32_t count, const uint8_t *data,
		     int *fds, unsigned int fd_count)
{
	struct pci_interrupts *interrupts = &function->interrupts;

	if (!count) {
		drop_msix(interrupts);
		return;
	}
	for (uint32_t i = 0; i < count; i++) {
		int *place = &interrupts->msix_fds[start + i];

		if (flags & VFIO_USER_IRQ_DATA_EVENTFD && fd_count)
			replace_fd(place, &fds[i]);
		else if (flags & VFIO_USER_IRQ_DATA_EVENTFD)
			drop_fd(place);
		else if (!data || data[i])
			signal_fd(place);
	}
	pci_interrupts_update(function);
}

int pci_interrupts_set(struct pci_function *function, uint32_t flags,
		       unsigned int index, uint32_t start, uint32_t count,
		       const uint8_t *data, int *fds, unsigned int fd_count)
{
	struct pci_interrupts *interrupts = &function->interrupts;
	bool trigger = flags & VFIO_USER_IRQ_ACTION_TRIGGER;

	if (index == VFIO_USER_IRQ_INTX && !trigger)
		return set_intx_mask(function, flags, data, fds, fd_count);
	if (!trigger)
		return -EINVAL;
	switch (index) {
	case VFIO_USER_IRQ_INTX:
		set_single(&interrupts->intx_fd, flags, count, data, fds,
			   fd_count);
		if (interrupts->intx_fd < 0)
			drop_unmask(interrupts);
		if (flags & VFIO_USER_IRQ_DATA_EVENTFD)
			unmask_intx(function);
		return 0;
	case VFIO_USER_IRQ_MSIX:
		set_msix(function, flags, start, count, data, fds, fd_count);
		return 0;
	case VFIO_USER_IRQ_ERROR:
		set_single(&interrupts->error_fd, flags, count, data, fds,
			   fd_count);
		return 0;
	case VFIO_USER_IRQ_REQUEST:
		set_single(&interrupts->request_fd, flags, count, data, fds,
			   fd_count);
		return 0;
	default:
		/* there is no MSI: only switching it off can get here */
		return 0;
	}
}
