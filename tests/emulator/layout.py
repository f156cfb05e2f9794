# SPDX-License-Identifier: GPL-2.0-only
"""The numbers of include/connectx for tests in Python, read from the headers
themselves: the preprocessor gives macros, enumerations and list macros.

    from layout import CX, get, put, rows
    get(mailbox, CX.QUERY_FW_PAGES)
"""

import functools
import pathlib
import re
import struct
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
HEADERS = sorted((ROOT / "include/connectx").glob("*.h"))
LISTS = ("COMMANDS", "STATUSES", "EVENTS", "RULE_SPECS", "LINK_MODES",
         "PORT_SPEEDS", "PCI_DEVICES")
SUFFIX = re.compile(r"\b(0[xX][0-9a-fA-F]+|\d+)[uUlL]+\b")


def _preprocess(text, *options):
    return subprocess.run(
        ["gcc", "-E", "-P", "-I", str(ROOT / "include"), *options, "-"],
        input=text, capture_output=True, text=True, check=True).stdout


def _python(expression):
    """A C constant expression as Python; offsets divide without rest."""
    text = SUFFIX.sub(r"\1", expression)
    text = re.sub(r"\((?:u8|u16|u32|u64)\)", "", text)
    return text.replace("/", "//")


class Constants:
    """CX_NAME of the headers as attribute NAME."""

    def __init__(self):
        includes = "".join(f'#include "connectx/{h.name}"\n' for h in HEADERS)
        self._macros = {}
        self._functions = {}
        self._values = {}
        self._read_macros(_preprocess(includes, "-dM"))
        self._read_enums(_preprocess(includes))
        self.lists = self._read_lists(includes)

    def _read_macros(self, text):
        for line in text.splitlines():
            match = re.match(r"#define (CX_\w+)(\([^)]*\))? ?(.*)", line)
            if not match:
                continue
            name, arguments, body = match.groups()
            if arguments:
                self._functions[name] = (arguments[1:-1].split(","), body)
            elif body:
                self._macros[name] = body

    def _read_enums(self, text):
        for body in re.findall(r"\benum\s*\w*\s*\{([^}]*)\}", text):
            value = -1
            for item in body.split(","):
                name, _, expression = item.strip().partition("=")
                if not name:
                    continue
                value = self._evaluate(expression) if expression else value + 1
                self._values[name.strip()] = value

    @staticmethod
    def _read_lists(includes):
        text = includes + "".join(
            f"LIST_{name} CX_{name}(ROW)\n" for name in LISTS)
        lists, current = {}, None
        for word, arguments in re.findall(
                r"(?:LIST_(\w+))|ROW\(([^)]*)\)", _preprocess(text)):
            if word:
                current = lists.setdefault(word, [])
            elif current is not None:
                current.append(re.findall(r'"[^"]*"|[^,\s]+', arguments))
        return lists

    def _evaluate(self, expression):
        return eval(_python(expression), {}, _Names(self))

    def lookup(self, name):
        if name not in self._values:
            if name in self._functions:
                arguments, body = self._functions[name]
                return lambda *given: eval(
                    _python(body), {},
                    _Names(self, dict(zip([a.strip() for a in arguments],
                                          given))))
            if name not in self._macros:
                raise AttributeError(f"no {name} in include/connectx")
            self._values[name] = self._evaluate(self._macros[name])
        return self._values[name]

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return self.lookup("CX_" + name)


class _Names(dict):
    """Names in an expression: arguments first, constants then."""

    def __init__(self, constants, arguments=()):
        super().__init__(arguments)
        self._constants = constants

    def __missing__(self, name):
        try:
            return self._constants.lookup(name)
        except AttributeError as error:
            raise KeyError(name) from error


CX = Constants()


def rows(name):
    """The rows of CX_<name>, numbers as numbers."""
    found = []
    for row in CX.lists[name]:
        found.append([int(a, 0) if re.match(r"\d", a) else a for a in row])
    return found


@functools.lru_cache(maxsize=None)
def _parts(field):
    offset, bit, width = field >> 16, field >> 8 & 0xff, field & 0xff
    word = struct.Struct(">Q" if bit + width > 32 else ">I")
    return offset, bit, (1 << width) - 1, word


def get(data, field, base=0):
    """The value of a field of the structure at @base."""
    offset, bit, mask, word = _parts(field)
    return word.unpack_from(data, base + offset)[0] >> bit & mask


def put(data, field, value, base=0):
    """Writes a field of a bytearray, leaving its neighbours as they are."""
    offset, bit, mask, word = _parts(field)
    if value & ~mask:
        raise ValueError(f"0x{value:x} does not fit")
    old = word.unpack_from(data, base + offset)[0] & ~(mask << bit)
    word.pack_into(data, base + offset, old | value << bit)


def make(size, fields, base=None):
    """A bytearray of @size with fields filled in: {field: value}."""
    data = bytearray(base if base is not None else size)
    for field, value in fields.items():
        put(data, field, value)
    return data


def hexbytes(text):
    """Bytes of a hex listing as the documents print it, offsets dropped."""
    out = bytearray()
    for line in text.strip().splitlines():
        out += bytes.fromhex(line.split(":")[-1])
    return bytes(out)
