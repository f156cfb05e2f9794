// SPDX-License-Identifier: GPL-2.0-only
#include "rom/mkrom/embedded.h"
#include "tools/lib/base/embed.h"

EMBED(embedded_stub, EMBEDDED_STUB);
EMBED(embedded_driver, EMBEDDED_DRIVER);
EMBED(embedded_ports, "rom/script/ports.ipxe");
EMBED(embedded_boot, "rom/script/boot.ipxe");
