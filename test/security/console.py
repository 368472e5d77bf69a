# SPDX-License-Identifier: Apache-2.0
"""Consoles: a token opens one server's screen, for pages of our own, as long as
the server is there; and no screen, however it behaves, harms the proxy."""
import base64
import os
import pathlib
import re
import socket
import struct
import threading
import time
import urllib.parse

from compute import V, ask, boot
from kit import call, case, expect, expect_status, raw, statuses, unknown, wait_for


class Screen:
    """A server that plays a screen: says 'first' and notes who came and what they sent."""

    def __init__(self, first=b"RFB 003.008\n", then=None):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.came, self.heard, self.first, self.then = 0, b"", first, then
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                c, _ = self.listener.accept()
            except OSError:
                return
            self.came += 1
            threading.Thread(target=self.talk, args=(c,), daemon=True).start()

    def talk(self, c):
        try:
            c.sendall(self.first)
            if self.then:
                self.then(c)
            while True:
                got = c.recv(65536)
                if not got:
                    return
                self.heard += got
        except OSError:
            pass
        finally:
            c.close()

    def close(self):
        self.listener.close()


def active(lab, who="ann"):
    made = expect_status(boot(lab, who), 202).json["server"]["id"]
    wait_for(lambda: ask(lab, who, "GET", "servers/" + made).json["server"]["status"] == "ACTIVE", 60, "a server")
    return made


def delete(lab, server):
    expect_status(ask(lab, "ann", "DELETE", "servers/" + server), 204)
    wait_for(lambda: ask(lab, "ann", "GET", "servers/" + server).status == 404, 30, "the server to go")


def screen_file(lab, server):
    return next(pathlib.Path(lab.state).rglob(f"fake/*/{server}"), None)


def has_screen(lab, server, port):
    record = screen_file(lab, server)
    expect(record, "the host knows nothing of the server")
    record.with_name(server + ".screen").write_text(str(port), encoding="ascii")


def opened(lab, server, who="ann"):
    """(URL, its address, its token) of a new console."""
    r = ask(lab, who, "POST", f"servers/{server}/remote-consoles", {"remote_console": {"protocol": "vnc", "type": "novnc"}})
    url = expect_status(r, 200).json["remote_console"]["url"]
    u = urllib.parse.urlsplit(url)
    return url, (u.hostname, u.port), urllib.parse.unquote(urllib.parse.parse_qs(u.query)["path"][0]).split("token=")[1]


def knock(address, token, origin="own", extra="", target=None, stay=None):
    """The status of a handshake, and what came behind it."""
    own = f"http://{address[0]}:{address[1]}"
    lines = [f"GET {target or '/?token=' + token} HTTP/1.1", f"Host: {address[0]}:{address[1]}", "Upgrade: websocket",
             "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode(),
             "Sec-WebSocket-Protocol: binary"]
    if origin:
        lines.append("Origin: " + (own if origin == "own" else origin))
    with socket.create_connection(address, timeout=10) as s:
        s.sendall(("\r\n".join(lines) + "\r\n" + extra + "\r\n").encode())
        got = b""
        while b"\r\n\r\n" not in got:
            piece = s.recv(65536)
            if not piece:
                break
            got += piece
        status = statuses(got)[0] if statuses(got) else 0
        head, _, body = got.partition(b"\r\n\r\n")
        if status == 101 and stay:
            body = stay(s, body)
        elif status == 101:
            while len(body) < 4:
                piece = s.recv(65536)
                if not piece:
                    break
                body += piece
        return status, head, body


