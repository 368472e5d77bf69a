# SPDX-License-Identifier: Apache-2.0
"""Images: whose they are, what their data may be, and that it never changes."""
import gzip
import http.server
import json
import os
import pathlib
import socket
import struct
import tempfile
import threading
import time
import urllib.parse

from kit import Cloud, call, case, expect, expect_status, raw, statuses, unique, wait_for

JSON_PATCH = {"Content-Type": "application/openstack-images-v2.1-json-patch"}
OCTETS = {"Content-Type": "application/octet-stream"}


def ask(lab, who, method, path, body=None, headers=None):
    return lab.request(who, method, "image!", path, body, headers)


def make(lab, who="ann", **members):
    body = {"name": unique("image"), "disk_format": "raw", "container_format": "bare", **members}
    return expect_status(ask(lab, who, "POST", "/v2/images", body), 201).json["id"]


def upload(lab, who, image, data):
    return ask(lab, who, "PUT", f"/v2/images/{image}/file", data, OCTETS)


def show(lab, image, who="ann"):
    return expect_status(ask(lab, who, "GET", "/v2/images/" + image), 200).json


@case("OSSA-2012-017", "GENERIC-11")
def foreign_images(lab):
    image = make(lab)
    expect_status(upload(lab, "ann", image, b"mine"), 204)
    for method, path, body, headers in (("GET", "", None, None), ("DELETE", "", None, None), ("GET", "/file", None, None),
                                        ("PUT", "/file", b"theirs", OCTETS), ("PUT", "/tags/x", None, None),
                                        ("PATCH", "", [{"op": "replace", "path": "/name", "value": "theirs"}], JSON_PATCH),
                                        ("POST", "/members", {"member": lab.project("bob")}, None), ("GET", "/members", None, None),
                                        ("POST", "/actions/deactivate", None, None)):
        if headers is JSON_PATCH:
            body = json.dumps(body).encode()
        r = ask(lab, "bob", method, f"/v2/images/{image}{path}", body, headers)
        expect(r.status == 404 or path == "/actions/deactivate" and r.status == 403, f"{method} {path} of a foreign image: {r.status}")
    expect(ask(lab, "ann", "GET", f"/v2/images/{image}/file").data == b"mine", "the data of an image changed")
    for query in (f"owner={lab.project('ann')}", "visibility=all", "member_status=all", f"id={image}", f"marker={image}"):
        r = ask(lab, "bob", "GET", "/v2/images?" + query)
        expect(r.status in (400, 404) or image not in [i["id"] for i in r.json["images"]], f"a list with {query} shows a foreign image")


@case("OSSA-2015-019", "OSSA-2016-006", "GENERIC-27")
def an_active_image_stays(lab):
    image = make(lab)
    expect_status(upload(lab, "ann", image, b"first"), 204)
    for path, value in (("/status", "queued"), ("/checksum", "x"), ("/size", 1), ("/owner", lab.project("bob")), ("/id", "x"),
                        ("/os_hash_value", "x"), ("/created_at", "x"), ("/file", "x")):
        for op in ("replace", "add", "remove"):
            change = [{"op": op, "path": path, "value": value}]
            r = ask(lab, "ann", "PATCH", "/v2/images/" + image, json.dumps(change).encode(), JSON_PATCH)
            expect(r.status in (400, 403), f"{op} of {path}: {r.status}")
    expect_status(upload(lab, "ann", image, b"second"), 409)
    for change in ([{"op": "remove", "path": "/locations/0"}], [{"op": "replace", "path": "/locations", "value": []}]):
        expect_status(ask(lab, "ann", "PATCH", "/v2/images/" + image, json.dumps(change).encode(), JSON_PATCH), 400, 403, 409)
    expect(ask(lab, "ann", "GET", f"/v2/images/{image}/file").data == b"first", "the data of an active image changed")


@case("GENERIC-27")
def parallel_uploads(lab):
    """One of many uploads wins, and the image has its data whole."""
    image, got = make(lab), []
    bodies = [bytes([65 + i]) * 300000 for i in range(6)]
    threads = [threading.Thread(target=lambda b=b: got.append(upload(lab, "ann", image, b).status)) for b in bodies]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    expect(sorted(got)[0] == 204 and got.count(204) == 1 and set(got) <= {204, 409}, f"parallel uploads: {got}")
    expect(ask(lab, "ann", "GET", f"/v2/images/{image}/file").data in bodies, "the data is a mixture")


