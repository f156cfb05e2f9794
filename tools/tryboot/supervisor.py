# SPDX-License-Identifier: GPL-2.0-only
"""PID 1 of a lab: makes the namespaces, starts what the lab asks for.

Run as a program with the number of an inherited SOCK_SEQPACKET socket and a
JSON object of settings. A packet is a JSON request, with descriptors:
  {"op": "spawn", "argv", "root", "cwd", "env"}  stdin, stdout, stderr, exit
        -> {"pid"}; the wait status is written to `exit` as decimal text
  {"op": "signal", "pid", "signal"}      -> {}
  {"op": "socket", "family", "type", "protocol"} -> {} with the socket
A failure is answered with {"error"}. Without a template in the settings there
is no root of the lab's own: everything runs in the host's.

Nothing outlives this process: it is PID 1 of a PID namespace, it ends when
the socket is closed at the other end, and it is killed with its parent.
"""

import ctypes
import errno
import json
import os
import select
import shutil
import signal
import socket
import sys

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x20000, 0x4000000, 0x8000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC = 1, 32, 4096, 16384
MS_PRIVATE = 1 << 18
PR_SET_PDEATHSIG = 1

libc = ctypes.CDLL(None, use_errno=True)


def check(result, what):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def mount(source, target, kind=None, flags=0, data=None):
    def encoded(text):
        return None if text is None else os.fsencode(text)
    check(libc.mount(encoded(source), encoded(target), encoded(kind),
                     ctypes.c_ulong(flags), encoded(data)),
          f"mount {target}")


def die_with_parent(parent):
    check(libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "prctl")
    if os.getppid() != parent:
        sys.exit(1)


