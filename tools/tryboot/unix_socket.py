# SPDX-License-Identifier: GPL-2.0-only
"""Unix sockets whose path may be long."""

import os
import socket


def connect(path):
    """A connected unix socket, whatever the length of the path: sun_path has
    108 bytes, and a build folder can be deep."""
    folder = os.open(os.path.dirname(path), os.O_PATH | os.O_CLOEXEC)
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(f"/proc/self/fd/{folder}/{os.path.basename(path)}")
    except OSError:
        connection.close()
        raise
    finally:
        os.close(folder)
    return connection
