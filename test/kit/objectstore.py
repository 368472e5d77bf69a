# SPDX-License-Identifier: Apache-2.0
"""OpenStack's object store for a test: Debian's Swift on one node, with its
rings, its configuration and its databases in the test's folder.

    store = Swift(programs, address)       # account, container and object server run
    url = store.proxy("strict", AUTHTOKEN, S3TOKEN)

Objects are kept in memory, by Swift's own server for that: its other one wants
extended attributes of the file system, which not every /tmp has."""
import getpass
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from cloud import call  # noqa: E402
from services import answers, free_port  # noqa: E402

# One partition on one device, kept once: what swift-ring-builder writes.
RINGS = """
import sys
from swift.common.ring import RingBuilder
folder, address, *servers = sys.argv[1:]
for server in servers:
    name, port = server.split(":")
    builder = RingBuilder(0, 1, 0)
    builder.add_dev({"region": 1, "zone": 1, "ip": address, "port": int(port), "device": "d1", "weight": 1})
    builder.rebalance()
    builder.get_ring().save(f"{folder}/{name}.ring.gz")
"""
# What Debian's swift-*-server programs do, with a swift.conf that is not the machine's.
SERVER = """
import sys
from swift.common.utils import set_swift_dir
from swift.common.wsgi import run_wsgi
set_swift_dir(sys.argv[1])
sys.exit(run_wsgi(sys.argv[2], sys.argv[3] + '-server', verbose=True))
"""
HASHES = """
[swift-hash]
swift_hash_path_prefix = test
swift_hash_path_suffix = test
"""
DEFAULT = """
[DEFAULT]
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
user = {user}
bind_ip = {address}
bind_port = {port}
# In the program itself, without processes of its own.
workers = 0
log_udp_host = {address}
disable_fallocate = true
"""
STORAGE = """
[pipeline:main]
pipeline = {name}-server
[app:{name}-server]
use = egg:swift#{egg}
"""
# The order of Swift's own documents: S3 behind the token, for it has none.
PROXY = """
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck cache authtoken s3api s3token keystoneauth copy proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:copy]
use = egg:swift#copy
[filter:cache]
use = egg:swift#memcache
memcache_servers = {memcached}
[filter:s3api]
use = egg:swift#s3api
location = RegionOne
[filter:authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory
{authtoken}
[filter:s3token]
use = egg:swift#s3token
{s3token}
[filter:keystoneauth]
use = egg:swift#keystoneauth
{keystoneauth}
"""


class Swift:
    """programs: services.Programs, which ends what is started here."""

    def __init__(self, programs, address):
        self.programs, self.address = programs, address
        self.folder = programs.folder / "swift"
        (self.folder / "devices" / "d1").mkdir(parents=True)
        programs.write("swift/swift.conf", HASHES)
        self.memcached = f"{address}:{free_port(address)}"
        programs.start("memcached", ["/usr/bin/memcached", "-u", getpass.getuser(), "-l", address, "-p",
                                     self.memcached.split(":")[1], "-U", "0", "-m", "64"])
        ports = {name: free_port(address) for name in ("account", "container", "object")}
        programs.run(["/usr/bin/python3", "-c", RINGS, self.folder, address, *(f"{n}:{p}" for n, p in ports.items())])
        for name, port in ports.items():
            egg = "mem_object" if name == "object" else name
            self.start(name, name, STORAGE.format(name=name, egg=egg), port)
        for name, port in ports.items():
            self.ready(name, port)

    def start(self, name, kind, text, port):
        """Starts a server of 'kind'."""
        conf = self.programs.write(f"swift/{name}.conf", DEFAULT.format(
            folder=self.folder, user=getpass.getuser(), address=self.address, port=port) + text)
        self.programs.start(f"swift-{name}", ["/usr/bin/python3", "-c", SERVER, self.folder, conf, kind])

    def ready(self, name, port):
        self.programs.ready(f"swift-{name}", lambda: answers(self.address, port))

    def proxy(self, name, authtoken, s3token, keystoneauth=""):
        """A proxy with these options of its filters; its URL."""
        port = free_port(self.address)
        self.start(name, "proxy", PROXY.format(memcached=self.memcached, authtoken=authtoken, s3token=s3token,
                                               keystoneauth=keystoneauth), port)
        self.ready(name, port)
        url = f"http://{self.address}:{port}"
        r = call("GET", url + "/healthcheck")
        assert r.status == 200, r.text
        return url
