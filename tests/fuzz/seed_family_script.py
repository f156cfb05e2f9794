# SPDX-License-Identifier: GPL-2.0-only
"""Seeds of fuzz-family-script: the scripts of the tests' own images."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from tests.e2e import family_fixtures as families  # noqa: E402

out = Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
texts = [families.SLES10_INIT, families.SHELL_INIT,
         families.SLES11["boot/08-iscsi.sh"][0],
         "cat <<-X\n\tmodprobe a\n\tX\nif [ -n \"${A}\" ]; then :; fi\n",
         "k/a.ko: k/b.ko.xz k/c-d.ko\nk/b.ko.xz:\nk/c-d.ko:\n"]
for number, text in enumerate(texts):
    (out / f"seed-{number}").write_text(text)
(out / "seed-all").write_text("\n".join(texts[:3]))
