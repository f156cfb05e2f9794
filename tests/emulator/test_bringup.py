# SPDX-License-Identifier: GPL-2.0-only
"""Registers, the command protocol, and bringing a card up."""

import struct
import subprocess
import time

import pytest

import adapters
from adapters import CONNECTX, CONNECTX_2, CONNECTX_3, CONNECTX_3_PRO
from connectx import COMMANDS, MTT_BASE, PAGE, Card, CompletionQueue, EventQueue
from fixtures import card, on
from layout import CX, get, hexbytes, make, rows
from vfio_user import Client, wait_for

ALL_DEVICES = [row[0] for row in rows("PCI_DEVICES")]


# --- interrupt messages ---

@pytest.mark.parametrize("count", [1, 3, 128])
def test_interrupt_messages(build, start_program, tmp_path_factory, count):
    adapter = adapters.adapter(CONNECTX_3, build, start_program,
                               tmp_path_factory, ("--msix-vectors", count))
    with Client(adapter.socket) as client:
        control = client.config_read(client.capability(0x11) + 2, 2)
    assert control & 0x7ff == count - 1
    assert adapter.program.alive(), adapter.log()


@pytest.mark.parametrize("count", ["0", "129", "many"])
def test_interrupt_messages_refused(build, tmp_path, count):
    done = subprocess.run(
        [build / "bin/connectx-adapter", "--socket", tmp_path / "s",
         "--msix-vectors", count], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "msix-vectors" in done.stderr


# --- registers ---

def test_hcr_is_idle_after_power_on(card):
    assert card.hcr() == bytes(CX.HCR_DWORDS * 4)


def test_hcr_parameters_read_back(card):
    for i in range(6):
        card.set_reg(CX.REG_HCR + 4 * i, 0x11111111 * (i + 1))
    assert [card.reg(CX.REG_HCR + 4 * i) for i in range(6)] == \
        [0x11111111 * (i + 1) for i in range(6)]


@pytest.mark.parametrize("register", [CX.REG_OWNER, CX.REG_SEMAPHORE])
def test_reading_takes_and_zero_releases(card, register):
    assert card.reg(register) == 0
    assert card.reg(register) != 0
    card.set_reg(register, 1)
    assert card.reg(register) != 0
    card.set_reg(register, 0)
    assert card.reg(register) == 0


@pytest.mark.parametrize("register", [CX.REG_OWNER, CX.REG_SEMAPHORE])
def test_chip_reset_releases(card, register):
    assert card.reg(register) == 0
    card.chip_reset()
    assert card.reg(register) == 0


@pytest.mark.parametrize("how", ["reset", "flr"])
def test_pci_reset_releases_the_owner(card, how):
    assert card.reg(CX.REG_OWNER) == 0
    getattr(card.client, how)()
    card.client.enable_bus_master()
    assert card.reg(CX.REG_OWNER) == 0


def test_client_that_leaves_releases_the_owner(card):
    assert card.reg(CX.REG_OWNER) == 0
    card.close()
    second = Card(card.adapter)
    assert second.reg(CX.REG_OWNER) == 0
    second.close()


@on(CONNECTX_3)
@pytest.mark.parametrize("register", [CX.REG_OWNER, CX.REG_SEMAPHORE])
def test_reads_that_take_nothing(card, register):
    health = get(card.run("QUERY_DEV_CAP").data, CX.DEV_CAP_HEALTH_BUFFER)
    assert health == CX.REG_HEALTH_BUFFER
    assert [card.reg(health + offset) for offset
            in range(0, CX.HEALTH_BUFFER_SIZE, 4)] == [0] * 16
    card.set_reg(health + CX.HEALTH_BUFFER_BLOCK, 1)
    assert [card.reg(register) for _ in range(2)] == [0, 0]
    card.set_reg(health + CX.HEALTH_BUFFER_BLOCK, 0)
    assert card.reg(register) == 0
    assert card.reg(register) != 0
    card.set_reg(health + CX.HEALTH_BUFFER_BLOCK, 1)
    card.chip_reset()
    assert [card.reg(register) == 0 for _ in range(2)] == [True, False]


@pytest.mark.parametrize("card,yes", [
    (CONNECTX, False), (CONNECTX_2, False), (CONNECTX_3, True)],
    indirect=["card"])
def test_health_and_congestion_capabilities(card, yes):
    caps = card.run("QUERY_DEV_CAP").data
    assert bool(get(caps, CX.DEV_CAP_HEALTH_BUFFER)) == yes
    assert bool(get(caps, CX.DEV_CAP_QCN)) == yes


def test_narrow_read_does_not_take_the_semaphore(card):
    card.client.bar_read(CX.BAR_DCS, CX.REG_SEMAPHORE, 1)
    assert card.reg(CX.REG_SEMAPHORE) == 0


@pytest.mark.parametrize("value,resets", [
    (0x00000001, True), (0x01000001, True), (0x01000000, False), (0, False)])
def test_reset_register_wants_bit_0(card, value, resets):
    card.nop()
    assert card.reg(CX.REG_HCR + 0x18)  # the toggle bit stays
    card.set_reg(CX.REG_RESET, value)
    wait_for(lambda: card.client.config_read(0, 2) == CX.PCI_VENDOR_ID)
    assert (card.reg(CX.REG_HCR + 0x18) == 0) == resets


def test_card_is_gone_until_it_is_ready_again(card):
    card.set_reg(CX.REG_RESET, CX.RESET_BIT)
    assert card.client.config_read(0, 2) == 0xffff
    assert card.reg(CX.REG_HCR) == 0xffffffff
    wait_for(lambda: card.client.config_read(0, 2) == CX.PCI_VENDOR_ID)


def test_catastrophic_buffer_is_quiet(card):
    assert [card.reg(CX.REG_CATASTROPHIC + 4 * i)
            for i in range(CX.CATASTROPHIC_DWORDS)] == \
        [0] * CX.CATASTROPHIC_DWORDS


@on(CONNECTX_3)
def test_clock_runs_at_the_core_clock(card):
    hertz = get(card.run("QUERY_HCA").data, CX.INIT_HCA_CORE_CLOCK) * 1000000

    def now():
        return card.reg(CX.REG_INTERNAL_CLOCK) << 32 | \
            card.reg(CX.REG_INTERNAL_CLOCK + 4)
    before = time.monotonic()
    start = now()
    after_start = time.monotonic()
    time.sleep(0.05)
    before_end = time.monotonic()
    seconds = (now() - start) / hertz
    assert 0.99 * (before_end - after_start) < seconds < \
        1.01 * (time.monotonic() - before)


@on(CONNECTX)
def test_no_clock_where_none_is_advertised(card):
    assert get(card.run("QUERY_FW").data, CX.QUERY_FW_CLOCK_OFFSET) == 0
    assert card.reg(CX.REG_INTERNAL_CLOCK) == 0


@pytest.mark.parametrize("card,low", [
    (CONNECTX, CX.HW_ID_CONNECTX), (CONNECTX_3, CX.HW_ID_CONNECTX_3),
    (CONNECTX_3_PRO, CX.HW_ID_CONNECTX_3_PRO)], indirect=["card"])
def test_device_id_register(card, low):
    assert card.reg(CX.REG_DEVICE_ID) & 0xffff == low


def test_unaligned_and_narrow_writes_do_nothing(card):
    card.client.bar_write(CX.BAR_DCS, CX.REG_HCR + 2, b"\xff\xff\xff\xff")
    card.client.bar_write(CX.BAR_DCS, CX.REG_HCR, b"\xff\xff")
    assert card.hcr() == bytes(CX.HCR_DWORDS * 4)


def test_uar_pages_read_zero(card):
    assert card.client.bar_read(CX.BAR_UAR, 0x81014, 4) == bytes(4)


# --- the command protocol ---

def test_toggle_follows_the_driver(card):
    for expected in 1, 0, 1, 0:
        card.run("NOP")
        word = card.done()
        assert get(word, CX.HCR_TOGGLE) == expected
    card.run("NOP")
    card.chip_reset()
    assert get(card.done(), CX.HCR_TOGGLE) == 0


def test_toggle_survives_close_and_unmap(card):
    card.bring_up()
    card.run("CLOSE_HCA")
    card.run("UNMAP_ICM_AUX")
    card.run("UNMAP_FA")
    assert get(card.done(), CX.HCR_TOGGLE) == card.toggle


def test_trigger_without_go_does_nothing(card):
    before = make(CX.HCR_DWORDS * 4, {CX.HCR_OPCODE: CX.CMD_NOP})
    card.set_reg(CX.REG_HCR + 0x18, struct.unpack_from(">I", before, 0x18)[0])
    assert get(card.done(), CX.HCR_STATUS) == 0
    assert card.nop()


def test_status_is_replaced_by_the_next_command(card):
    assert card.status("INIT_PORT", 9) == "BAD_INDEX"
    assert card.status("NOP") == "OK"
    assert get(card.done(), CX.HCR_STATUS) == 0


def test_unknown_opcodes_are_bad_and_logged_once(card):
    known = {row[1] for row in rows("COMMANDS")}
    unknown = [o for o in (0x001, 0x002, 0x005, 0x0ee, 0xf00, 0xff7, 0xff8)
               if o not in known]
    for _ in range(3):
        for opcode in unknown:
            card.post(opcode)
            word = wait_for(card.done)
            assert get(word, CX.HCR_STATUS) == CX.STATUS_BAD_OP
    log = card.adapter.log()
    for opcode in unknown:
        assert log.count(f"command 0x{opcode:03x} ") == 1


def test_output_mailbox_at_zero_is_not_written(card):
    card.run("QUERY_FW", out=False)


def test_unaligned_mailboxes_are_refused(card):
    card.post(CX.CMD_QUERY_FW, out_param=card.out_box + 64)
    assert get(wait_for(card.done), CX.HCR_STATUS) == CX.STATUS_BAD_PARAM
    card.post(CX.CMD_MAP_FA, 1, in_param=card.in_box + 16)
    assert get(wait_for(card.done), CX.HCR_STATUS) == CX.STATUS_BAD_PARAM


@pytest.mark.parametrize("address", [0x1000, 2 ** 63, 2 ** 64 - PAGE])
def test_mailboxes_outside_of_memory_are_an_internal_error(card, address):
    card.post(CX.CMD_QUERY_FW, out_param=address)
    assert get(wait_for(card.done), CX.HCR_STATUS) == CX.STATUS_INTERNAL_ERR
    card.post(CX.CMD_MAP_FA, 1, in_param=address)
    assert get(wait_for(card.done), CX.HCR_STATUS) == CX.STATUS_INTERNAL_ERR


def test_no_dma_without_bus_mastering(card):
    card.client.enable_bus_master(False)
    card.client.config_write(4, 2, 2)  # memory decoding alone
    card.post(CX.CMD_QUERY_FW, out_param=card.out_box)
    assert get(wait_for(card.done), CX.HCR_STATUS) == CX.STATUS_INTERNAL_ERR
    assert card.read(card.out_box, PAGE) == bytes(PAGE)


# --- events ---

def bring_up_events(card):
    card.bring_up()
    events = EventQueue(card)
    events.map_events()
    return events


def test_event_mode_is_byte_exact(card):
    events = bring_up_events(card)
    card.post(CX.CMD_NOP, CX.NOP_AT_ONCE, event=True, token=0x0016)
    events.raised()
    assert events.take()[0] == hexbytes("""
        0000: 00 0a 00 00  00 00 00 16  00 00 00 00  00 00 00 00
        0010: 00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00""")
    word = card.done()
    assert get(word, CX.HCR_TOGGLE) == card.toggle
    assert get(word, CX.HCR_STATUS) == 0


def test_event_mode_carries_status_and_immediate(card):
    events = bring_up_events(card)
    card.post(CX.CMD_SENSE_PORT, 1, event=True, token=0xbeef)
    card.post(CX.CMD_QUERY_PORT, 9, out_param=card.out_box, event=True,
              token=0x1234)
    good, bad = events.take(2)
    assert get(good, CX.EQE_TOKEN) == 0xbeef
    assert get(good, CX.EQE_STATUS) == 0
    assert get(good, CX.EQE_OUT_PARAM) == CX.SENSE_ETHERNET
    assert get(bad, CX.EQE_TOKEN) == 0x1234
    assert get(bad, CX.EQE_STATUS) == CX.STATUS_BAD_INDEX


def test_event_mode_many_outstanding(card):
    events = bring_up_events(card)
    for token in range(20):
        card.post(CX.CMD_NOP, event=True, token=token)
    assert [get(e, CX.EQE_TOKEN) for e in events.take(20)] == list(range(20))


def test_command_event_follows_map_eq(card):
    """What ethtool -t does: the event comes to a completion EQ."""
    events = bring_up_events(card)
    other = EventQueue(card, vector=3)
    other.map_events()
    card.post(CX.CMD_NOP, event=True, token=7)
    other.raised()
    assert get(other.take()[0], CX.EQE_TOKEN) == 7
    assert not events.poll()
    events.map_events()
    card.post(CX.CMD_NOP, event=True, token=8)
    assert get(events.take()[0], CX.EQE_TOKEN) == 8
    assert not other.poll()


def test_unmapped_events_are_dropped(card):
    events = bring_up_events(card)
    card.run("MAP_EQ", events.eqn | CX.MAP_EQ_UNMAP, imm=2 ** 64 - 1)
    card.post(CX.CMD_NOP, event=True, token=7)
    assert card.nop()
    assert not events.poll()


def test_unmap_of_another_queue_changes_nothing(card):
    events = bring_up_events(card)
    other = EventQueue(card)
    card.run("MAP_EQ", other.eqn | CX.MAP_EQ_UNMAP, imm=2 ** 64 - 1)
    card.post(CX.CMD_NOP, event=True, token=7)
    assert events.take()


# --- the order of things ---

def test_order_of_bring_up_is_enforced(card):
    assert card.status("RUN_FW") == "BAD_SYS_STATE"
    assert card.status("SET_ICM_SIZE", imm=1 << 30) == "BAD_SYS_STATE"
    assert card.status("INIT_HCA", data=card.hca_parameters()) == \
        "BAD_SYS_STATE"
    card.start_firmware()
    assert card.status("MAP_FA", 1, data=bytes(16)) == "BAD_SYS_STATE"
    assert card.status("MAP_ICM_AUX", 1, data=bytes(16)) == "BAD_SYS_STATE"
    assert card.status("MAP_ICM", 1, data=bytes(16)) == "ICM_ERROR"
    assert card.status("INIT_HCA", data=card.hca_parameters()) == \
        "BAD_SYS_STATE"
    card.map_icm()
    for name in "SW2HW_EQ", "SW2HW_CQ", "SW2HW_MPT", "RST2INIT_QP", \
            "WRITE_MTT", "INIT_PORT":
        assert card.status(name, 1, data=bytes(64)) == "BAD_SYS_STATE", name
    card.init_hca()
    assert card.status("INIT_HCA", data=card.hca_parameters()) == \
        "BAD_SYS_STATE"
    assert card.status("UNMAP_FA") == "BAD_SYS_STATE"


def test_too_little_firmware_area(card):
    card.map_pages("MAP_FA", 1)
    assert card.status("RUN_FW") == "BAD_SYS_STATE"


def test_twice_up_and_down(card):
    for _ in range(2):
        card.bring_up()
        eq = EventQueue(card)
        eq.destroy()
        card.run("CLOSE_HCA")
        card.run("UNMAP_ICM", 64, imm=MTT_BASE)
        card.run("UNMAP_ICM_AUX")
        card.run("UNMAP_FA")
        card.next_eqn = 4


def test_answers_are_stable_over_reset(card):
    first = card.run("QUERY_FW").data, card.run("QUERY_DEV_CAP").data
    card.bring_up()
    card.chip_reset()
    assert (card.run("QUERY_FW").data, card.run("QUERY_DEV_CAP").data) == first


@pytest.mark.parametrize("fields", [
    {CX.INIT_HCA_VERSION: 1}, {CX.INIT_HCA_LOG_QPS: 25},
    {CX.INIT_HCA_LOG_CQS: 31}, {CX.INIT_HCA_LOG_EQS: 10},
    {CX.INIT_HCA_LOG_DMPTS: 40}, {CX.INIT_HCA_UAR_PAGE_SIZE: 1},
    {CX.INIT_HCA_CQE_64B: 1}, {CX.INIT_HCA_EQE_64B: 1},
    {CX.INIT_HCA_LOG_CQE_STRIDE: 2}, {CX.INIT_HCA_UC_STEERING: 1},
    {CX.INIT_HCA_DEVICE_MANAGED_STEERING: 1}])
def test_init_hca_refuses(card, fields):
    card.start_firmware()
    card.map_icm()
    assert card.status("INIT_HCA", data=card.hca_parameters(
        fields=fields)) == "BAD_PARAM"
    card.init_hca()  # and is as good as new


@pytest.mark.parametrize("entry,table", [(5, 6), (13, 6), (10, 20)])
def test_init_hca_refuses_group_tables(card, entry, table):
    card.start_firmware()
    card.map_icm()
    status = card.status("INIT_HCA", data=card.hca_parameters(fields={
        CX.INIT_HCA_LOG_MC_ENTRY: entry, CX.INIT_HCA_LOG_MC_TABLE: table}))
    assert status in ("BAD_PARAM", "EXCEED_LIM")


def test_query_hca_gives_back_what_init_hca_took(card):
    card.bring_up()
    wanted = card.hca_parameters()
    got = bytearray(card.run("QUERY_HCA").data)
    assert get(got, CX.INIT_HCA_CORE_CLOCK)
    struct.pack_into(">I", got, CX.INIT_HCA_CORE_CLOCK >> 16, 0)
    assert got == wanted
    card.run("CLOSE_HCA")
    assert not any(card.run("QUERY_HCA").data[0x10:])


def test_everything_is_forgotten_by_close(card):
    card.bring_up()
    eq = EventQueue(card)
    CompletionQueue(card, eq, cqn=0x90)
    card.region(index=0x100)
    card.run("CLOSE_HCA")
    card.init_hca()
    assert card.status("QUERY_EQ", eq.eqn) == "BAD_RES_STATE"
    assert card.status("QUERY_CQ", 0x90) == "BAD_RES_STATE"
    assert card.status("QUERY_MPT", 0x100) == "BAD_RES_STATE"


# --- what the card says about itself ---

@on(*ALL_DEVICES)
def test_every_device_id_brings_up_and_has_two_ports(card):
    firmware = card.run("QUERY_FW").data
    assert get(firmware, CX.QUERY_FW_COMMAND_REVISION) == 3
    assert get(firmware, CX.QUERY_FW_CLEAR_INT_OFFSET) == \
        CX.REG_CLEAR_INTERRUPT
    assert get(firmware, CX.QUERY_FW_CATASTROPHIC_OFFSET) == \
        CX.REG_CATASTROPHIC
    assert get(firmware, CX.QUERY_FW_CATASTROPHIC_SIZE) == \
        CX.CATASTROPHIC_DWORDS
    card.bring_up()
    assert get(card.run("QUERY_DEV_CAP").data, CX.DEV_CAP_PORTS) == 2
    for port, mac in (1, adapters.MAC_1), (2, adapters.MAC_2):
        info = card.port_info(port)
        assert get(info, CX.QUERY_PORT_MAC) == int.from_bytes(mac, "big")
        assert get(info, CX.QUERY_PORT_ETHERNET)
        assert not get(info, CX.QUERY_PORT_INFINIBAND)
    assert card.client.config_read(2, 2) == card.adapter.device


@pytest.mark.parametrize("card,a0,b0,managed", [
    (CONNECTX, 1, 0, 0), (CONNECTX_2, 1, 1, 0), (CONNECTX_3, 1, 1, 1)],
    indirect=["card"])
def test_steering_capabilities(card, a0, b0, managed):
    caps = card.run("QUERY_DEV_CAP").data
    assert get(caps, CX.DEV_CAP_VEP_UC_STEERING) == b0
    assert get(caps, CX.DEV_CAP_VEP_MC_STEERING) == b0
    assert get(caps, CX.DEV_CAP_FS) == managed
    assert get(caps, CX.DEV_CAP_LSO) and get(caps, CX.DEV_CAP_UDP_RSS)
    assert get(caps, CX.DEV_CAP_FCS_KEEP) == managed
    assert get(caps, CX.DEV_CAP_IGNORE_FCS) == managed
    assert not get(caps, CX.DEV_CAP_BLUEFLAME)


def test_maxima_hold_linux_default_profile(card):
    caps = card.run("QUERY_DEV_CAP").data
    assert get(caps, CX.DEV_CAP_LOG_MAX_QPS) >= 18
    assert get(caps, CX.DEV_CAP_LOG_MAX_CQS) >= 16
    assert get(caps, CX.DEV_CAP_LOG_MAX_SRQS) >= 16
    assert get(caps, CX.DEV_CAP_LOG_MAX_DMPTS) >= 19
    assert get(caps, CX.DEV_CAP_LOG_MAX_MCGS) >= 17
    uars = 1 << get(caps, CX.DEV_CAP_LOG_UAR_MIB) + 20
    assert uars <= card.client.region_info(2)[0]
    assert uars // PAGE > 128


def test_board_id_is_reversed_in_groups_of_four(card):
    psid = card.run("QUERY_ADAPTER").data[CX.QUERY_ADAPTER_PSID:]
    text = b"".join(psid[i:i + 4][::-1] for i in range(0, 16, 4))
    assert text.rstrip(b"\0") == b"VT_63680001"


# --- every opcode ---

FRESH = {
    # before anything was set up; the others need memory or a running HCA
    "OK": "QUERY_DEV_CAP QUERY_FW QUERY_ADAPTER CLOSE_HCA CLOSE_PORT QUERY_HCA"
          " QUERY_PORT SENSE_PORT NOP SYNC_TPT DIAG_RPRT HW_HEALTH_CHECK"
          " UNMAP_ICM UNMAP_ICM_AUX UNMAP_FA HW2SW_MPT TO_RST_QP MAD_IFC"
          " DUMP_ETH_STATS SET_VLAN_FLTR SET_MCAST_FLTR MOD_STAT_CFG MAP_FA",
    "BAD_SYS_STATE": "INIT_HCA INIT_PORT SW2HW_MPT WRITE_MTT READ_MTT SW2HW_EQ"
                     " HW2SW_EQ SW2HW_CQ HW2SW_CQ RST2INIT_QP TO_ERR_QP"
                     " QUERY_QP READ_MCG WRITE_MCG MGID_HASH RUN_FW"
                     " MAP_ICM_AUX SET_ICM_SIZE FLOW_STEERING_ATTACH"
                     " FLOW_STEERING_DETACH",
    "BAD_RES_STATE": "QUERY_MPT MAP_EQ QUERY_EQ QUERY_CQ MODIFY_CQ GET_OP_REQ",
    "BAD_QP_STATE": "INIT2RTR_QP RTR2RTS_QP RTS2RTS_QP SQERR2RTS_QP RTS2SQD_QP"
                    " SQD2RTS_QP INIT2INIT_QP SQD2SQD_QP UPDATE_QP",
    "BAD_PARAM": "CONF_SPECIAL_QP QUERY_FUNC",
    "ICM_ERROR": "MAP_ICM",
    # nothing of these on a card of the first generation
    "BAD_OP": "SW2HW_SRQ HW2SW_SRQ QUERY_SRQ ARM_SRQ CONFIG_DEV ACCESS_REG"
              " QUERY_IF_STAT SET_IF_STAT VIRT_PORT_MAP CONGESTION_CTRL"
              " ALLOCATE_VPP SET_VPORT_QOS MAD_DEMUX SET_PORT",
}
FRESH = {name: status for status, names in FRESH.items()
         for name in names.split()}


def test_the_table_below_names_every_opcode():
    assert set(FRESH) == set(COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_opcode_on_a_card_without_set_up(card, name):
    data = bytes(PAGE) if COMMANDS[name][1] == "MBOX" else None
    assert card.status(name, 1, data=data) == FRESH[name]
    assert card.nop()


@on(CONNECTX_3)
@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {
    "CLOSE_HCA", "UNMAP_FA", "UNMAP_ICM_AUX"}))
