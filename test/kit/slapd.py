# SPDX-License-Identifier: Apache-2.0
"""A private OpenLDAP server for a test: Debian's slapd on an address of the
loopback network, in a directory of its own, gone afterwards."""
import base64
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

SUFFIX = "dc=test,dc=example"
ADMIN = "cn=admin," + SUFFIX
PASSWORD = "directory-secret"
MODULES = "/usr/lib/ldap"
SCHEMA = "/etc/ldap/schema"
KIT = pathlib.Path(__file__).resolve().parent

CONFIG = """
include {schema}/core.schema
include {schema}/cosine.schema
include {schema}/nis.schema
include {schema}/inetorgperson.schema
include {kit}/activedirectory.schema
modulepath {modules}
moduleload back_mdb
moduleload memberof
pidfile {folder}/slapd.pid
argsfile {folder}/slapd.args
TLSCACertificateFile {folder}/ca.pem
TLSCertificateFile {folder}/server.pem
TLSCertificateKeyFile {folder}/server.key
database mdb
suffix "{suffix}"
rootdn "{admin}"
rootpw {password}
directory {folder}/db
maxsize 268435456
index objectClass,cn,uid,sn,member,memberUid,sAMAccountName eq
# Whoever asks without pages gets no more than this.
limits dn.exact="cn=reader,{suffix}" size.soft=1000 size.hard=1000 size.prtotal=unlimited
access to attrs=userPassword by anonymous auth by * none
access to * by users read by anonymous {anonymous}
overlay memberof
memberof-group-oc group
memberof-member-ad member
memberof-memberof-ad memberOf
"""


def free_port(address):
    with socket.socket() as s:
        s.bind((address, 0))
        return s.getsockname()[1]


def ldif_line(name, value):
    raw = value if isinstance(value, bytes) else str(value).encode()
    if isinstance(value, bytes) or not str(value).isascii():
        return f"{name}:: {base64.b64encode(raw).decode()}"
    return f"{name}: {value}"


def ldif(dn, **attributes):
    """One entry as text; a list gives several values, bytes are binary ones."""
    lines = [ldif_line("dn", dn)]
    for name, values in attributes.items():
        for v in values if isinstance(values, (list, tuple)) else [values]:
            lines.append(ldif_line(name, v))
    return "\n".join(lines) + "\n\n"


class Slapd:
    """address: where it listens; the ports are the kernel's choice and stay over a restart.
    anonymous: what whoever has not logged in may do."""

    def __init__(self, address="127.0.0.51", anonymous="auth"):
        self.address = address
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="stackd-slapd-"))
        os.chmod(self.folder, 0o755)
        (self.folder / "db").mkdir()
        self.port, self.tls_port = free_port(address), free_port(address)
        self.process = None
        self.conf = self.folder / "slapd.conf"
        self.conf.write_text(CONFIG.format(schema=SCHEMA, modules=MODULES, folder=self.folder, suffix=SUFFIX,
                                           admin=ADMIN, password=PASSWORD, kit=KIT, anonymous=anonymous))
        self.make_certificates()

    @property
    def url(self):
        return f"ldap://{self.address}:{self.port}"

    @property
    def tls_url(self):
        return f"ldaps://{self.address}:{self.tls_port}"

    @property
    def ca(self):
        return str(self.folder / "ca.pem")

    def openssl(self, *words):
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    def make_certificates(self):
        """A CA with the server's certificate, and another CA that signed nothing."""
        for name in ("ca", "other"):
            self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out",
                         f"{name}.pem", "-days", "2", "-subj", f"/CN={name}", "-addext",
                         "basicConstraints=critical,CA:TRUE")
        self.openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "server.key", "-out", "server.csr", "-subj",
                     f"/CN={self.address}")
        (self.folder / "san").write_text(f"subjectAltName=IP:{self.address}\n")
        self.openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                     "-days", "2", "-out", "server.pem", "-extfile", "san")

    def load(self, text):
        """Adds entries while the server is down."""
        file = self.folder / "load.ldif"
        file.write_text(text)
        r = subprocess.run(["/usr/sbin/slapadd", "-q", "-f", self.conf, "-l", file], check=False,
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if r.returncode != 0:
            raise RuntimeError("slapadd does not take the entries:\n" + r.stderr)
        return self

    def start(self):
        log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen(
            ["/usr/sbin/slapd", "-d", "0", "-f", self.conf, "-h", f"{self.url}/ {self.tls_url}/"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        end = time.monotonic() + 60
        while True:
            try:
                socket.create_connection((self.address, self.port), 1).close()
                return self
            except OSError:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError("slapd does not start:\n" + (self.folder / "log").read_text())
                time.sleep(0.02)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def modify(self, text, *options):
        """Changes entries of the running server, as ldapmodify reads them."""
        subprocess.run(["ldapmodify", *options, "-x", "-H", self.url, "-D", ADMIN, "-w", PASSWORD], input=text, text=True,
                       check=True, stdout=subprocess.DEVNULL)

    def add(self, text):
        """Adds entries to the running server, whose overlays see them then."""
        self.modify(text, "-a")

    def close(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
