# SPDX-License-Identifier: Apache-2.0
"""Requests as bytes: what two readers could understand differently is refused
by each service, and what is slow or endless ends."""
import socket
import threading
import time

from kit import call, case, expect, expect_status, is_json, raw, statuses, unique, wait_for

HIDDEN = b"GET /healthcheck HTTP/1.1\r\nHost: x\r\n\r\n"


def refused(lab, head, *wanted, body=HIDDEN, service="identity"):
    """One answer of the wanted kind, then the end: what hides in the body is not answered."""
    got = raw(lab.host(service), head.replace(b"\n", b"\r\n") + b"\r\n" + body, timeout=3)
    expect(got is not None, f"{head!r}: no answer or no end")
    # What libmicrohttpd itself refuses it may head twice; either way it is the end.
    expect(statuses(got) and set(statuses(got)) <= set(wanted) and b"Connection: close" in got.split(b"\r\n\r\n")[0],
           f"{head!r}: {statuses(got)} where {wanted} and the end is wanted")


@case("GENERIC-01")
def two_lengths(lab):
    n = str(len(HIDDEN)).encode()
    for service in lab.services:
        for lines in (b"Content-Length: 0\nContent-Length: " + n, b"Content-Length: " + n + b"\nTransfer-Encoding: chunked",
                      b"Transfer-Encoding: chunked\nContent-Length: 0", b"Content-Length: +5", b"Content-Length: 5, 5",
                      b"Content-Length: 0x5", b"Content-Length: -1", b"Content-Length: 5 5", b"Content-Length: ",
                      b"Content-Length: 99999999999999999999999", b"Transfer-Encoding: chunked\nTransfer-Encoding: chunked",
                      b"Transfer-Encoding: chunked, identity", b"Content-Length: 1e1"):
            refused(lab, b"POST /v3/auth/tokens HTTP/1.1\nHost: x\n" + lines + b"\n", 400, 413, 501, service=service)


@case("GENERIC-02")
def odd_lines(lab):
    get = b"GET / HTTP/1.1\n"
    for head in (get + b"Host: x\nX-A : b\n", get + b"Host: x\n X-A: b\n", get + b"Host: x\nX-A: b\n c\n", get, get + b"Host: x\nHost: y\n",
                 get + b"Host: x\nX-A: a\x00b\n", get + b"Host: x\nX\x00A: b\n", get + b"Host: x/y@z\n", get + b"Host: x\n: b\n",
                 get + b"Host: x\nX-A\n", b"GET  / HTTP/1.1\nHost: x\n", b"GET / HTTP/1.1 \nHost: x\n", b"GET /\x00 HTTP/1.1\nHost: x\n",
                 b"G@T / HTTP/1.1\nHost: x\n", b"GET x HTTP/1.1\nHost: x\n", get + b"Host: x\nX-A: a\rX-B: c\n",
                 b"GET / HTTP/9.9\nHost: x\n", get + b"Host: x\nX-A: \x01\n"):
        refused(lab, head, 400, 405, 505)
    bare = raw(lab.host("identity"), b"GET / HTTP/1.1\nHost: x\nX-A: b\n\n" + HIDDEN, timeout=3)
    expect(bare is not None and statuses(bare) in ([400], []), f"bare LF: {bare and statuses(bare)}")
    for coding in (b"gzip", b"identity", b"chunked, gzip", b"xchunked", b"\x0bchunked"):
        refused(lab, b"POST /v3/auth/tokens HTTP/1.1\nHost: x\nTransfer-Encoding: " + coding + b"\n", 400, 501)
    for chunk in (b"0x2\r\n{}\r\n0\r\n\r\n", b"-1\r\n{}\r\n0\r\n\r\n", b"fffffffffffffffff\r\n{}\r\n0\r\n\r\n", b"2 \r\n{}\r\n0\r\n\r\n",
                  b"\r\n{}\r\n0\r\n\r\n", b"1\r\n{}\r\n0\r\n\r\n", b"zz\r\n", b"+2\r\n{}\r\n0\r\n\r\n"):
        got = raw(lab.host("identity"), b"POST /v3/auth/tokens HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk + HIDDEN,
                  timeout=3)
        expect(got is not None and statuses(got) in ([400], [413], []), f"chunk {chunk!r}: {got and statuses(got)}")