def test_opcode_on_a_running_card_leaves_it_running(card, name):
    """Noise for a parameter: a status, and everything else goes on."""
    card.bring_up()
    eq = EventQueue(card)
    eq.map_events()
    noise = bytes((i * 37 + COMMANDS[name][0]) & 0xff for i in range(PAGE))
    data = noise if COMMANDS[name][1] == "MBOX" else None
    for op_mod in range(5):
        card.command(name, 0x01020304, op_mod, data=data, imm=None if data
                     else 0x0102030405060708)
    assert card.nop()
    card.run("MAP_EQ", eq.eqn, imm=2 ** 64 - 1)
    card.post(CX.CMD_NOP, event=True, token=9)
    eq.take()


# --- ICM ---

def test_icm_size_has_a_limit(card):
    card.start_firmware()
    assert card.status("SET_ICM_SIZE", imm=0) == "EXCEED_LIM"
    assert card.status("SET_ICM_SIZE", imm=2 ** 63) == "EXCEED_LIM"
    assert card.run("SET_ICM_SIZE", imm=0x111844000).imm >= 1


def test_last_mapping_of_a_page_wins(card):
    card.bring_up()
    first = card.mtt_bus
    second = card.map_pages("MAP_ICM", 64, MTT_BASE)
    mailbox = make(24, {CX.WRITE_MTT_FIRST: 0x1230})
    struct.pack_into(">Q", mailbox, 16, 0x12345001)
    card.run("WRITE_MTT", 1, data=mailbox)
    assert card.read(second + 0x1230, 8) == hexbytes("00000000 12345001")
    assert card.read(first + 0x1230, 8) == bytes(8)


