# SPDX-License-Identifier: Apache-2.0
"""Tempest (Debian's package): its configuration for a cloud, its run, its results."""
import configparser
import http.server
import os
import pathlib
import re
import subprocess
import threading

HERE = pathlib.Path(__file__).resolve().parent
PACKAGES = "/usr/lib/python3/dist-packages"
# Keystone's own tests of who may do what expect its rules of the release Zed, the newer forms alone,
# and tokens of the right scope.
PLUGIN = "keystone_tempest_plugin."
STRICT = {"identity.enforce_new_defaults": "true", "identity.policy_release": "zed"}
# What the tests of password rules expect.
OPTIONS = {"identity.password_rounds": "4", "identity.lockout_attempts": "2", "identity.lockout_duration_s": "5",
           "identity.password_history": "2"}
GATEWAY = "198.18.0.1"  # Of the external network.


def prepare(cloud, roles, guest):
    """What Tempest wants to find: flavors, images (of the disk 'guest', or of nothing), networks.  Returns options."""
    conf = {}
    admin = lambda method, service, path, body=None: cloud.request("admin", method, service, path, body)
    if "compute" in roles:
        for flavor, (name, ram) in {"42": ("m1.nano", 128), "84": ("m1.micro", 192)}.items():
            r = admin("POST", "compute", "/flavors", {"flavor": {
                "id": flavor, "name": name, "ram": ram, "vcpus": 1, "disk": 1}})
            assert r.status == 200, r.text
        conf["compute"] = {"flavor_ref": "42", "flavor_ref_alt": "84"}
    if "image" in roles:
        ids = []
        data = guest.read_bytes() if guest else b"\0" * 65536
        for name in ("guest", "guest-alt"):
            r = admin("POST", "image", "/v2/images", {
                "name": name, "disk_format": "qcow2" if guest else "raw", "container_format": "bare", "visibility": "public"})
            assert r.status == 201, r.text
            ids.append(r.json["id"])
            r = cloud.request("admin", "PUT", "image", f"/v2/images/{ids[-1]}/file", data,
                              headers={"Content-Type": "application/octet-stream"})
            assert r.status == 204, r.text
        conf.setdefault("compute", {}).update(image_ref=ids[0], image_ref_alt=ids[1])
    if "network" in roles:
        r = admin("POST", "network", "/v2.0/networks", {"network": {
            "name": "public", "router:external": True, "provider:network_type": "flat",
            "provider:physical_network": "public"}})
        assert r.status == 201, r.text
        public = r.json["network"]["id"]
        r = admin("POST", "network", "/v2.0/networks", {"network": {"name": "private"}})
        assert r.status == 201, r.text
        r = admin("POST", "network", "/v2.0/subnets", {"subnet": {
            "network_id": public, "ip_version": 4, "cidr": "198.18.0.0/24", "gateway_ip": GATEWAY,
            "enable_dhcp": False, "allocation_pools": [{"start": "198.18.0.10", "end": "198.18.0.250"}]}})
        assert r.status == 201, r.text
        extensions = [e["alias"] for e in admin("GET", "network", "/v2.0/extensions").json["extensions"]]
        conf["network"] = {"public_network_id": public, "floating_network_name": "public",
                           "project_network_cidr": "10.100.0.0/16"}
        conf["network-feature-enabled"] = {"api_extensions": ",".join(extensions), "ipv6": "true",
                                           "ipv6_subnet_attributes": "true", "port_security": "true",
                                           "port_admin_state_change": "true"}
    return conf


class Bytes(http.server.BaseHTTPRequestHandler):
    """Something to import from a URL."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "1024")
        self.end_headers()
        self.wfile.write(b"\1" * 1024)

    def log_message(self, *_):
        pass


def web():
    """The URL of a server of this process."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Bytes)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/image"


def write(folder, conf):
    """tempest.conf and what stestr wants beside it."""
    (folder / "lock").mkdir(parents=True, exist_ok=True)
    (folder / ".stestr.conf").write_text(
        f"[DEFAULT]\ntest_path={PACKAGES}/tempest/test_discover\ntop_dir={PACKAGES}\n"
        "group_regex=([^\\.]*\\.)*\n")
    parser = configparser.RawConfigParser()
    parser.optionxform = str
    parser.read_dict(conf)
    with open(folder / "tempest.conf", "w", encoding="utf-8") as f:
        parser.write(f)


