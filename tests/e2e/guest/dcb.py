# SPDX-License-Identifier: GPL-2.0-only
"""What no tool of iproute2 speaks of data centre bridging: CEE and congestion
notification, by netlink. dcb.py DEVICE ORDER [NUMBER...] prints the answer as
JSON; orders are the methods of Device, dashes for underscores."""

import json
import socket
import struct
import sys

RTM_GETDCB, RTM_SETDCB = 78, 79
NLM_F_REQUEST, NLM_F_ACK, NLMSG_ERROR, NLA_F_NESTED = 1, 4, 2, 0x8000
(GSTATE, SSTATE, PFC_GCFG, PFC_SCFG, SET_ALL, GCAP, GNUMTCS, PFC_GSTATE,
 PFC_SSTATE, GAPP, SAPP, IEEE_SET, IEEE_GET, GDCBX, SDCBX) = \
    1, 2, 7, 8, 9, 11, 12, 14, 15, 18, 19, 20, 21, 22, 23
(IFNAME, STATE, PFC_STATE, PFC_CFG, ALL, CAP, NUMTCS, APP, IEEE, DCBX) = \
    1, 2, 3, 4, 7, 9, 10, 12, 13, 14
CAPS = {3: "pfc", 6: "pfc_tcs", 9: "dcbx"}
QCN, QCN_STATS = 8, 9
QCN_FIELDS = ("rppp_max_rps", "rpg_time_reset", "rpg_byte_reset",
              "rpg_threshold", "rpg_max_rate", "rpg_ai_rate", "rpg_hai_rate",
              "rpg_gd", "rpg_min_dec_fac", "rpg_min_rate",
              "cndd_state_machine")
PRIORITIES = 8
FLAG = b""


def attribute(number, content):
    """A netlink attribute; bytes, or a list of attributes."""
    if isinstance(content, list):
        number, content = number | NLA_F_NESTED, b"".join(content)
    raw = struct.pack("=HH", 4 + len(content), number) + content
    return raw + bytes(-len(raw) % 4)


def byte(number, value):
    return attribute(number, bytes([value]))


def parse(raw):
    """{number: content}"""
    found = {}
    while len(raw) >= 4:
        length, number = struct.unpack_from("=HH", raw)
        found[number & 0x3fff] = raw[4:length]
        raw = raw[(length + 3) & ~3:]
    return found


class Device:
    """A network device's bridging."""

    def __init__(self, name):
        self.name = name
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        self.socket.bind((0, 0))

    def ask(self, command, *attributes, change=False):
        """The attributes of the answer."""
        body = struct.pack("=BBH", 0, command, 0) + \
            attribute(IFNAME, self.name.encode() + b"\0") + b"".join(attributes)
        self.socket.send(struct.pack(
            "=IHHII", 16 + len(body), RTM_SETDCB if change else RTM_GETDCB,
            NLM_F_REQUEST, 1, 0) + body)
        answer = self.socket.recv(1 << 16)
        kind = struct.unpack_from("=H", answer, 4)[0]
        if kind == NLMSG_ERROR:
            raise OSError(-struct.unpack_from("=i", answer, 16)[0])
        return parse(answer[20:])

    def state(self):
        return self.ask(GSTATE)[STATE][0]

    def set_state(self, value):
        return self.ask(SSTATE, byte(STATE, value), change=True)[STATE][0]

    def pfc(self):
        got = parse(self.ask(PFC_GCFG, attribute(
            PFC_CFG, [attribute(1 + PRIORITIES, FLAG)]))[PFC_CFG])
        return [got[1 + priority][0] for priority in range(PRIORITIES)]

    def set_pfc(self, *settings):
        return self.ask(PFC_SCFG, attribute(
            PFC_CFG, [byte(1 + priority, setting) for priority, setting
                      in enumerate(settings)]), change=True)[PFC_CFG][0]

    def pfc_state(self):
        return self.ask(PFC_GSTATE)[PFC_STATE][0]

    def set_pfc_state(self, value):
        return self.ask(PFC_SSTATE, byte(PFC_STATE, value),
                        change=True)[PFC_STATE][0]

    def set_all(self):
        return self.ask(SET_ALL, byte(ALL, 1), change=True)[ALL][0]

    def cap(self):
        got = parse(self.ask(GCAP, attribute(CAP, [attribute(1, FLAG)]))[CAP])
        return {CAPS.get(number, str(number)): value[0]
                for number, value in got.items()}

    def numtcs(self):
        got = parse(self.ask(GNUMTCS, attribute(
            NUMTCS, [attribute(1, FLAG)]))[NUMTCS])
        return {"pg": got[2][0], "pfc": got[3][0]}

    def app(self, kind, number):
        got = parse(self.ask(GAPP, attribute(APP, [
            byte(1, kind), attribute(2, struct.pack("=H", number))]))[APP])
        return got[3][0]

    def set_app(self, kind, number, priorities):
        return self.ask(SAPP, attribute(APP, [
            byte(1, kind), attribute(2, struct.pack("=H", number)),
            byte(3, priorities)]), change=True)[APP][0]

    def dcbx(self):
        return self.ask(GDCBX)[DCBX][0]

    def set_dcbx(self, mode):
        return self.ask(SDCBX, byte(DCBX, mode), change=True)[DCBX][0]

    def qcn(self):
        raw = parse(self.ask(IEEE_GET)[IEEE])[QCN]
        values = struct.unpack_from(f"={PRIORITIES * len(QCN_FIELDS)}I", raw, 8)
        got = {"rpg_enable": list(raw[:PRIORITIES])}
        for number, name in enumerate(QCN_FIELDS):
            got[name] = list(values[number * PRIORITIES:][:PRIORITIES])
        return got

    def set_qcn(self, first):
        """Numbers that all differ, from `first` on; what was set."""
        wanted = {"rpg_enable": [priority & 1 for priority
                                 in range(PRIORITIES)]}
        for number, name in enumerate(QCN_FIELDS):
            wanted[name] = [first + number * PRIORITIES + priority
                            for priority in range(PRIORITIES)]
        wanted["cndd_state_machine"] = [priority % 4 for priority
                                        in range(PRIORITIES)]
        raw = bytes(wanted["rpg_enable"]) + b"".join(
            struct.pack(f"={PRIORITIES}I", *wanted[name])
            for name in QCN_FIELDS)
        answer = self.ask(IEEE_SET, attribute(IEEE, [attribute(QCN, raw)]),
                          change=True)[IEEE]
        if answer[0]:
            raise OSError(256 - answer[0])
        return wanted

    def qcn_stats(self):
        raw = parse(self.ask(IEEE_GET)[IEEE])[QCN_STATS]
        return {"centiseconds": struct.unpack_from(f"={PRIORITIES}Q", raw),
                "created": struct.unpack_from(f"={PRIORITIES}I", raw, 64)}


def main(name, order, *numbers):
    method = getattr(Device(name), order.replace("-", "_"))
    print(json.dumps(method(*map(int, numbers))))


if __name__ == "__main__":
    main(*sys.argv[1:])