def isolate():
    """Enter new namespaces; without root they belong to a user namespace."""
    flags = (CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWIPC |
             CLONE_NEWUTS)
    uid, gid = os.getuid(), os.getgid()
    if uid == 0:
        check(libc.unshare(flags), "unshare, as root")
        return
    check(libc.unshare(flags | CLONE_NEWUSER), "unshare with a user namespace")
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"),
                       ("gid_map", f"0 {gid} 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)


def bind(source, target, flags=0):
    os.makedirs(target, exist_ok=True)
    mount(source, target, flags=MS_BIND | flags)


def copy_tree(source, target, leave_out=()):
    """As far as it can be read: without root some files cannot, and need not."""
    def ignore(folder, names):
        relative = os.path.relpath(folder, source)
        return [name for name in names
                if os.path.normpath(f"{relative}/{name}") in leave_out]
    try:
        shutil.copytree(source, target, symlinks=True, ignore=ignore,
                        dirs_exist_ok=True)
    except (shutil.Error, OSError):
        pass


def execute(argv, environment):
    """Replace this process. os.execvpe() would import a module, from a root
    that has another Python or none."""
    folders = [""]
    if "/" not in argv[0]:
        folders = [f"{folder}/" for folder in
                   environment.get("PATH", "/usr/bin:/bin").split(":")]
    failed = None
    for folder in folders:
        try:
            os.execve(folder + argv[0], argv, environment)
        except OSError as error:
            if failed is None or error.errno != errno.ENOENT:
                failed = error
    raise failed


def optional_mount(*arguments, **more):
    """For file systems that a container may refuse: the host's view stays."""
    try:
        mount(*arguments, **more)
        return True
    except OSError:
        return False


def make_root(template, target, shared):
    """A root of the lab's own: /usr is shared and read-only, /etc and /var are
    copies, /tmp and the folders of `shared` are the host's, at the same path."""
    mount("tmpfs", target, "tmpfs", data="mode=755,size=256m")
    for name in os.listdir(template):
        path, to = f"{template}/{name}", f"{target}/{name}"
        if os.path.islink(path):
            os.symlink(os.readlink(path), to)
        elif os.path.isdir(path):
            os.mkdir(to)
    bind(f"{template}/usr", f"{target}/usr")
    mount(None, f"{target}/usr", flags=MS_REMOUNT | MS_BIND | MS_RDONLY)
    copy_tree(f"{template}/etc", f"{target}/etc")
    copy_tree(f"{template}/var", f"{target}/var",
              leave_out=("lib/dpkg", "lib/apt", "cache"))
    bind("/dev", f"{target}/dev", MS_REC)
    bind("/proc", f"{target}/proc", MS_REC)
    if not optional_mount("sysfs", f"{target}/sys", "sysfs"):
        bind("/sys", f"{target}/sys", MS_REC)
    mount("tmpfs", f"{target}/run", "tmpfs", data="mode=755")
    bind("/tmp", f"{target}/tmp")
    for folder in shared:
        if not folder.startswith("/tmp/"):
            bind(folder, f"{target}{folder}")


class Supervisor:
    def __init__(self, control, root):
        self.control = control
        self.root = root
        self.exits = {}

    def spawn(self, request, fds):
        """Fork and exec; an exec that fails is told to the caller."""
        told, tell = os.pipe2(os.O_CLOEXEC)
        pid = os.fork()
        if pid == 0:
            try:
                self.become(request, fds)
            except BaseException as error:  # nothing may return to the loop
                os.write(tell, str(error).encode())
            os._exit(127)
        os.close(tell)
        with os.fdopen(told, "rb") as file:
            message = file.read().decode()
        for descriptor in fds[:3]:
            os.close(descriptor)
        if message:
            os.close(fds[3])
            return {"error": f"{request['argv'][0]}: {message}"}
        self.exits[pid] = fds[3]
        return {"pid": pid}

    def become(self, request, fds):
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM,
                       signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        os.setsid()
        for number, descriptor in enumerate(fds[:3]):
            os.dup2(descriptor, number)
        if request["root"] and self.root:
            os.chroot(self.root)
        os.chdir(request["cwd"])
        execute(request["argv"], request["env"])

    def reap(self):
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            descriptor = self.exits.pop(pid, None)
            if descriptor is None:
                continue
            try:
                os.write(descriptor,
                         str(os.waitstatus_to_exitcode(status)).encode())
            except BrokenPipeError:
                pass
            os.close(descriptor)

    def answer(self, data, fds):
        request = json.loads(data)
        operation = request["op"]
        if operation == "spawn":
            return self.spawn(request, fds), []
        if operation == "signal":
            # A process that has been reaped is gone; its number may be
            # another's by now.
            if request["pid"] in self.exits:
                os.kill(request["pid"], request["signal"])
            return {}, []
        if operation == "socket":
            made = socket.socket(request["family"], request["type"],
                                 request["protocol"])
            return {}, [made.detach()]
        return {"error": f"unknown operation {operation}"}, []

    def serve(self):
        wake, wakened = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wakened)
        poll = select.poll()
        poll.register(wake, select.POLLIN)
        poll.register(self.control, select.POLLIN)
        while True:
            ready = {descriptor for descriptor, _ in poll.poll()}
            if wake in ready:
                os.read(wake, 4096)
                self.reap()
            if self.control.fileno() not in ready:
                continue
            data, fds, _, _ = socket.recv_fds(self.control, 1 << 20, 8)
            if not data:
                return
            try:
                reply, passed = self.answer(data, fds)
            except OSError as error:
                reply, passed = {"error": str(error)}, []
            socket.send_fds(self.control, [json.dumps(reply).encode()], passed)
            for descriptor in passed:
                os.close(descriptor)


def first_process(control, settings):
    """What PID 1 does; it ends with the namespace."""
    mount(None, "/", flags=MS_REC | MS_PRIVATE)
    optional_mount("proc", "/proc", "proc")
    root = settings["root"] if settings["template"] else None
    if root:
        make_root(settings["template"], root, settings["shared"])
    else:
        # Servers put their sockets and PID files there.
        optional_mount("tmpfs", "/run", "tmpfs", data="mode=755")
    optional_mount("sysfs", "/sys", "sysfs")
    control.send(b'{"ready": true}')
    Supervisor(control, root).serve()


def main():
    control = socket.socket(fileno=int(sys.argv[1]))
    settings = json.loads(sys.argv[2])
    os.set_inheritable(control.fileno(), False)
    # Ctrl-C in a terminal is the lab's affair: it ends us in an orderly way.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        isolate()
        die_with_parent(settings["parent"])
        outer = os.getpid()
        child = os.fork()
    except OSError as error:
        control.send(json.dumps({"error": str(error)}).encode())
        return 1
    if child:
        control.close()
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    # getppid() is 0 across the PID namespace for as long as the parent lives
    # or not: a parent that died before the prctl is seen by the socket.
    del outer
    check(libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "prctl")
    try:
        first_process(control, settings)
    except OSError as error:
        control.send(json.dumps({"error": str(error)}).encode())
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
