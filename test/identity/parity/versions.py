# SPDX-License-Identifier: Apache-2.0
"""What is served, and what is asked wrongly whatever the resource."""
# JSON Home's names of what stackd does not serve.
LATER = ("/OS-FEDERATION/", "/OS-OAUTH1/", "/OS-OAUTH2/")


def home(play, path):
    """JSON Home: the paths under their names, but for those of extensions that are not served."""
    answers = [side.ask("GET", path, headers={"Accept": "application/json-home"}) for side in play.sides]
    for r in answers:
        if r.json and "resources" in r.json:
            r.json["resources"] = {name: v for name, v in r.json["resources"].items() if not any(x in name for x in LATER)}
    play.judge(f"{play.script}: GET {path} of JSON Home", answers)


def steps(play):
    for path in ("!/", "!/v3", "!/v3/"):
        play("GET " + path, who=None)
        play("GET " + path)
        play("HEAD " + path, who=None)
        play("GET " + path, who=None, headers={"Accept": "application/json"})
        home(play, path)
        play("GET " + path, who=None, headers={"Accept": "text/html"})
        play("POST " + path, {}, who=None)
        play("DELETE " + path, who=None)
        play("GET " + path, who=None, headers={"X-Auth-Token": "no-such-token"})
    play("GET !/", who=None, headers={"X-Forwarded-Proto": "https", "X-Forwarded-Host": "cloud.example.org"})
    for path in ("!/v2.0", "!/v2.0/tokens", "!/v4", "!/v3/none", "!/v3/users/none/none", "!//", "!/none",
                 "!/v3/auth", "!/v3/OS-NONE/things", "!/healthcheck"):
        play("GET " + path)
        play("GET " + path, who=None)
    play("GET !/v3/users/")
    play("GET !/v3/projects/")
    for method, path in (("PUT", "/users"), ("DELETE", "/users"), ("PATCH", "/users"), ("POST", "/users/$boss"),
                         ("PUT", "/users/$boss"), ("PUT", "/projects"), ("POST", "/projects/$office"), ("PUT", "/auth/tokens"),
                         ("PATCH", "/auth/tokens"), ("POST", "/auth/catalog"), ("GET", "/users/$boss/password"),
                         ("POST", "/role_assignments"), ("OPTIONS", "/users"), ("TRACE", "/users"), ("FOO", "/users")):
        play(f"{method} {path}")
        play(f"{method} {path}", who=None)
    # Bodies that are none.
    for method, path in (("POST", "/users"), ("PATCH", "/users/$boss"), ("POST", "/projects"), ("POST", "/roles")):
        step = f"{method} {path}"
        for body in (b"", b"{", b"nothing", b'{"user": }', b"[]", b'"text"', b"1", b"null", b"{}", b"\xff\xfe", b'{"none": {}}',
                     b'{"user": null}', b'{"user": []}', b'{"user": "x"}', b'{"project": null}', b'{"auth": null}', b'{"auth": []}'):
            play(step, body, headers={"Content-Type": "application/json"})
        play(step)
        for kind in ("text/plain", "application/xml", "application/x-www-form-urlencoded", "", "application/json; charset=utf-8",
                     "text/json", "application/vnd.api+json"):
            play(step, b'{"user": {}}', headers={"Content-Type": kind})

    # Query strings.
    for query in ("name=%", "name=%ff", "&&", "=", "name", "name=a&name=b", "limit=0", "none=none"):
        play(f"GET /users?{query}")