@case("OSSA-2013-006", "OSSA-2014-035")
def a_token_opens_its_own_servers_screen(lab):
    """Wherever that is now, never what has its port since; and nothing when the server is gone."""
    one, two = Screen(b"RFB first\n"), Screen(b"RFB second\n")
    try:
        mine, theirs = active(lab), active(lab, "bob")
        has_screen(lab, mine, one.port)
        _, address, token = opened(lab, mine)
        status, _, body = knock(address, token)
        expect(status == 101 and b"first" in body, f"a good token: {status} {body!r}")
        # The guest starts anew: its screen is elsewhere, and its old port is another guest's.
        has_screen(lab, mine, two.port)
        has_screen(lab, theirs, one.port)
        came = one.came
        status, _, body = knock(address, token)
        expect(status == 101 and b"second" in body and one.came == came, f"an old port: {status} {body!r}")
        delete(lab, mine)
        came = one.came, two.came
        status, _, body = knock(address, token)
        expect(status == 401 and (one.came, two.came) == came and b"RFB" not in body, f"a token of a deleted server: {status} {body!r}")
        expect_status(ask(lab, "admin", "GET", "os-console-auth-tokens/" + token), 404)
        # Two that share a port by mistake: each token still names its own server.
        a, b = active(lab), active(lab)
        for s in (a, b):
            has_screen(lab, s, one.port)
        for s in (a, b):
            _, _, t = opened(lab, s)
            shown = expect_status(ask(lab, "admin", "GET", "os-console-auth-tokens/" + t), 200).json["console"]
            expect(shown["instance_uuid"] == s, "a token names another server")
    finally:
        one.close()
        two.close()


@case("OSSA-2015-005", "GENERIC-38", "OSSA-2020-001")
def who_may_open(lab):
    """Pages of our own with a fresh token; and no log has one."""
    screen = Screen()
    try:
        server = active(lab)
        has_screen(lab, server, screen.port)
        url, address, token = opened(lab, server)
        host = f"{address[0]}:{address[1]}"
        for origin in ("http://evil.example", "null", "http://evil.example:6080", f"http://{host}.evil.example", f"http://evil.example/{host}",
                       f"http://{host}@evil.example", "http://", f"{address[0]}", f"https://{address[0]}:1", "http://[::1]:6080"):
            status, _, body = knock(address, token, origin)
            expect(status == 403 and b"RFB" not in body, f"a page of {origin}: {status}")
        expect(screen.came == 0, "a screen was reached from another site")
        for wrong in ("x", token[:-1], token + "x", token.upper().swapcase() + "-", unknown(), "", "../servers", "%00", token + "%00", "a" * 5000):
            status, _, body = knock(address, wrong)
            expect(status in (400, 401, 414, 431) and b"RFB" not in body, f"token {wrong[:50]}: {status}")
        status, _, _ = knock(address, "", extra=f"Cookie: token={token}\r\n")
        expect(status == 401, f"a token as a cookie: {status}")
        expect(knock(address, token)[0] == 101, "a good token")
        # A member reads nothing from a token, and another project's server has none for him.
        expect_status(ask(lab, "ann", "GET", "os-console-auth-tokens/" + token), 403)
        r = ask(lab, "bob", "POST", f"servers/{server}/remote-consoles", {"remote_console": {"protocol": "vnc", "type": "novnc"}})
        expect_status(r, 404)
        for name, lines in lab.logs():
            expect(not any(token in x for x in lines), f"a console's token in the log of {name}")
    finally:
        screen.close()


@case("GENERIC-38")
def tokens_expire(lab):
    """After its time a token opens nothing: the row is aged, as time would."""
    import hashlib
    import sqlite3
    screen = Screen()
    try:
        server = active(lab)
        has_screen(lab, server, screen.port)
        _, address, token = opened(lab, server)
        db = sqlite3.connect(next(pathlib.Path(lab.state).rglob("compute*.db")), timeout=20)
        key = hashlib.sha256(token.encode()).hexdigest()
        left = db.execute("SELECT expires_us FROM console_tokens WHERE token_hash = ?", (key,)).fetchone()
        expect(left and 0 < left[0] / 1e6 - time.time() <= 3600, f"a console's token lives for ever, or is kept as it is: {left}")
        with db:
            db.execute("UPDATE console_tokens SET expires_us = ? WHERE token_hash = ?", (int((time.time() - 1) * 1e6), key))
        db.close()
        status, _, _ = knock(address, token)
        expect(status == 401 and screen.came == 0, f"an expired token: {status}")
    finally:
        screen.close()


