# SPDX-License-Identifier: Apache-2.0
"""Secrets of the installation: no log, no error and no message has one, whatever fails."""
import concurrent.futures
import http.server
import os
import pathlib
import signal
import ssl
import subprocess
import tempfile
import threading
import time

from compute import V, boot, image
from kit import Cloud, call, case, expect, expect_status, unique, wait_for


def say(program, role, state, seconds=6, **sets):
    """All that a role prints that is started on its own with these options, and what it logged."""
    argv = [program, role, "--state", state]
    for name, value in sets.items():
        argv += ["--set", f"{name.replace('__', '.')}={value}"]
    try:
        r = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False, timeout=seconds)
        out = r.stdout
    except subprocess.TimeoutExpired as e:
        out = e.stdout or b""
    logs = b"".join(p.read_bytes() for p in pathlib.Path(state).rglob("*.log"))
    return (out + logs).decode("utf-8", "replace")


@case("OSSA-2013-031", "OSSA-2015-008")
def addresses_with_passwords(lab):
    """Databases, the bus and directories that cannot be reached, at the finest level of logging."""
    planted, started = unique("planted"), []
    for sets in ({"identity__database": f"mysql://user:{planted}@127.0.0.1:1/keystone"},
                 {"identity__database": f"postgresql://user:{planted}@127.0.0.1:1/keystone"},
                 {"identity__database": f"mysql://user:{planted}@no host/x?{planted}"},
                 {"identity__database": f"nonsense://user:{planted}@x/"},
                 {"identity__database": f"mysql:/user:{planted}@127.0.0.1"},
                 {"stackd__bus": f"amqp://user:{planted}@127.0.0.1:1/"},
                 {"stackd__bus": f"amqp://user:{planted}@"},
                 {"stackd__bus": f"nonsense://user:{planted}@x"},
                 {"ldap__password": planted, "ldap__url": "ldap://127.0.0.1:1", "identity__driver": "ldap"}):
        started += [(role, sets) for role in (("identity", "compute") if "stackd__bus" in sets else ("identity",))]

    def start(one):
        with tempfile.TemporaryDirectory() as state:
            os.chmod(state, 0o777)
            return say(lab.program, one[0], state, 4, stackd__log_level="debug", **one[1])
    with concurrent.futures.ThreadPoolExecutor(len(started)) as pool:
        for (role, sets), text in zip(started, pool.map(start, started)):
            expect(text.strip(), f"{role} with {list(sets)} said nothing")
            expect(planted not in text, f"{role} with {list(sets)} tells a password: {[x for x in text.splitlines() if planted in x][:2]}")
    # Nor does what shows the configuration of a running cloud.
    for words in (("status",), ("doctor",), ("env",)):
        r = subprocess.run([lab.program, *words, "--state", lab.state], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                           timeout=120)
        for name in os.listdir(lab.state + "/secrets"):
            secret = pathlib.Path(lab.state, "secrets", name).read_text(encoding="utf-8").strip()
            own = words == ("env",) and name == "admin"  # What it is for.
            expect(own or len(secret) < 8 or secret not in r.stdout, f"stackd {words[0]} tells the secret {name}")


@case("OSSA-2017-002", "OSSA-2014-004", "GENERIC-53")
def failures_tell_no_secrets(lab):
    """Services that stop answering in the middle of requests: no log holds what the requests held."""
    planted = unique("planted")
    name, _ = lab.fresh_user()
    token = lab.token(name)[0]
    stopped = [s for s in ("placement", "image", "network") if lab.has(s)]
    img, secrets = image(lab, name), {planted, token}
    pids = [lab.running(s)["pid"] for s in stopped]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        def ask():
            try:
                boot(lab, name, imageRef=img, adminPass=planted, user_data="cGxhbnRlZA==", metadata={"secret": planted})
            except OSError:
                pass
        waiting = [threading.Thread(target=ask, daemon=True) for _ in range(3)]
        for t in waiting:
            t.start()
        time.sleep(1.5)
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    for t in waiting:
        t.join(60)
    for url in (f"http://user:{planted}@127.0.0.1:1/x", f"http://user:{planted}@mirror.example/"):
        made = expect_status(lab.request(name, "POST", "image!", "/v2/images", {"name": "x", "disk_format": "raw", "container_format": "bare"}),
                             201).json["id"]
        r = lab.request(name, "POST", "image!", f"/v2/images/{made}/import", {"method": {"name": "web-download", "uri": url}})
        expect_status(r, 400)
    for role, lines in lab.logs():
        for secret in secrets:
            expect(not any(secret in x for x in lines), f"the log of {role} has what a failing request held: {[x for x in lines if secret in x][:1]}")