def test_mapping_beyond_the_announced_size(card):
    card.start_firmware()
    card.run("SET_ICM_SIZE", imm=PAGE)
    card.map_pages("MAP_ICM_AUX", 16)
    card.map_pages("MAP_ICM", 32, MTT_BASE)


def test_unmapping_what_is_not_mapped(card):
    card.bring_up()
    card.run("UNMAP_ICM", 64, imm=MTT_BASE + 64 * PAGE)
    card.run("UNMAP_ICM", 64, imm=MTT_BASE)
    card.run("UNMAP_ICM", 64, imm=MTT_BASE)
    mailbox = make(24, {CX.WRITE_MTT_FIRST: 0x1230})
    assert card.status("WRITE_MTT", 1, data=mailbox) == "ICM_ERROR"


def test_unmapping_part(card):
    card.bring_up()
    card.run("UNMAP_ICM", 1, imm=MTT_BASE + PAGE)
    for offset, status in (0, "OK"), (PAGE, "ICM_ERROR"), (2 * PAGE, "OK"):
        assert card.status("WRITE_MTT", 1, data=make(
            24, {CX.WRITE_MTT_FIRST: offset})) == status


@pytest.mark.parametrize("in_mod,status", [
    (0, "BAD_PARAM"), (257, "BAD_PARAM"), (0xffffffff, "BAD_PARAM")])
