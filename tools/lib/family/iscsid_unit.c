// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/family/iscsid_unit.h"

#include "tools/lib/family/embedded.h"
#include "tools/lib/family/image_has.h"
#include "tools/lib/image/overlay.h"

#include <sys/stat.h>

int iscsid_unit_plan(const struct image *image, struct overlay *overlay,
		     struct failure *why)
{
	if (!image_has_program(image, "iscsid", NULL, 0) ||
	    (!image_has_file(image, "usr/lib/systemd/systemd") &&
	     !image_has_file(image, "lib/systemd/systemd")))
		return 0;
	return overlay_add(overlay, "etc/systemd/system/iscsid.service",
			   S_IFREG | 0644, embedded_systemd_iscsid_service,
			   embedded_systemd_iscsid_service_end -
				   embedded_systemd_iscsid_service,
			   why);
}
