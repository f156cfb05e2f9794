# SPDX-License-Identifier: GPL-2.0-only
"""What is tried: the options, completed by what the image says. An image is
somebody else's: what it says is checked before it gets into a command line."""

from types import SimpleNamespace

import pytest

from tests.boots.test_watch import WORD, watch_of
from tryboot import options, watch
from tryboot.namespace import LabError
from tryboot.plan import MAC, Plan, next_mac

NAME = "iqn.2020-01.com.example:disk"


def plan_of(tmp_path, settings=(), *words):
    kernel = tmp_path / "vmlinuz"
    kernel.touch()
    image = SimpleNamespace(note=None, family="dracut", kernels=["6.1"],
                            settings=dict(settings))
    chosen = options.parser().parse_args(
        ["--kernel", str(kernel), *words, str(kernel)])
    return Plan(chosen, image)


def test_nothing_is_known(tmp_path):
    """The manual's addresses, and the lease says the rest."""
    plan = plan_of(tmp_path)
    assert plan.addresses == ["11.4.3.7/24"] and not plan.static
    assert str(plan.lease.network) == "11.4.3.0/24"
    assert plan.range() == ("11.4.3.100", "11.4.3.199")
    assert plan.root_path() == \
        "iscsi:11.4.3.7:::1:iqn.2007-08.7.3.4.10:iscsiboot"
    assert plan.port == 1 and plan.mac == MAC


def test_the_image_says_it_all(tmp_path):
    plan = plan_of(tmp_path, {
        "target": "10.99.7.3:3261", "name": NAME, "lun": "0010-0000-0000-0000",
        "ip": "10.98.0.20/24,10.98.0.1", "device_port": "2", "vlan": "7",
        "mtu": "9000", "mac": "00:02:C9:00:01:00"})
    assert plan.addresses == ["10.98.0.1/24", "10.99.7.3/32"]
    assert plan.static and plan.lease is None
    assert plan.root_path() == f"iscsi:10.99.7.3::3261:10:{NAME}"
    assert (plan.port, plan.vlan, plan.mtu) == (2, 7, 9000)
    # The image's MAC address is that of the port which it uses.
    assert plan.mac == "00:02:c9:00:00:ff"
    assert plan.settings()["MAC address"] == "00:02:c9:00:01:00"


def test_options_count_more(tmp_path):
    plan = plan_of(tmp_path, {"target": "10.0.0.1", "name": NAME, "lun": "2",
                              "device_port": "2"},
                   "--iscsi-target", "[fd00::7]:3333", "--iscsi-iqn",
                   "eui.02004567A425678D", "--iscsi-lun", "a", "--port", "1")
    assert plan.root_path() == "iscsi:[fd00::7]::3333:a:eui.02004567A425678D"
    assert plan.addresses == ["fd00::7/64", "11.4.3.7/24"]
    lab = plan.lab()
    assert (lab["name"], lab["image_name"]) == ("eui.02004567A425678D", NAME)
    assert (lab["lun"], lab["image_lun"]) == (10, 2)
    assert (lab["port"], lab["image_port"]) == (1, 2)


def test_the_server_has_no_lease(tmp_path):
    plan = plan_of(tmp_path, {"target": "10.0.0.150"})
    assert plan.range() == ("10.0.0.20", "10.0.0.99")


def test_left_out(tmp_path):
    plan = plan_of(tmp_path, {}, "--without", "dhcp", "--without", "lun",
                   "--without", "dhcp")
    assert plan.lease is None and plan.without == ("dhcp", "lun")
    assert plan.settings()["left out"] == "dhcp, lun"


def test_what_cannot_be_tried_is_noted(tmp_path):
    plan = plan_of(tmp_path, {"lun": "0", "chap_user": "x",
                              "ip": "10.98.0.20/24"})
    assert len(plan.notes) == 3
    assert plan.lun == 1 and plan.image_lun is None


@pytest.mark.parametrize("key,text", (
    ("ip", "1.2.3.4/24,1.2.3.1; reboot"), ("ip", "1.2.3/99"),
    ("ip", "$(id)/24"), ("mtu", "x"), ("vlan", "4095"), ("vlan", "1 up"),
    ("mac", "00:02:c9:00:00"), ("name", "iqn.x,--dhcp-script=/tmp/x"),
    ("name", "iqn.a b"), ("target", "host.example.com"),
    ("target", "1.2.3.4:99999")))
def test_hostile_settings(tmp_path, key, text):
    with pytest.raises(LabError) as error:
        plan_of(tmp_path, {key: text})
    assert key in str(error.value) and repr(text) in str(error.value)


def test_next_mac():
    assert next_mac("00:02:c9:00:00:ff", 1) == "00:02:c9:00:01:00"
    assert next_mac("00:02:c9:00:01:00", -1) == "00:02:c9:00:00:ff"


def test_a_machine_that_talks_without_end(monkeypatch):
    """Memory is bounded; the signs of stages stay, and so does the end."""
    monkeypatch.setattr(watch, "MOST_LINES", 400)
    seen = watch_of([(2.0, "console", "[ 0.0] Linux version 6.12", "firmware")]
                    + [(3.0, "console", f"line {n}") for n in range(5000)])
    assert len(seen.lines) <= 401 and seen.left_out
    assert seen.lines[-1].text == "line 4999"
    assert any(line.stage == "firmware" for line in seen.lines)
    assert WORD


def chap(tmp_path, text, mode=0o600):
    file = tmp_path / "chap"
    file.write_text(text)
    file.chmod(mode)
    return "--iscsi-chap", str(file)


def test_a_target_that_asks_who_it_is(tmp_path):
    """The configuration of tgt, with a disk and without."""
    plan = plan_of(tmp_path, {"name": NAME, "chap_user": "joe"},
                   *chap(tmp_path, "joe\nsecretsecret\nfox\nsecretofthefox\n"),
                   "--iscsi-lun", "1f")
    assert plan.target("/disk") == (
        f"<target {NAME}>\n<backing-store /disk>\nlun 31\n</backing-store>\n"
        "incominguser joe secretsecret\noutgoinguser fox secretofthefox\n"
        "</target>\n")
    assert "backing" not in plan.target(None)
    assert plan.settings()["CHAP"] == "the user joe and the target"
    assert plan.notes == []


def test_a_secret_that_nobody_asks_for(tmp_path):
    plan = plan_of(tmp_path, {"chap_user": "joe"})
    assert "--iscsi-chap" in plan.notes[0]
    assert plan.settings()["CHAP"] == "none"


@pytest.mark.parametrize("text,mode,said", (
    ("joe\nsecretsecret\n", 0o644, "chmod 600"),
    ("joe\n", 0o600, "on the next"),
    ("joe\nsecretsecret\nfox\n", 0o600, "on two more"),
    ("j\xf6e\nsecretsecret\n", 0o600, "on the next"),
    ("joe doe\nsecretsecret\n", 0o600, "on the next"),
    ("joe\nsecret#secret\n", 0o600, "tgt cannot hold"),
))
def test_secrets_that_cannot_be_had(tmp_path, capsys, text, mode, said):
    with pytest.raises(SystemExit) as ended:
        plan_of(tmp_path, (), *chap(tmp_path, text, mode))
    assert ended.value.code == 2 and said in capsys.readouterr().err