def test_number_of_map_entries(card, in_mod, status):
    card.bring_up()
    assert card.status("MAP_ICM", in_mod, data=bytes(PAGE)) == status


def test_block_of_absurd_size(card):
    card.bring_up()
    assert card.status("MAP_ICM", 1, data=make(16, {
        CX.MAP_ENTRY_LOG_PAGES: 63})) == "BAD_SIZE"


def test_many_entries_in_one_mailbox(card):
    card.bring_up()
    pages = [card.alloc(PAGE, PAGE) for _ in range(200)]
    mailbox = b"".join(bytes(make(16, {
        CX.MAP_ENTRY_VIRTUAL_PAGE: (MTT_BASE >> 12) + i,
        CX.MAP_ENTRY_PHYSICAL_PAGE: page >> 12}))
        for i, page in enumerate(pages))
    card.run("MAP_ICM", 200, data=mailbox)
    entry = make(24, {CX.WRITE_MTT_FIRST: 199 * PAGE + 8})
    entry[16:] = b"\1\2\3\4\5\6\7\1"
    card.run("WRITE_MTT", 1, data=entry)
    assert card.read(pages[199] + 8, 8) == b"\1\2\3\4\5\6\7\1"


# --- MTT and MPT ---

def test_write_mtt_example(card):
    card.bring_up()
    card.run("WRITE_MTT", 1, data=hexbytes("""
        0000: 00 00 00 00  00 00 12 30  00 00 00 00  00 00 00 00
        0010: 00 00 00 00  12 34 50 01"""))
    assert card.read(card.mtt_bus + 0x1230, 8) == \
        hexbytes("00 00 00 00 12 34 50 01")
    assert card.read(card.mtt_bus + 0x1228, 8) == bytes(8)
    assert card.read(card.mtt_bus + 0x1238, 8) == bytes(8)


