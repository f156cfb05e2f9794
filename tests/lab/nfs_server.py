# SPDX-License-Identifier: GPL-2.0-only
"""A folder as an NFS server shows it, to be read and no more: NFS 3 (RFC 1813)
with MOUNT and the port mapper (RFC 1833, version 2), over TCP.

Debian has no NFS server that runs without the kernel's or without privileges of
the host; this one needs a socket. It is one for tests: one folder, no locks.

    nfs_server.py ADDRESS FOLDER
"""

import os
import socketserver
import stat
import struct
import sys
import threading

PORT_MAPPER, NFS, MOUNT = 100000, 100003, 100005
PORT, MAPPER_PORT = 2049, 111
ROFS, NOENT, INVAL = 30, 2, 22
TYPES = {stat.S_IFREG: 1, stat.S_IFDIR: 2, stat.S_IFBLK: 3, stat.S_IFCHR: 4,
         stat.S_IFLNK: 5, stat.S_IFSOCK: 6, stat.S_IFIFO: 7}
READ_MAX = 65536


def opaque(data):
    return struct.pack(">I", len(data)) + data + bytes(-len(data) % 4)


class Reader:
    """XDR, read from a message."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def number(self):
        value, = struct.unpack_from(">I", self.data, self.at)
        self.at += 4
        return value

    def long(self):
        return self.number() << 32 | self.number()

    def opaque(self):
        size = self.number()
        value = self.data[self.at:self.at + size]
        self.at += size + -size % 4
        return value


class Export:
    """The folder; a file handle is the number of a path seen before."""

    def __init__(self, folder):
        self.paths = [os.fsencode(os.path.realpath(folder))]
        self.numbers = {self.paths[0]: 0}
        self.lock = threading.Lock()

    def handle(self, path):
        with self.lock:
            if path not in self.numbers:
                self.numbers[path] = len(self.paths)
                self.paths.append(path)
            return opaque(struct.pack(">Q", self.numbers[path]))

    def path(self, handle):
        number, = struct.unpack(">Q", handle)
        return self.paths[number]

    def attributes(self, path):
        st = os.lstat(path)
        times = b"".join(struct.pack(">II", int(t), 0) for t in
                         (st.st_atime, st.st_mtime, st.st_ctime))
        return struct.pack(
            ">IIIIIQQIIQQ", TYPES[stat.S_IFMT(st.st_mode)],
            stat.S_IMODE(st.st_mode), st.st_nlink, st.st_uid, st.st_gid,
            st.st_size, st.st_blocks * 512, os.major(st.st_rdev),
            os.minor(st.st_rdev), st.st_dev, st.st_ino) + times

    def maybe(self, path):
        """Attributes that an answer may have, and has."""
        return struct.pack(">I", 1) + self.attributes(path)

    # the procedures: what stands behind the status 0

    def getattr(self, r, path):
        return self.attributes(path)

    def lookup(self, r, path):
        name = r.opaque()
        found = os.path.join(path, name)
        if name == b"..":
            found = os.path.dirname(path) if path != self.paths[0] else path
        elif name == b".":
            found = path
        os.lstat(found)
        return self.handle(found) + self.maybe(found) + self.maybe(path)

    def access(self, r, path):
        # READ, LOOKUP, EXECUTE
        return self.maybe(path) + struct.pack(">I", r.number() & 0x23)

    def readlink(self, r, path):
        return self.maybe(path) + opaque(os.readlink(path))

    def read(self, r, path):
        offset, count = r.long(), min(r.number(), READ_MAX)
        with open(path, "rb") as file:
            file.seek(offset)
            data = file.read(count)
            end = not file.read(1)
        return self.maybe(path) + struct.pack(">II", len(data), end) + \
            opaque(data)

    def entries(self, path, cookie):
        names = [b".", b"..", *sorted(os.listdir(path))]
        return list(enumerate(names[cookie:], cookie + 1))

    def readdir(self, r, path, plus=False):
        cookie = r.long()
        r.long()
        room = r.number()
        if plus:
            room = r.number()
        out, end = self.maybe(path) + bytes(8), 1
        for number, name in self.entries(path, cookie):
            full = os.path.join(path, name)
            entry = struct.pack(">IQ", 1, os.lstat(full).st_ino) + \
                opaque(name) + struct.pack(">Q", number)
            if plus and name not in (b".", b".."):
                entry += self.maybe(full) + struct.pack(">I", 1) + \
                    self.handle(full)
            elif plus:
                entry += bytes(8)
            if len(out) + len(entry) + 8 > room:
                end = 0
                break
            out += entry
        return out + struct.pack(">II", 0, end)

    def readdirplus(self, r, path):
        return self.readdir(r, path, plus=True)

    def fsstat(self, r, path):
        return self.maybe(path) + struct.pack(
            ">QQQQQQI", 1 << 30, 0, 0, 1 << 20, 0, 0, 0)

    def fsinfo(self, r, path):
        # links and symbolic links; everything is alike
        return self.maybe(path) + struct.pack(
            ">IIIIIIIQIII", READ_MAX, READ_MAX, 1, READ_MAX, READ_MAX, 1,
            READ_MAX, 1 << 40, 0, 1, 0x1b)

    def pathconf(self, r, path):
        return self.maybe(path) + struct.pack(">IIIIII", 32000, 255, 1, 1, 0,
                                              1)

    PROCEDURES = {1: getattr, 3: lookup, 4: access, 5: readlink, 6: read,
                  16: readdir, 17: readdirplus, 18: fsstat, 19: fsinfo,
                  20: pathconf}

    def nfs(self, procedure, r):
        if procedure == 0:
            return b""
        if procedure not in self.PROCEDURES:
            return struct.pack(">III", ROFS, 0, 0)
        try:
            path = self.path(r.opaque())
            return bytes(4) + self.PROCEDURES[procedure](self, r, path)
        except FileNotFoundError:
            return struct.pack(">II", NOENT, 0)
        except (OSError, IndexError, struct.error):
            return struct.pack(">II", INVAL, 0)

    def mount(self, procedure, r):
        """MNT of the folder itself, by its name or as /."""
        if procedure != 1:
            return b""
        wanted = r.opaque()
        if wanted not in (b"/", self.paths[0]):
            return struct.pack(">I", NOENT)
        return bytes(4) + self.handle(self.paths[0]) + struct.pack(">II", 1, 1)


def port_mapper(procedure, r):
    if procedure != 3:
        return b""
    program, version = r.number(), r.number()
    known = (program, version) in ((NFS, 3), (MOUNT, 3))
    return struct.pack(">I", PORT if known else 0)


def answer(export, message):
    """The reply to one call of any program."""
    r = Reader(message)
    xid, kind, _, program, version, procedure = (r.number() for _ in range(6))
    for _ in range(2):  # credentials and verifier
        r.number()
        r.opaque()
    head = struct.pack(">IIIII", xid, 1, 0, 0, 0)
    wanted = {PORT_MAPPER: 2, NFS: 3, MOUNT: 3}.get(program)
    if kind != 0 or wanted is None:
        return head + struct.pack(">I", 1)
    if version != wanted:
        return head + struct.pack(">III", 2, wanted, wanted)
    serve = {PORT_MAPPER: port_mapper, NFS: export.nfs,
             MOUNT: export.mount}[program]
    return head + bytes(4) + serve(procedure, r)


class Connection(socketserver.StreamRequestHandler):
    def handle(self):
        message = b""
        while True:
            head = self.rfile.read(4)
            if len(head) < 4:
                return
            size, = struct.unpack(">I", head)
            message += self.rfile.read(size & 0x7fffffff)
            if size >> 31:
                reply = answer(self.server.export, message)
                self.wfile.write(struct.pack(">I", 1 << 31 | len(reply)) +
                                 reply)
                message = b""


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def main():
    address, folder = sys.argv[1:]
    export = Export(folder)
    servers = [Server((address, port), Connection)
               for port in (MAPPER_PORT, PORT)]
    for server in servers:
        server.export = export
    threading.Thread(target=servers[0].serve_forever, daemon=True).start()
    servers[1].serve_forever()


if __name__ == "__main__":
    main()
