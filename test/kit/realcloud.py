# SPDX-License-Identifier: Apache-2.0
"""A cloud whose guests are real (QEMU), in a network namespace of its own, so
that nothing of its networks is ever seen on the machine."""
import contextlib
import ctypes
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from cloud import Cloud, CloudError

CLONE_NEWNET = 0x40000000
EDGE, EDGE_NET, EDGE_POOL = "203.0.113.1/24", "203.0.113.0/24", ("203.0.113.10", "203.0.113.250")
VERSION = {"OpenStack-API-Version": "compute 2.93"}
ROLES = ("identity", "image", "placement", "network", "compute", "console", "agent")


def run(*words, check=True, **more):
    """Output of a command; with check=False the finished process."""
    r = subprocess.run([str(w) for w in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                       check=False, stdin=subprocess.DEVNULL, errors="replace", **more)
    if check and r.returncode != 0:
        raise CloudError(f"{' '.join(map(str, words))}: {r.stdout.strip()}")
    return r.stdout if check else r


class Namespace:
    """A network namespace that this process enters and leaves."""

    def __init__(self, name):
        self.name = name
        self.home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        run("ip", "netns", "add", name)
        self.enter()
        run("ip", "link", "set", "lo", "up")

    @staticmethod
    def set(fd):
        if ctypes.CDLL(None, use_errno=True).setns(fd, CLONE_NEWNET) != 0:
            raise CloudError(f"cannot enter a namespace: {os.strerror(ctypes.get_errno())}")

    def enter(self):
        fd = os.open(f"/run/netns/{self.name}", os.O_RDONLY | os.O_CLOEXEC)
        self.set(fd)
        os.close(fd)

    def close(self):
        self.set(self.home)
        os.close(self.home)
        run("ip", "netns", "delete", self.name, check=False)


class RealCloud(Cloud):
    """mark: begins the names of what is made; letters and digits."""

    def __init__(self, mark, roles=ROLES, options=None):
        self.mark = f"{mark}{os.getpid()}"
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix=f"stackd-{mark}-"))
        os.chmod(self.dir, 0o755)
        Cloud.__init__(self, roles, {
            "agent.host": "host1", "agent.prefix": self.mark,
            "agent_network.netns_dir": self.dir / "netns", "agent_network.run_dir": self.dir / "network",
            "agent_network.bridge_mappings": "public:edge", "agent_network.edge_bridges": f"edge:{EDGE}",
            "agent_network.report_interval": "2", "agent_compute.driver": "libvirt",
            "agent_compute.virt_type": "qemu", "agent_compute.reserved_memory": "0", **(options or {})})
        self.namespace = Namespace(self.mark)
        self.servers, self.floating = {}, {}

    def __enter__(self):
        try:
            return self.up()
        except BaseException:
            self.close()
            raise

    def close(self, keep=False):
        try:
            Cloud.close(self, keep=keep)
        finally:
            self.end_what_outlives()
            while run("umount", "-l", self.dir / "netns", check=False).returncode == 0:
                pass
            self.namespace.close()
            if keep:
                print(f"# the host's files kept in {self.dir}")
            else:
                shutil.rmtree(self.dir, ignore_errors=True)

    def end_what_outlives(self):
        """What `stackd purge` should have ended: guests and DHCP servers, known by where their files are."""
        places = (f"{self.dir}/".encode(), f"{self.state}/".encode())
        for cmdline in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                words = cmdline.read_bytes()
                program = words.split(b"\0")[0]
                if program.endswith((b"dnsmasq", b"qemu-system-x86_64")) and any(p in words for p in places):
                    os.kill(int(cmdline.parent.name), signal.SIGKILL)

    # --- The APIs

    def ask(self, method, service, path, body=None, headers=None, who="admin"):
        r = self.request(who, method, service, path, body, headers or (VERSION if service == "compute" else None))
        if r.status not in range(200, 300):
            raise CloudError(f"{method} {service} {path}: {r.status} {r.text[:400]}")
        return r.json

    def make(self, service, path, kind, /, **what):
        return self.ask("POST", service, path, {kind: what})[kind]

    def upload(self, name, data, disk_format="qcow2"):
        """An image's id."""
        image = self.ask("POST", "image", "/v2/images", {
            "name": name, "disk_format": disk_format, "container_format": "bare", "visibility": "public"})["id"]
        self.ask("PUT", "image", f"/v2/images/{image}/file", data, {"Content-Type": "application/octet-stream"})
        return image

    def make_public(self):
        """The external network, which the host can reach."""
        self.public = self.make("network", "/v2.0/networks", "network", name="public", **{
            "router:external": True, "provider:network_type": "flat", "provider:physical_network": "public"})["id"]
        self.make("network", "/v2.0/subnets", "subnet", network_id=self.public, cidr=EDGE_NET, ip_version=4,
                  enable_dhcp=False, gateway_ip=EDGE.split("/", maxsplit=1)[0],
                  allocation_pools=[{"start": EDGE_POOL[0], "end": EDGE_POOL[1]}])
        return self.public

    # --- Servers

    def boot(self, name, **what):
        self.servers[name] = self.ask("POST", "compute", "/servers", {"server": dict(what, name=name)})["server"]["id"]

    def server(self, name):
        s = self.ask("GET", "compute", f"/servers/{self.servers[name]}")["server"]
        if s["status"] == "ERROR":
            raise CloudError(f"server {name} is in error: {s.get('fault', {}).get('message')}")
        return s

    def wait_status(self, name, status, seconds=150):
        """Until the server has the status and nothing is under way."""
        return self.wait(lambda: (s := self.server(name))["status"] == status and not s["OS-EXT-STS:task_state"] and s,
                         seconds, f"server {name} to be {status}")

    def act(self, name, **action):
        return self.ask("POST", "compute", f"/servers/{self.servers[name]}/action", action)

    def console(self, name):
        return self.act(name, **{"os-getConsoleOutput": {}})["output"]

    def ports(self, name, network):
        return self.ask("GET", "network", f"/v2.0/ports?device_id={self.servers[name]}&network_id={network}")["ports"]

    def give_floating(self, name, network):
        port = self.ports(name, network)[0]["id"]
        fip = self.make("network", "/v2.0/floatingips", "floatingip", floating_network_id=self.public, port_id=port)
        self.floating[name] = fip["floating_ip_address"]
        self.wait(lambda: self.ask("GET", "network", f"/v2.0/floatingips/{fip['id']}")["floatingip"]["status"] == "ACTIVE",
                  60, f"the floating IP of {name} to be ACTIVE")
        return fip["id"]

    def delete(self, *names):
        for n in names:
            self.ask("DELETE", "compute", f"/servers/{self.servers[n]}")
        self.wait(lambda: not {self.servers[n] for n in names} & {
            s["id"] for s in self.ask("GET", "compute", "/servers")["servers"]}, 90, f"servers {names} to go")
        for n in names:
            del self.servers[n]

    # --- Inside

    def ssh(self, name, words, password=None, seconds=90):
        """The finished process of a command in the guest."""
        options = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
                   # What is said while rules change may be lost; asking the guest revives the connection.
                   "-o", "ServerAliveInterval=3", "-o", "ServerAliveCountMax=20", "-o", "ConnectTimeout=20", "-o", "NumberOfPasswordPrompts=1", "-F", "none"]
        if password:
            how = ["sshpass", "-p", password, "ssh", "-o", "PubkeyAuthentication=no", *options]
        else:
            how = ["ssh", "-i", str(self.dir / "key"), "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", *options]
        try:
            return run(*how, f"cirros@{self.floating[name]}", words, check=False, timeout=seconds)
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(how, 255, f"no answer within {seconds} s", "")

    def inside(self, name, words, seconds=90):
        """Output of a command in the guest; once more when the connection did not come about."""
        for _ in range(3):
            r = self.ssh(name, words, seconds=seconds)
            if r.returncode != 255:
                break
            time.sleep(1)
        if r.returncode != 0:
            raise CloudError(f"in guest {name}: {words}: {r.returncode} {r.stdout.strip()}")
        return r.stdout.strip()

    def wait_ssh(self, name, seconds=300):
        def answers():
            r = self.ssh(name, "uname -n", seconds=30)
            return r.returncode == 0 and r.stdout.strip()
        try:
            return self.wait(answers, seconds, f"guest {name} to answer ssh")
        except CloudError as e:
            raise CloudError(f"{e}\n--- console of {name}\n{self.console(name)[-1500:]}") from e

    def make_key(self):
        key = self.dir / "key"
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
        self.make("compute", "/os-keypairs", "keypair", name="key", type="ssh",
                  public_key=pathlib.Path(f"{key}.pub").read_text(encoding="utf-8").strip())

    def qemu(self, name):
        """Process id of the server's QEMU; None when there is none."""
        place = f"{self.state}/instances/{self.servers[name]}/".encode()
        for cmdline in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                words = cmdline.read_bytes()
                if words.split(b"\0")[0].endswith(b"qemu-system-x86_64") and place in words:
                    return int(cmdline.parent.name)
        return None


def play(steps, cloud, verbose):
    """(passed, failed); each step is (name, function) and builds upon those before it."""
    for i, (name, step) in enumerate(steps):
        began = time.monotonic()
        try:
            step(cloud)
        except (CloudError, OSError, AssertionError, KeyError, IndexError, ValueError,
                subprocess.SubprocessError) as e:
            tail = "" if isinstance(e, CloudError) else "\n" + cloud.log_tail()
            print(f"not ok  {name}: {type(e).__name__}: {e}{tail}", flush=True)
            return i, 1
        if verbose:
            print(f"ok      {name} ({time.monotonic() - began:.1f} s)", flush=True)
    return len(steps), 0