failures_tell_no_secrets.needs = ("compute", "image", "network", "placement")


@case("OSSA-2013-018", "OSSA-2014-005", "GENERIC-54")
def certificates_are_checked(lab):
    """Whoever answers with a certificate of his own making gets neither a token nor data."""
    heard = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            heard.append(dict(self.headers))
            self.send_response(200)
            self.end_headers()

        do_POST = do_GET

        def log_message(self, *args):
            pass
    with tempfile.TemporaryDirectory() as where:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
                        "subjectAltName=IP:127.0.0.1", "-keyout", where + "/key", "-out", where + "/cert"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        refused = []
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.handle_error = lambda request, address: refused.append(address)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(where + "/cert", where + "/key")
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            url = f"https://127.0.0.1:{server.server_port}"
            os.mkdir(where + "/state")
            os.chmod(where, 0o755)
            os.chmod(where + "/state", 0o777)
            secret = where + "/password"
            pathlib.Path(secret).write_text("planted-password", encoding="ascii")
            # A service that is told that identity is there asks it for a token, if for anything.
            argv = [lab.program, "placement", "--state", where + "/state", "--set", f"service_auth.auth_url={url}/v3", "--set",
                    f"service_auth.password_file={secret}", "--set", "placement.bind_port=0", "--set", "placement.bind_host=127.0.0.1"]
            p = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
            try:
                time.sleep(1.5)
                ports = listening(p.pid)
                for port in ports:
                    r = call("GET", f"http://127.0.0.1:{port}/resource_providers", headers={"X-Auth-Token": "x" * 40}, timeout=30)
                    expect_status(r, 503, 401, what="a token that nobody could be asked about")
            finally:
                p.terminate()
                out = p.communicate(timeout=30)[0].decode("utf-8", "replace")
            expect(ports, f"placement did not start: {out[-800:]}")
            expect(refused, "nobody came to ask")
            expect(not heard, f"an unknown certificate was believed: {heard[:1]}")
        finally:
            server.shutdown()
            server.server_close()


def listening(pid):
    """TCP ports on which a process listens."""
    inodes = set()
    for fd in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            link = os.readlink(fd)
        except OSError:
            continue
        if link.startswith("socket:["):
            inodes.add(link[8:-1])
    rows = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    return sorted({int(r[1].split(":")[1], 16) for r in rows if r[3] == "0A" and r[9] in inodes})


class Judge(http.server.BaseHTTPRequestHandler):
    """Says True to whatever policy asks, and remembers who showed a certificate."""

    def do_POST(self):
        self.server.heard.append(self.connection.getpeercert())
        self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"True")

    def log_message(self, *args):
        pass


@case("GENERIC-54")
def judges_of_policy_show_certificates(lab):
    """A rule that asks another server believes only the one that its options say, and shows itself."""
    with tempfile.TemporaryDirectory() as where:
        os.chmod(where, 0o755)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
                        "subjectAltName=IP:127.0.0.1", "-keyout", where + "/key", "-out", where + "/cert"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.chmod(where + "/key", 0o644)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Judge)
        server.heard, server.handle_error = [], lambda request, address: None
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(where + "/cert", where + "/key")
        tls.verify_mode = ssl.CERT_OPTIONAL
        tls.load_verify_locations(where + "/cert")
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        rule = f'"identity:list_regions": "https://127.0.0.1:{server.server_port}/ask"\n'
        pathlib.Path(where, "policy.yaml").write_text(rule, encoding="ascii")
        mine = {"identity.remote_ssl_client_crt_file": where + "/cert", "identity.remote_ssl_client_key_file": where + "/key"}
        known = {"identity.remote_ssl_ca_crt_file": where + "/cert"}
        cloud = Cloud(["identity"], {"identity.policy_file": where + "/policy.yaml"})
        try:
            for options, status, shown in (({}, 403, None), (known, 200, False), ({**known, **mine}, 200, True),
                                           ({"identity.remote_ssl_verify_server_crt": "false"}, 200, False)):
                server.heard.clear()
                before, cloud.options = cloud.options, {**cloud.options, **options}
                cloud.up()
                expect_status(cloud.request("admin", "GET", "identity", "/regions"), status, what=f"asked with {sorted(options)}")
                expect([bool(c) for c in server.heard] == ([] if shown is None else [shown]), f"with {sorted(options)}: {server.heard}")
                cloud.down()
                cloud.options = before
        finally:
            cloud.close()
            server.shutdown()
            server.server_close()
