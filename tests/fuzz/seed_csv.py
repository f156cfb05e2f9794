# SPDX-License-Identifier: GPL-2.0-only
"""Seeds of fuzz-csv: files that each server takes, and every writing of CSV."""

import pathlib
import sys

NAME = "iqn.2007-08.7.3.4.10:"
SEEDS = {
    "all": "host,mac,address,root_path,initiator,filename,next_server,backing,"
           "size,portal,read_only\n"
           f"a,0002c90000bb,11.4.3.1,iscsi:11.4.3.7:::1:{NAME}a,{NAME}b,"
           '"http://a/b,c",11.4.3.7,/dev/a,,11.4.3.7:3261,yes\n',
    "many": "host,mac,root_path,backing\r\n" + "".join(
        f"h{i},00:02:c9:00:00:{i:02x},iscsi:[::1]:6:3260:1:{NAME}{i},/srv/{i}"
        "\r\n" for i in range(1, 5)),
    "shared": "root_path,backing,initiator\n" + "".join(
        f"iscsi:a:::1:{NAME}a,/dev/a,{NAME}i{i}\n" for i in range(3)),
    "quotes": '\ufeff"root_path","backing"\n\n,\n"iscsi:::::eui.02004567A42567'
              '8D","/srv/a""b\n"\n',
}

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
for name, text in SEEDS.items():
    (folder / f"seed-{name}").write_bytes(text.encode())
