# SPDX-License-Identifier: Apache-2.0
"""The tiny guest's images for tests: built once, in BUILD/guest."""
import fcntl
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
NAMES = ("qcow2", "vmlinuz", "initrd", "img")


class GuestError(Exception):
    """The guest cannot be built; says why."""


def folder():
    return ROOT / os.environ.get("BUILD", "build") / "guest"


def is_built():
    """All of it, from what it is made of now."""
    images = [folder() / f"stackd-guest.{n}" for n in NAMES]
    sources = [ROOT / "guest" / "build", *(p for d in ("initrd", "root", "src") for p in (ROOT / "guest" / d).rglob("*"))]
    return all(i.is_file() for i in images) and min(i.stat().st_mtime for i in images) >= max(
        s.stat().st_mtime for s in sources)


def build():
    """The folder of the images.  Call it before entering a network namespace: packages may be downloaded."""
    out = folder()
    out.mkdir(parents=True, exist_ok=True)
    with open(out / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_built():
            r = subprocess.run([ROOT / "guest" / "build", out], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               stdin=subprocess.DEVNULL, text=True, check=False)
            if r.returncode != 0:
                raise GuestError(f"guest/build ended with {r.returncode}:\n{r.stdout.strip()[-2000:]}")
    return out


def image():
    """The disk that boots by itself."""
    return build() / "stackd-guest.qcow2"