def configuration(cloud, roles, extra, folder, guests=False):
    """Of a cloud with secret(), auth_url() and those roles; 'extra' has more, or other, values."""
    conf = {
        "DEFAULT": {"log_file": str(folder / "tempest.log")},
        "oslo_concurrency": {"lock_path": str(folder / "lock")},
        "auth": {"use_dynamic_credentials": "true", "admin_username": "admin",
                 "admin_password": cloud.secret("admin"), "admin_project_name": "admin",
                 "admin_domain_name": "Default", "tempest_roles": "member", "admin_system": "all",
                 "create_isolated_networks": "true" if "network" in roles else "false"},
        "identity": {"uri_v3": cloud.auth_url(), "auth_version": "v3", "region": "RegionOne",
                     "v3_endpoint_type": "public", "default_domain_id": "default",
                     "user_lockout_failure_attempts": "2", "user_lockout_duration": "5",
                     "user_unique_last_password_count": "2"},
        "identity-feature-enabled": {"api_v2": "false", "api_v3": "true", "project_tags": "true",
                                     "application_credentials": "true", "access_rules": "true",
                                     "trust": "true", "security_compliance": "true",
                                     "enforce_scope": "true"},
        "enforce_scope": {"keystone": "true"},
        "service_available": {name: str(role in roles).lower() for name, role in (
            ("nova", "compute"), ("glance", "image"), ("neutron", "network"), ("cinder", "block"),
            ("swift", "object"), ("horizon", "dashboard"))},
        "compute": {"min_microversion": "2.1", "max_microversion": "2.93", "build_timeout": "120",
                    "build_interval": "1", "min_compute_nodes": "1", "fixed_network_name": "private"},
        "compute-feature-enabled": {
            "resize": "false", "cold_migration": "false", "live_migration": "false", "rescue": "false",
            "shelve": "false", "suspend": "true", "pause": "true", "snapshot": "true", "console_output": "true",
            "vnc_console": "true", "config_drive": "true", "interface_attach": "true", "disk_config": "true",
            "swap_volume": "false", "personality": "false", "change_password": "false",
            "attach_encrypted_volume": "false"},
        # Tempest uploads random bytes as any of these: what has a header would be refused for lacking it.
        "image": {"disk_formats": "raw,ami,ari,aki,ploop",
                  "container_formats": "bare,ami,ari,aki,ovf,ova,docker,compressed",
                  "http_image": web(), "build_timeout": "60", "build_interval": "1"},
        "image-feature-enabled": {"api_v2": "true", "import_image": "true", "os_glance_reserved": "true"},
        "validation": {"run_validation": str(guests).lower(), "connect_method": "floating", "image_ssh_user": "cirros",
                       "image_ssh_password": "gocubsgo", "image_alt_ssh_user": "cirros",
                       "image_alt_ssh_password": "gocubsgo", "ssh_timeout": "120", "ping_timeout": "120",
                       "network_for_ssh": "private"},
    }
    for section, options in extra.items():
        conf.setdefault(section, {}).update(options)
    write(folder, conf)


def stestr(folder, *words, **kw):
    env = dict(os.environ, TEMPEST_CONFIG_DIR=str(folder), TEMPEST_CONFIG="tempest.conf",
               PATH="/usr/bin:" + os.environ["PATH"],
               PYTHONPATH=str(HERE / "hooks"))
    return subprocess.run(["/usr/bin/python3", "-m", "stestr", *words], cwd=folder, env=env, text=True, **kw)


def results(folder):
    """{id: outcome} of the last run."""
    import subunit  # with Tempest's packages
    import testtools

    found = {}
    out = stestr(folder, "last", "--subunit", capture_output=False, stdout=open(folder / "subunit", "wb"))
    del out

    class Collect(testtools.StreamResult):
        def status(self, test_id=None, test_status=None, **_):
            if test_id and test_status in ("success", "fail", "skip", "uxsuccess", "xfail"):
                found[re.sub(r"\[.*", "", test_id)] = (test_status, test_id)
    with open(folder / "subunit", "rb") as f:
        subunit.ByteStreamToStreamResult(f).run(Collect())
    return found


def causes(folder):
    """{id: what was raised} of what failed in the last run: the type, and of an answer that was not expected, to what."""
    import subunit
    import testtools

    found = {}

    def note(test):
        words = "".join(c.as_text() for name, c in test["details"].items() if name.startswith("traceback"))
        raised = re.findall(r"^ *((?:\w+\.)+[A-Z]\w+)(?:: <bound method ([\w.]+))?", words, re.M)
        if test["status"] == "fail" and raised:
            found[re.sub(r"\[.*", "", test["id"])] = " ".join(raised[-1]).strip()
    result = testtools.StreamToDict(note)
    with open(folder / "subunit", "rb") as f:
        result.startTestRun()
        subunit.ByteStreamToStreamResult(f).run(result)
        result.stopTestRun()
    return found


def names(folder, regex=None):
    """{id: id with its tags, as stestr wants it}, of those that fit."""
    stestr(folder, "init", capture_output=True)
    out = stestr(folder, "list", *([regex] if regex else []), capture_output=True).stdout
    return {re.sub(r"\[.*", "", name): name for name in out.split() if "." in name}


def run(folder, ids, jobs=2):
    """Runs them; {id: outcome} of success, fail, skip."""
    (folder / "list").write_text("".join(i + "\n" for i in ids), encoding="utf-8")
    with open(folder / "output", "w", encoding="utf-8") as log:
        stestr(folder, "run", "--concurrency", str(jobs), "--load-list", str(folder / "list"), stdout=log,
               stderr=subprocess.STDOUT)
    return {k: s for k, (s, _) in results(folder).items()}
