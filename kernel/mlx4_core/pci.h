/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the PCI driver (main.c) takes from power management and error handling
 * (power.c, pci_errors.c).
 */
#ifndef MLX4_CORE_PCI_H
#define MLX4_CORE_PCI_H

#include "mlx4_core/health.h"

extern const struct dev_pm_ops cx_pm_ops;
extern const struct pci_error_handlers cx_error_handlers;

void cx_stop_for_good(struct cx_core *core);

#endif