def test_read_mtt_gives_back_what_stands_in_icm(card):
    card.bring_up()
    card.write(card.mtt_bus + 0x800, bytes(range(16)))
    reply = card.run("READ_MTT", 2, data=make(16, {CX.WRITE_MTT_FIRST: 0x800}))
    assert reply.data[16:32] == bytes(range(16))


@pytest.mark.parametrize("count,first", [(0, 0), (511, 0), (1, 4)])
def test_write_mtt_refuses(card, count, first):
    card.bring_up()
    assert card.status("WRITE_MTT", count, data=make(PAGE, {
        CX.WRITE_MTT_FIRST: first})) == "BAD_PARAM"


LINUX_MPT = """
    0000: f0 02 0f 00  00 00 00 00  00 00 00 80  03 00 00 04
    0010: 00 00 00 00  00 00 00 00  ff ff ff ff  ff ff ff ff
    0020: 00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00
    0030: 00 00 00 00  00 00 00 00  00 00 00 0c  00 00 00 00"""
IPXE_MPT = """
    0000: 00 00 7f 00  00 00 00 00  77 00 00 80  00 12 34 56
    0010: 00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00
    0020: 00 00 00 00  00 00 00 00  00 40 00 00  00 00 00 00
    0030: 00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00"""


@pytest.mark.parametrize("image,lkey,pd", [
    (LINUX_MPT, 0x00008000, 4), (IPXE_MPT, 0x00008077, 0x123456)])
