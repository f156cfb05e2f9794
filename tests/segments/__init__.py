# SPDX-License-Identifier: GPL-2.0-only
"""Images of two segments: what the kernel makes of each pair of compressors,
with what lies between them, and what mkinitrd-en says of it. The kernels' answers
are recorded in docs/segments.md; nothing else is known here."""