@case("GENERIC-03")
def slow_clients(lab):
    """Many that send a byte and wait do not keep others out."""
    address = lab.host("identity")
    waiting = [socket.create_connection(address) for _ in range(300)]
    try:
        for s in waiting:
            s.sendall(b"POST /v3/auth/tokens HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        began = time.monotonic()
        for _ in range(20):
            expect_status(call("GET", f"http://{address[0]}:{address[1]}/v3", timeout=5), 200)
        expect(time.monotonic() - began < 5, "others wait for slow clients")
    finally:
        for s in waiting:
            s.close()


@case("GENERIC-04", "OSSA-2012-002")
def limits(lab):
    address = lab.host("identity")
    base = f"http://{address[0]}:{address[1]}"
    expect_status(call("POST", base + "/v3/auth/tokens", b"x" * (3 << 20), {"Content-Type": "application/json"}), 413)
    expect_status(call("GET", base + "/v3/" + "x" * 40000), 414, 431)
    got = raw(address, b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-A: b\r\n" * 20000 + b"\r\n", timeout=5)
    expect(got is not None and statuses(got)[:1] in ([431], []), f"endless headers: {got and statuses(got)}")
    many = raw(address, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n".replace(b"/ ", b"/?" + b"&a=b" * 3000 + b" ") + b"\r\n", timeout=5)
    expect(many is not None and statuses(many) in ([400], [414]), f"3,000 parameters: {many and statuses(many)}")
    chunks = b"".join(b"10000\r\n" + b"x" * 65536 + b"\r\n" for _ in range(40))
    got = raw(address, b"POST /v3/auth/tokens HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n")
    expect(got is not None and statuses(got) == [413], f"a chunked body beyond the limit: {got and statuses(got)}")


@case("GENERIC-44", "GENERIC-45")
def injected_lines(lab):
    """Whatever is in a request: one answer, and one line in the log."""
    mark = unique("fake")
    for path in (f"/v3/%0d%0aX-Evil:%20{mark}", f"/v3/users/%0a2026-01-01%20ERROR%20{mark}", f"/v3/%1b[31m{mark}"):
        r = lab.request("admin", "GET", "identity!", path)
        expect(r.status in (400, 404) and "X-Evil" not in r.headers, f"{path}: {r.status} {r.headers}")
    for value in ("req-\x1b[31m" + mark, "x" * 5000, mark + "\t\tstatus=200"):
        r = lab.request("admin", "GET", "identity", "/users", headers={"X-Openstack-Request-Id": value, "User-Agent": value})
        expect(mark not in r.headers.get("X-Openstack-Request-Id", ""), "a request id of the client's came back")
    for line in lab.log_text().splitlines():
        expect("\x1b" not in line, "an escape sequence in the log")
        expect(mark not in line or line[:2] == "20" and " ERROR " + mark not in line[:60], f"a line of the client's in the log: {line[:200]}")


@case("OSSA-2021-006")
def unknown_paths(lab):
    """Ever new paths cost no memory."""
    from kit import Wire
    wire = Wire(lab.host("identity"))

    def ask(n):
        for _ in range(n):
            status, _, _ = wire.request("GET", "/" + unique("nothing"), None, {})
            expect(status == 404, f"{status} for a path that is not there")
    ask(2000)
    before = lab.rss_kib("identity")
    ask(8000)
    grown = lab.rss_kib("identity") - before
    expect(grown < lab.slack_kib(2048), f"{grown} KiB more after 8,000 unknown paths")


@case("OSSA-2014-007")
def own_identity_under_load(lab):
    """Each request acts as its own token, however many run at once."""
    wrong = []

    def ask(who):
        mine = lab.user_id(who)
        for _ in range(60):
            r = lab.validate(lab.token(who)[0], by=who)
            if r.status != 200 or r.json["token"]["user"]["id"] != mine:
                wrong.append((who, r.status, r.text[:100]))
    threads = [threading.Thread(target=ask, args=(who,)) for who in ("ann", "bob", "rita", "admin") * 2]
    for who in ("ann", "bob", "rita", "admin"):
        lab.token(who)
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    expect(not wrong, f"answers of others: {wrong[:3]}")


@case("GENERIC-06")
def duplicate_members(lab):
    token = lab.token("admin")[0]
    for service, path in (("identity", "/v3/projects"), ("placement", "/resource_providers"), ("image", "/v2/images"),
                          ("network", "/v2.0/networks"), ("compute", "/v2.1/flavors")):
        if lab.has(service):
            r = call("POST", lab.url(service + "!", path), b'{"name":"a","name":"b","project":{"name":"a","name":"b"}}',
                     {"X-Auth-Token": token, "Content-Type": "application/json"})
            expect_status(r, 400, what=service)
            expect(service == "image" or is_json(r.data), f"{service}: {r.text[:100]}")


def is_discovery(r):
    return r["policy"] == "-open-" and r["method"] in ("GET", "HEAD") and len(r["path"].split("/")) <= 3


@case("OSSA-2012-015")
def routes_need_tokens(lab):
    """Every route but discovery and the issuing of tokens answers 401 to nobody and to an invented token."""
    ways_in = {("identity", "/v3/auth/tokens"), ("identity", "/v3/users/{user_id}/password")}
    public = ("/v3/OS-SIMPLE-CERT/ca", "/v3/OS-SIMPLE-CERT/certificates")  # Certificates, no keys.
    asked = 0
    for r in lab.routes:
        if is_discovery(r) or r["path"] in public or (r["service"], r["path"]) in ways_in and r["method"] == "POST":
            continue
        path = "/".join("0" * 32 if w.startswith("{") else w for w in r["path"].split("/"))
        for token in (None, "gAAAAABinvented", "x" * 300):
            headers = {"X-Auth-Token": token} if token else {}
            headers.update(lab.version_headers(r["service"]))
            if r["until"]:
                headers["OpenStack-API-Version"] = f"{r['service']} {r['until']}"
            if r["method"] in ("POST", "PUT", "PATCH"):
                headers["Content-Type"] = "application/json"
            body = b'{"%s":null}' % r["action"].encode() if r["action"] else b"{}" if r["method"] in ("POST", "PUT", "PATCH") else None
            got = call(r["method"], lab.url(r["service"] + "!", path), body, headers)
            asked += 1
            expect(got.status == 401,
                   f"{r['service']} {r['method']} {r['path']}: {got.status} without a token")
    expect(asked > 200, f"only {asked} requests")


@case("OSSA-2026-001", "GENERIC-15")
def forged_headers(lab):
    """Headers in which a service behind a filter would find the caller are only a client's words here."""
    admin = lab.token("admin")[1]
    forged = {"X-Roles": "admin", "X-Role": "admin", "X-User-Id": admin["user"]["id"], "X-Project-Id": admin["project"]["id"],
              "X-Tenant-Id": admin["project"]["id"], "X-Is-Admin-Project": "True", "X-Identity-Status": "Confirmed",
              "X-Domain-Id": "default", "OpenStack-System-Scope": "all", "X-Service-Roles": "service"}
    expect_status(lab.request(None, "GET", "identity", "/users", headers=forged), 401)
    expect_status(lab.request("ann", "GET", "identity", "/users", headers=forged), 403)
    expect_status(lab.request("ann", "GET", "identity", "/users", headers={"X-Service-Token": lab.token("bob")[0]}), 403)
    if lab.has("placement"):
        expect_status(lab.request("ann", "GET", "placement", "/resource_providers", headers=forged), 403)


@case("OSSA-2017-001", "GENERIC-53")
def secrets_in_logs(lab):
    """What was sent as a secret is in no log, also not when the request fails."""
    planted = unique("planted")
    user, _ = lab.fresh_user()
    url = lab.auth_url() + "/auth/tokens"
    body = lab.login_body(user)
    body["auth"]["identity"]["password"]["user"]["password"] = planted
    call("POST", url, body)
    call("POST", url, ('{"auth": {"password": "%s"' % planted).encode(), {"Content-Type": "application/json"})
    call("GET", url + "?password=" + planted, headers={"X-Auth-Token": planted, "X-Subject-Token": planted})
    lab.request("admin", "POST", "identity", "/users", {"user": {"name": planted * 40, "password": planted}})
    lab.request("admin", "PATCH", "identity", "/users/" + lab.user_id(user), {"user": {"password": {"a": planted}}})
    wait_for(lambda: "POST" in lab.log_text(), 5, "lines in the log")
    log = lab.log_text()
    expect(planted not in log, f"a secret in the log: {[x for x in log.splitlines() if planted in x][:2]}")
    for who in list(lab.tokens):
        expect(lab.tokens[who][0] not in log, f"the token of {who} in the log")
    for name in ("admin", "demo"):
        expect(lab.secret(name) not in log, f"the password of {name} in the log")
