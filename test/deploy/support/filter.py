"""Runs a program under the SystemCallFilter lines of a unit, as systemd would (x86-64 only).

filter.py UNIT PROGRAM [ARGUMENT …]
"""
import ctypes
import os
import re
import struct
import subprocess
import sys

HEADER = "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"
LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, EPERM, KILL = 0x7FFF0000, 0x00050001, 0x80000000
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 22, 38, 2


def members(name):
    """The system calls of a set such as @system-service, as the installed systemd has it."""
    if not name.startswith("@"):
        return {name}
    command = ["systemd-analyze", "--no-pager", "syscall-filter", name]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")
    names = [line.strip() for line in lines[1:] if line.strip() and not line.strip().startswith("#")]
    return set().union(*map(members, names))


def allowed_by(unit):
    allowed = None
    for line in re.findall(r"^SystemCallFilter=(.*)$", unit, re.M):
        named = set().union(*map(members, line.lstrip("~").split()))
        if allowed is None:
            allowed = named
        else:
            allowed = allowed - named if line.startswith("~") else allowed | named
    # What systemd itself needs to start the program.
    return allowed | members("@default") | {"execve"}


def statement(code, value, if_true=0, if_false=0):
    return struct.pack("HBBI", code, if_true, if_false, value)


with open(sys.argv[1], encoding="utf-8") as file:
    unit = file.read()
with open(HEADER, encoding="utf-8") as file:
    numbers = {name: int(number) for name, number in re.findall(r"__NR_(\w+) (\d+)", file.read())}
refuse = EPERM if re.search(r"^SystemCallErrorNumber=EPERM$", unit, re.M) else KILL
program = statement(LOAD, 0)
for name in sorted(allowed_by(unit) & numbers.keys()):
    program += statement(JUMP_IF_EQUAL, numbers[name], 0, 1) + statement(RETURN, ALLOW)
program += statement(RETURN, refuse)


class Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("statements", ctypes.c_void_p)]


statements = ctypes.create_string_buffer(program, len(program))
bpf = Filter(len(program) // 8, ctypes.cast(statements, ctypes.c_void_p))
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(bpf), 0, 0):
    sys.exit(f"no filter: {os.strerror(ctypes.get_errno())}")
os.execvp(sys.argv[2], sys.argv[2:])