def test_mpt_examples(card, image, lkey, pd):
    card.bring_up()
    card.run("SW2HW_MPT", 0x80, data=hexbytes(image))
    entry = card.run("QUERY_MPT", 0x80).data
    assert get(entry, CX.MPT_STATUS) == CX.MPT_STATUS_HARDWARE
    assert get(entry, CX.MPT_LKEY) == lkey
    assert get(entry, CX.MPT_PD) == pd
    assert card.status("SW2HW_MPT", 0x80, data=hexbytes(image)) == \
        "BAD_RES_STATE"
    back = card.run("HW2SW_MPT", 0x80).data
    assert get(back, CX.MPT_STATUS) == CX.MPT_STATUS_SOFTWARE
    assert card.status("QUERY_MPT", 0x80) == "BAD_RES_STATE"


def test_hw2sw_mpt_without_mailbox_and_twice(card):
    card.bring_up()
    card.run("SW2HW_MPT", 0x80, data=hexbytes(IPXE_MPT))
    card.run("HW2SW_MPT", 0x80, out=False)
    card.run("HW2SW_MPT", 0x80, 1, out=False)


def test_mpt_index_is_masked(card):
    card.bring_up()
    card.run("SW2HW_MPT", 0x12380, data=hexbytes(LINUX_MPT))
    assert get(card.run("QUERY_MPT", 0x380).data, CX.MPT_PD) == 4