@case("OSSA-2014-041", "OSSA-2015-002")
def locations_of_the_host(lab):
    image = make(lab)
    for url in ("file:///etc/passwd", "filesystem:///etc/passwd", "FILE:///etc/passwd", "/etc/passwd", "swift+config://x"):
        change = [{"op": "add", "path": "/locations/-", "value": {"url": url, "metadata": {}}}]
        expect_status(ask(lab, "ann", "PATCH", "/v2/images/" + image, json.dumps(change).encode(), JSON_PATCH), 400, 403, what=url)
        expect_status(ask(lab, "ann", "POST", "/v2/images", {"name": "x", "locations": [{"url": url, "metadata": {}}]}), 400, 403)
    expect(show(lab, image)["status"] == "queued", "a location made the image active")


@case("OSSA-2013-002", "OSSA-2013-007")
def nothing_of_the_store(lab):
    """No answer says where the data lies."""
    image = make(lab)
    expect_status(upload(lab, "ann", image, b"data"), 204)
    for path in ("", "/file", "/locations"):
        r = ask(lab, "ann", "GET", f"/v2/images/{image}{path}")
        words = str(r.headers) + r.text
        expect(lab.state not in words and "file://" not in words and "direct_url" not in words, f"{path} tells of the store: {words[:300]}")


def qcow2(backing=b"", incompatible=0, size=1 << 20):
    head = struct.pack(">4sIQIIQIIQQIIQQQQII", b"QFI\xfb", 3, 512 if backing else 0, len(backing), 16, size, 0, 1, 0x10000, 0x20000,
                       1, 0, 0, incompatible, 0, 0, 4, 104)
    return head.ljust(512, b"\0") + backing.ljust(512, b"\0") + b"\0" * (1 << 18)


@case("OSSA-2024-001", "OSSA-2023-002", "OSSA-2015-014", "OSSA-2024-002", "GENERIC-19", "GENERIC-20", "GENERIC-21")
def images_that_name_the_host(lab):
    """Refused when they are uploaded, however they are called, and no data stays."""
    vmdk = (b'# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=ffffffff\ncreateType="monolithicFlat"\n'
            b'RW 2048 FLAT "/etc/passwd" 0\n').ljust(4096, b"\0")
    bad = (("qcow2", qcow2(b"/etc/passwd")), ("qcow2", qcow2(b"json:{}")), ("qcow2", qcow2(incompatible=4)),
           ("qcow2", qcow2(incompatible=1 << 40)), ("vmdk", vmdk), ("raw", qcow2(b"/etc/passwd")), ("qcow2", b"x" * 4096),
           ("iso", qcow2()), ("qcow2", qcow2() [:32768].ljust(32769, b"\0") + b"CD001\x01" + b"\0" * 8192))
    for kind, data in bad:
        image = make(lab, disk_format=kind)
        r = upload(lab, "ann", image, data)
        expect(r.status == 415, f"{kind} {data[:40]!r}: {r.status} {r.text[:200]}")
        expect(show(lab, image)["status"] in ("queued", "killed"), f"{kind}: the image is {show(lab, image)['status']}")
        expect(ask(lab, "ann", "GET", f"/v2/images/{image}/file").status in (204, 403, 404, 409), f"{kind}: data stayed")


@case("OSSA-2015-003", "OSSA-2015-020", "OSSA-2015-004")
def deleted_while_uploading(lab):
    """Nothing stays in the store of an image that went while its data came."""
    image = make(lab)
    head = (f"PUT /v2/images/{image}/file HTTP/1.1\r\nHost: x\r\nX-Auth-Token: {lab.token('ann')[0]}\r\n"
            "Content-Type: application/octet-stream\r\nContent-Length: 10000000\r\n\r\n").encode()
    with socket.create_connection(lab.host("image"), timeout=10) as s:
        s.sendall(head + b"x" * 500000)
        wait_for(lambda: show(lab, image)["status"] == "saving", 5, "the upload")
        expect_status(ask(lab, "ann", "DELETE", "/v2/images/" + image), 204)
        s.sendall(b"x" * 100000)
    expect_status(ask(lab, "ann", "GET", "/v2/images/" + image), 404)
    wait_for(lambda: not [p for p in pathlib.Path(lab.state, "image").rglob(f"*{image}*") if p.is_file()], 10, "the data to go")


