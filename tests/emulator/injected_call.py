# SPDX-License-Identifier: GPL-2.0-only
"""System calls that another process is made to do, as a hijacked one would. By
ptrace and general registers alone: a debugger's call of a function saves all that
a processor has, and not every kernel and processor let it."""

import ctypes
import os
import struct
import time

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.ptrace.restype = ctypes.c_long
LIBC.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p,
                        ctypes.c_void_p]
SINGLESTEP, GETREGS, SETREGS, ATTACH, DETACH = 9, 12, 13, 16, 17

# x86-64, as <sys/user.h> has them
REGISTERS = ("r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax "
             "rip cs eflags rsp ss fs_base gs_base ds es fs gs").split()
ARGUMENTS = ("rdi", "rsi", "rdx", "r10", "r8", "r9")
SYSCALL = b"\x0f\x05"
BELOW_STACK = 4096  # farther down than what a function may use unasked

OPENAT, SOCKET, EXECVE, KILL, FORK, MMAP, UNLINK = 257, 41, 59, 62, 57, 9, 87
AT_FDCWD = -100


class Registers(ctypes.Structure):
    _fields_ = [(name, ctypes.c_ulonglong) for name in REGISTERS]


def ptrace(request, pid, data=None):
    if LIBC.ptrace(request, pid, None, data) < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"ptrace {request}: {os.strerror(error)}")


def stopped(pid):
    """Waits; False: it has ended, and its parent can still wait for it."""
    info = os.waitid(os.P_PID, pid, os.WEXITED | os.WSTOPPED | os.WNOWAIT)
    if info.si_code not in (os.CLD_TRAPPED, os.CLD_STOPPED):
        return False
    os.waitpid(pid, 0)
    return True


def registers_in_a_call(pid):
    """Stops a child that waits in a system call; its registers, and memory."""
    for _ in range(100):
        ptrace(ATTACH, pid)
        assert stopped(pid)
        registers = Registers()
        ptrace(GETREGS, pid, ctypes.byref(registers))
        with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
            memory.seek(registers.rip - len(SYSCALL))
            if memory.read(len(SYSCALL)) == SYSCALL:
                return registers
        ptrace(DETACH, pid)
        time.sleep(0.05)
    raise TimeoutError(f"process {pid} does not wait in a system call")


def inject(pid, number, *arguments):
    """What the call returns in the child, which goes on then as if nothing had
    been; None if the call has ended it. Text is passed as a string."""
    before = registers_in_a_call(pid)
    now = Registers.from_buffer_copy(before)
    at = (now.rsp - BELOW_STACK) & ~0xf
    for name, value in zip(ARGUMENTS, arguments):
        if isinstance(value, (str, os.PathLike)):
            text = os.fsencode(value) + b"\0"
            at = (at - len(text)) & ~0xf
            with open(f"/proc/{pid}/mem", "wb", buffering=0) as memory:
                memory.seek(at)
                memory.write(text)
            value = at
        setattr(now, name, struct.unpack("Q", struct.pack("q", value))[0]
                if value < 0 else value)
    now.rip -= len(SYSCALL)
    now.rax = number
    now.orig_rax = 2 ** 64 - 1  # in no call: nothing is started again
    ptrace(SETREGS, pid, ctypes.byref(now))
    ptrace(SINGLESTEP, pid)
    if not stopped(pid):
        return None
    ptrace(GETREGS, pid, ctypes.byref(now))
    ptrace(SETREGS, pid, ctypes.byref(before))
    ptrace(DETACH, pid)
    return ctypes.c_longlong(now.rax).value
