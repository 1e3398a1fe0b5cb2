# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""A throwaway machine: this one's file system under an overlay, with processes, network and mounts of its own.

What is installed, started or deleted in it is gone with it, and nothing of it is seen outside. Needs root.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import harness

# $1 is an empty folder; the rest is the machine's first process.
SETUP = r"""
set -eu
base=$1; shift
mount --make-rprivate /
mount -t tmpfs -o mode=0755 tmpfs "$base"
mkdir "$base/upper" "$base/work" "$base/root"
root=$base/root
mount -t overlay overlay -o "lowerdir=/,upperdir=$base/upper,workdir=$base/work" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup" 2>/dev/null || true
mount -t tmpfs -o mode=0755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
ln -s /proc/self/fd "$root/dev/fd"
ln -s pts/ptmx "$root/dev/ptmx"
mkdir "$root/dev/shm" "$root/dev/pts"
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
mount -t tmpfs -o mode=0755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
# Where this machine forbids packages to start services, that one allows it.
rm -f "$root/usr/sbin/policy-rc.d"
ip link set lo up
exec chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin container=test "$@"
"""

SYSTEMD = ["/lib/systemd/systemd", "--unit=basic.target", "--show-status=0"]
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
NAMESPACES = ["--mount", "--net", "--pid", "--uts", "--ipc", "--cgroup"]


def eventually(what: str, condition, within: float = 30.0):
    """Returns the first true answer; fails if none comes in time. A machine takes longer to start than a server."""
    return harness.eventually(condition, within, what)


class Machine:
    """`systemd`: whether systemd is the first process; otherwise the first process does nothing."""

    def __init__(self, *, systemd: bool) -> None:
        self.has_systemd = systemd
        self._base = Path(tempfile.mkdtemp(prefix="ce-machine-"))
        self._cgroup = self._own_cgroup()
        first = SYSTEMD if systemd else ["/bin/sleep", "infinity"]
        self._outer = subprocess.Popen(
            ["unshare", *NAMESPACES, "--fork", "--kill-child", "bash", "-c", SETUP, "setup", str(self._base), *first],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            preexec_fn=self._enter_cgroup,
        )
        try:
            self._first = eventually("the machine's first process", self._first_process)
            if systemd:
                eventually("systemd has started", self._has_booted)
        except BaseException:
            self.stop()
            raise

    def _own_cgroup(self) -> Path | None:
        for root in (Path("/sys/fs/cgroup/unified"), Path("/sys/fs/cgroup")):
            if (root / "cgroup.controllers").exists():
                made = root / f"ce-machine-{os.getpid()}-{time.monotonic_ns()}"
                with contextlib.suppress(OSError):
                    made.mkdir()
                    return made
        return None

    def _enter_cgroup(self) -> None:
        if self._cgroup:
            (self._cgroup / "cgroup.procs").write_text(str(os.getpid()))

    def _first_process(self) -> int | None:
        if self._outer.poll() is not None:
            raise AssertionError(f"the machine did not start: {self._outer.stderr.read().decode()}")
        children = Path(f"/proc/{self._outer.pid}/task/{self._outer.pid}/children").read_text().split()
        if not children:
            return None
        program = Path(f"/proc/{children[0]}/comm").read_text().strip()
        return int(children[0]) if program in ("systemd", "sleep") else None

    def _has_booted(self) -> bool:
        state = self.run("systemctl", "is-system-running", check=False).stdout.strip()
        return state in ("running", "degraded")

    def stop(self) -> None:
        """Ends every process of the machine; its files go with its mounts."""
        with contextlib.suppress(ProcessLookupError):
            children = Path(f"/proc/{self._outer.pid}/task/{self._outer.pid}/children")
            for pid in children.read_text().split() if children.exists() else []:
                os.kill(int(pid), signal.SIGKILL)
            self._outer.kill()
        self._outer.wait()
        self._outer.stderr.close()
        self._base.rmdir()
        if self._cgroup:
            eventually("the machine's processes are gone", self._cgroup_is_gone)

    def _cgroup_is_gone(self) -> bool:
        for folder, _, _ in os.walk(self._cgroup, topdown=False):
            with contextlib.suppress(OSError):
                Path(folder).rmdir()
        return not self._cgroup.exists()

    def _enter(self) -> list[str]:
        return ["nsenter", "--target", str(self._first), "--all", "--root", "--wd=/", "--"]

    def run(self, *command: str, check: bool = True, stdin: str = "") -> subprocess.CompletedProcess:
        environment = {
            "PATH": PATH,
            "DEBIAN_FRONTEND": "noninteractive",
            "LC_ALL": "C.UTF-8",
        }
        # The command has its own session, so that it can't kill this process's group.
        done = subprocess.run(
            [*self._enter(), *command],
            input=stdin,
            capture_output=True,
            text=True,
            env=environment,
            timeout=120,
            start_new_session=True,
        )
        assert not check or done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        return done

    def start(self, *command: str, **environment: str) -> subprocess.Popen:
        return subprocess.Popen(
            [*self._enter(), *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={"PATH": PATH} | environment,
            start_new_session=True,
        )

    def put(self, file: Path, path: str) -> None:
        """Copies a file from this machine to that one."""
        with file.open("rb") as content:
            subprocess.run([*self._enter(), "sh", "-c", f"cat >{path}"], stdin=content, check=True, timeout=60)

    def get(self, url: str) -> tuple[int, str]:
        """Gets a page like a browser on that machine; status 0 if the server doesn't answer."""
        code = (
            "import sys, urllib.error, urllib.request\n"
            "try: reply = urllib.request.urlopen(sys.argv[1], timeout=5)\n"
            "except urllib.error.HTTPError as error: reply = error\n"
            "except OSError: print(0); sys.exit()\n"
            "print(reply.status); print(reply.read().decode())"
        )
        # Only the network is the machine's: this Python need not be visible there.
        inside = ["nsenter", "--target", str(self._first), "--net", "--", sys.executable, "-c", code, url]
        done = subprocess.run(inside, capture_output=True, text=True, check=True, timeout=30)
        status, _, body = done.stdout.partition("\n")
        return int(status), body

    def json(self, *command: str):
        return json.loads(self.run(*command).stdout)

    def exists(self, path: str) -> bool:
        return self.run("test", "-e", path, check=False).returncode == 0