@case("OSSA-2026-004", "GENERIC-29", "GENERIC-30")
def imports_from_inside(lab):
    """web-download takes no other scheme, no user, no port that is not allowed, and follows nobody inside."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(dict(self.headers))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"inside")

        def log_message(self, *args):
            pass
    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_port
    try:
        for url in ("file:///etc/passwd", "ftp://x.example/a", "gopher://x/", "unix:///run/x", "http://user:pw@x.example/", "http://",
                    f"http://127.0.0.1:{port}/", f"http://2130706433:{port}/", f"http://0x7f.1:{port}/", f"http://[::ffff:127.0.0.1]:{port}/",
                    f"http://0:{port}/", f"http://localhost:{port}/", "http://169.254.169.254:8775/", "http://x.example:22/"):
            image = make(lab)
            r = ask(lab, "ann", "POST", f"/v2/images/{image}/import", {"method": {"name": "web-download", "uri": url}})
            expect(r.status == 400, f"import from {url}: {r.status} {r.text[:200]}")
        expect(not asked, f"a server inside was asked: {asked[:1]}")
    finally:
        server.shutdown()
        server.server_close()


@case("GENERIC-10")
def members_that_are_not_the_clients(lab):
    for member, value in (("status", "active"), ("checksum", "x"), ("size", 5), ("created_at", "2000-01-01T00:00:00Z"), ("direct_url", "x"),
                          ("self", "x"), ("schema", "x"), ("os_hash_value", "x")):
        expect_status(ask(lab, "ann", "POST", "/v2/images", {"name": "x", member: value}), 400, 403, what=member)
    expect_status(ask(lab, "ann", "POST", "/v2/images", {"name": "x", "visibility": "public"}), 403)
    expect_status(ask(lab, "ann", "POST", "/v2/images", {"name": "x", "owner": lab.project("bob")}), 403)


@case("OSSA-2014-028", "OSSA-2013-027", "GENERIC-23")
def limits_and_rights_of_data(lab):
    """No more than image_size_cap is kept, whatever a head says; and who may not download does not, also when it is at hand."""
    rules = tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8")
    os.chmod(rules.name, 0o644)
    rules.write('"download_image": "role:admin"\n')
    rules.flush()
    with rules, Cloud(["identity", "image"], {"image.image_size_cap": "100000", "image.policy_file": rules.name}) as cloud:
        cloud.add_user("carl", "green", ["member"])

        def send(data, headers="", chunked=False):
            made = make(cloud, "carl")
            head = f"PUT /v2/images/{made}/file HTTP/1.1\r\nHost: x\r\nX-Auth-Token: {cloud.token('carl')[0]}\r\n" \
                   f"Content-Type: application/octet-stream\r\nConnection: close\r\n{headers}\r\n"
            u = urllib.parse.urlsplit(cloud.url("image!", ""))
            got = raw((u.hostname, u.port), head.encode() + data, timeout=20)
            return made, statuses(got or b"")
        big = b"x" * 300000
        chunks = b"".join(b"2710\r\n" + b"x" * 10000 + b"\r\n" for _ in range(30)) + b"0\r\n\r\n"
        for data, headers in ((big, f"Content-Length: {len(big)}\r\n"), (chunks, "Transfer-Encoding: chunked\r\n"),
                              (big, f"Content-Length: {len(big)}\r\nX-Image-Meta-Size: 5\r\nx-openstack-image-size: 5\r\n")):
            made, got = send(data, headers)
            expect(got == [413], f"{headers!r}: {got}")
            wait_for(lambda m=made: show(cloud, m, "carl")["status"] == "queued", 10, "the image to be queued again")
            expect(not [p for p in pathlib.Path(cloud.state).rglob(f"*{made}*") if p.is_file() and p.stat().st_size], "partial data stayed")
        # A small file that would unfold to a large one is kept as the bytes that it is.
        bomb = gzip.compress(b"\0" * 50000000)
        made = make(cloud, "carl", container_format="compressed")
        expect_status(upload(cloud, "carl", made, bomb), 204)
        expect(show(cloud, made, "carl")["size"] == len(bomb), "the data was unfolded")
        for _ in range(2):
            r = ask(cloud, "carl", "GET", f"/v2/images/{made}/file")
            expect(r.status == 403 and bomb[:20] not in r.data, f"a download against the rules: {r.status}")
            expect(ask(cloud, "admin", "GET", f"/v2/images/{made}/file").data == bomb, "who may download")
        rules.seek(0)
        rules.truncate()
        rules.write('"download_image": ""\n')
        rules.flush()
        wait_for(lambda: ask(cloud, "carl", "GET", f"/v2/images/{made}/file").status == 200, 30, "the new rules")
        # Deactivated data is nobody's but an administrator's.
        expect_status(ask(cloud, "admin", "POST", f"/v2/images/{made}/actions/deactivate"), 204)
        expect_status(ask(cloud, "carl", "GET", f"/v2/images/{made}/file"), 403)


@case("OSSA-2015-013", "OSSA-2015-004")
def deleted_while_importing(lab):
    """However an import and a deletion meet, neither store nor staging keeps anything."""
    for moment in (0, 0.002, 0.01, 0.05, 0.2):
        one = make(lab)
        expect_status(ask(lab, "ann", "PUT", f"/v2/images/{one}/stage", b"y" * 3000000, OCTETS), 204)
        r = ask(lab, "ann", "POST", f"/v2/images/{one}/import", {"method": {"name": "glance-direct"}})
        expect_status(r, 202)
        time.sleep(moment)
        r = ask(lab, "ann", "DELETE", "/v2/images/" + one)
        while r.status == 409:  # Not while the task holds it.
            time.sleep(0.05)
            r = ask(lab, "ann", "DELETE", "/v2/images/" + one)
        expect_status(r, 204)
        wait_for(lambda o=one: not [p for p in pathlib.Path(lab.state).rglob(f"*{o}*") if p.is_file()], 20, f"the data to go ({moment} s)")
        expect_status(ask(lab, "ann", "GET", "/v2/images/" + one), 404)
    staged = make(lab)
    expect_status(ask(lab, "ann", "PUT", f"/v2/images/{staged}/stage", b"y" * 1000, OCTETS), 204)
    expect_status(ask(lab, "ann", "DELETE", "/v2/images/" + staged), 204)
    wait_for(lambda: not [p for p in pathlib.Path(lab.state).rglob(f"*{staged}*") if p.is_file()], 20, "staged data to go")


@case("GENERIC-28")
def ids_that_climb(lab):
    """An id is an id: nothing outside the store is opened or made."""
    mark = unique("climb")
    for bad in (f"../../{mark}", f"%2e%2e%2f{mark}", f"..%2f..%2f{mark}", f"%2e%2e/{mark}", f"//{mark}", f"{mark}%00", mark * 300, "%2e%2e", ".",
                "..;/x", "%252e%252e%252f" + mark, "\\..\\" + mark, "-" + mark):
        for method, tail, body in (("GET", "", None), ("GET", "/file", None), ("PUT", "/file", b"x"), ("PUT", "/stage", b"x"), ("DELETE", "", None),
                                   ("PUT", f"/tags/{bad}", None)):
            target = f"/v2/images/{bad}{tail}"
            got = raw(lab.host("image"), (f"{method} {target} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: {lab.token('ann')[0]}\r\n"
                                          f"Content-Type: application/octet-stream\r\nContent-Length: {len(body or b'')}\r\nConnection: close\r\n\r\n"
                                          ).encode() + (body or b""))
            expect(got and statuses(got)[0] in (400, 404, 405, 414, 431), f"{method} {target[:80]}: {got and got[:100]}")
    r = ask(lab, "ann", "POST", "/v2/images", {"id": f"../../{mark}", "name": "x", "disk_format": "raw", "container_format": "bare"})
    expect_status(r, 400)
    expect(not list(pathlib.Path(lab.state).rglob(f"*{mark}*")), "a file was made")


for _, _fn in list(__import__("kit").CASES):
    if _fn.__module__ == __name__:
        _fn.needs = ("image",)