@case("GENERIC-69")
def hostile_screens(lab):
    """Four gigabytes of an error text, endless output, odd frames: the proxy's memory stays level."""
    def flood(c):
        for _ in range(400):
            c.sendall(b"\xff" * 65536)
    pid = lab.running("console")["pid"]
    server = active(lab)
    before = lab.rss_kib("console")
    for first, then in ((b"RFB 003.008\n\x00" + struct.pack(">I", 0xFFFFFFFF) + b"A" * 1000, None), (b"RFB 003.008\n", flood),
                        (b"\x00" * 100000, None), (b"", None), (b"\xff\xff\xff\xff" * 1000, flood)):
        screen = Screen(first, then)
        try:
            has_screen(lab, server, screen.port)
            _, address, token = opened(lab, server)

            def stay(s, body):
                s.settimeout(1)
                # Frames that no browser sends: unmasked, too long, reserved bits, broken control frames.
                for odd in (b"\x82\x05hello", b"\x82\xff" + b"\xff" * 8 + b"abcd", b"\xf2\x80abcd", b"\x89\xfe\x10\x00abcd"):
                    try:
                        s.sendall(odd)
                        time.sleep(0.05)
                        body += s.recv(65536)
                    except OSError:
                        break
                return body
            status, _, _ = knock(address, token, stay=stay)
            expect(status == 101, f"the handshake: {status}")
        finally:
            screen.close()
    expect(lab.running("console")["pid"] == pid, "the proxy died")
    grown = lab.rss_kib("console") - before
    expect(grown < lab.slack_kib(16384), f"{grown} KiB more after hostile screens")
    host, port = opened(lab, server)[1]
    expect_status(call("GET", f"http://{host}:{port}/healthcheck"), 200)


@case("OSSA-2021-002", "GENERIC-42", "GENERIC-43")
def pages_of_the_proxy(lab):
    """No redirect is made of a path or a Host, and no page of another site frames one of ours."""
    url, address, _ = opened(lab, active(lab))
    for path in ("//evil.example", "///evil.example/%2f..", "/\\evil.example", "/%2f%2fevil.example", "/%09/evil.example", "/core//",
                 "/core", "/app", "//evil.example/%2e%2e", "/vnc_auto.html/..;/", "/http://evil.example"):
        got = raw(address, f"GET {path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n".encode("latin-1"), timeout=10)
        expect(got and b"\nlocation:" not in got.lower() and statuses(got)[0] in (400, 404), f"{path}: {got and got[:300]}")
    for path in ("/vnc_auto.html", "/nothing", "/", "/healthcheck", "/?token=x"):
        r = call("GET", f"http://{address[0]}:{address[1]}{path}")
        expect(re.search(r"frame-ancestors '(self|none)'", r.headers.get("Content-Security-Policy", "")) and
               r.headers.get("Referrer-Policy") == "no-referrer" and r.headers.get("X-Content-Type-Options") == "nosniff",
               f"{path}: {r.status} {r.headers}")
    # The address that a user gets is the configured one, whatever Host he sends.
    r = ask(lab, "ann", "POST", f"servers/{active(lab)}/remote-consoles", {"remote_console": {"protocol": "vnc", "type": "novnc"}},
            {**V, "Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    expect(r.status == 200 and r.json["remote_console"]["url"].split("?")[0] == url.split("?")[0], f"a URL of a stranger's making: {r.text}")


for _fn in (a_token_opens_its_own_servers_screen, who_may_open, tokens_expire, hostile_screens, pages_of_the_proxy):
    _fn.needs = ("compute", "image", "network")
