# SPDX-License-Identifier: GPL-2.0-only
"""The drivers' compatibility layer: its probe, and all that it offers."""

import subprocess
import time
from pathlib import Path

import pytest

from lab import paths

COMPAT = paths.REPOSITORY / "kernel/compat"
HEADERS = paths.LAB / "headers"
KERNELS = paths.kernels()
EXERCISE = Path(__file__).with_name("exercise.c")


def probe(tree, *output):
    return subprocess.run([COMPAT / "probe.sh", tree, *output], text=True,
                          capture_output=True, timeout=30, check=False)


def answers(text):
    """{"COMPAT_HAS_...": "0" or "1"}"""
    lines = text.split("\n")
    assert lines.pop() == "" and all(line.startswith("#define COMPAT_HAS_")
                                     for line in lines)
    return dict(line.split()[1:] for line in lines)


@pytest.mark.parametrize("kernel", KERNELS)
def test_answers(kernel):
    """As recorded. If the kernel has changed: make compat-answers."""
    begun = time.monotonic()
    done = probe(HEADERS / kernel / "common")
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - begun < 5
    recorded = (COMPAT / "answers" / kernel).read_text()
    assert answers(done.stdout) == answers(recorded)


def test_every_question_tells_kernels_apart():
    """A question that all kernels answer alike is mistyped, or not needed."""
    each = [answers((COMPAT / "answers" / kernel).read_text())
            for kernel in KERNELS]
    alike = [name for name in each[0]
             if len({one[name] for one in each}) == 1]
    assert alike == []


def test_no_question_is_asked_in_vain():
    """Each answer is used by a header here, and by no driver."""
    headers = "".join(path.read_text() for path in COMPAT.glob("*.h"))
    asked = answers((COMPAT / "answers" / KERNELS[0]).read_text())
    assert [name for name in asked if name not in headers] == []
    drivers = [path for folder in ("mlx4_core", "mlx4_en")
               for path in (COMPAT.parent / folder).rglob("*.[ch]")]
    assert [str(path) for path in drivers
            if "COMPAT_HAS_" in path.read_text()
            or "LINUX_VERSION_CODE" in path.read_text()] == []


def test_kinds_of_questions(tmp_path):
    """Text, a member of one structure, an argument over several lines."""
    for name, text in {
            "linux/dim.h": "void net_dim(struct dim *dim,\n"
                           "\t\tconst struct dim_sample *sample);\n",
            "net/netdev_queues.h": "struct netdev_queue_stats_rx {\n};\n"
                                   "struct other {\n\tu64 csum_complete;\n};\n",
            "linux/pci.h": "#define PCI_IRQ_INTX 1\n"}.items():
        path = tmp_path / "include" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    found = answers(probe(tmp_path).stdout)
    assert {name for name, value in found.items() if value == "1"} == \
        {"COMPAT_HAS_NET_DIM_POINTER", "COMPAT_HAS_PCI_IRQ_INTX"}


def test_output_is_written_when_it_is_new(tmp_path):
    """Else every file of the drivers would be compiled again each time."""
    tree, out = HEADERS / KERNELS[0] / "common", tmp_path / "answers.h"
    assert probe(tree, out).returncode == 0
    first = out.stat()
    assert probe(tree, out).returncode == 0
    assert (out.stat().st_ino, out.stat().st_mtime_ns) == \
        (first.st_ino, first.st_mtime_ns)
    out.write_text("old\n")
    probe(tree, out)
    assert answers(out.read_text())


def test_no_headers(tmp_path):
    done = probe(tmp_path)
    assert done.returncode != 0 and "no headers" in done.stderr


@pytest.mark.parametrize("kernel", KERNELS)
def test_exercise(kernel):
    """All of it compiles without a warning, links, and satisfies sparse."""
    tree = paths.REPOSITORY / f"build/kernel/{kernel}/kernel/compat_exercise"
    tree.mkdir(parents=True, exist_ok=True)
    (tree / "exercise.c").unlink(missing_ok=True)
    (tree / "exercise.c").symlink_to("../../../../../tests/compat/exercise.c")
    (tree / "Kbuild").write_text("obj-m += compat_exercise.o\n"
                                 "compat_exercise-y := exercise.o\n")
    done = subprocess.run(
        [paths.REPOSITORY / "tests/lab/build-modules", kernel,
         "CONNECTX_MODULES=compat_exercise", "KBUILD_CHECKSRC=2",
         "CF=-D__CHECK_ENDIAN__ -include /src/tests/lab/sparse.h"],
        capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "CHECK" in done.stdout
    assert "warning" not in done.stdout and "error" not in done.stdout
    assert (tree / "compat_exercise.ko").exists()
