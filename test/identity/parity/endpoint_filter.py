# SPDX-License-Identifier: Apache-2.0
"""OS-EP-FILTER: which endpoints a project sees."""

BASE = "/OS-EP-FILTER"
STRANGERS = (None, "member", "reader", "nobody@unscoped")


def steps(play):
    for name in ("f-one", "f-two"):
        play("POST /services", {"service": {"type": name, "name": name}}, save=name.replace("-", "_"))
    play("POST /regions", {"region": {"id": "f-region"}})
    for service in ("f_one", "f_two"):
        play("POST /endpoints", {"endpoint": {"interface": "public", "service_id": "$" + service, "url": "http://host"}}, save=service + "_public")
        play("POST /endpoints", {"endpoint": {"interface": "admin", "service_id": "$" + service, "url": "http://host", "region_id": "f-region"}},
             save=service + "_admin")
    associate(play)
    groups(play)
    bad_bodies(play)
    show(play)
    update(play)
    associate_groups(play)
    delete(play)


def seen(play):
    play(f"GET {BASE}/projects/$home/endpoints")
    play(f"GET {BASE}/endpoints/$f_one_public/projects")
    play("GET /auth/catalog", who="member")
    play("GET /auth/catalog", who="admin")


def associate(play):
    one = f"{BASE}/projects/$home/endpoints/$f_one_public"
    lists = (f"{BASE}/projects/$home/endpoints", f"{BASE}/endpoints/$f_one_public/projects", f"{BASE}/projects/none/endpoints",
             f"{BASE}/endpoints/none/projects")
    for path in (one, f"{BASE}/projects/none/endpoints/$f_one_public", f"{BASE}/projects/$home/endpoints/none",
                 f"{BASE}/projects/none/endpoints/none"):
        for method in ("GET", "HEAD", "PUT", "DELETE"):
            for who in STRANGERS:
                play(f"{method} {path}", who=who)
        for method in ("GET", "HEAD", "DELETE", "PUT", "PUT", "GET", "HEAD", "POST"):
            play(f"{method} {path}")
    for path in lists:
        for who in ("admin", *STRANGERS):
            play("GET " + path, who=who)
        play("HEAD " + path)
    seen(play)
    play(f"PUT {BASE}/projects/$home/endpoints/$f_two_admin")
    seen(play)
    play("PATCH /endpoints/$f_one_public", {"endpoint": {"enabled": False}})
    seen(play)
    play("PATCH /endpoints/$f_one_public", {"endpoint": {"enabled": True}})
    play(f"DELETE {one}")
    play(f"DELETE {one}")
    seen(play)
    play(f"DELETE {BASE}/projects/$home/endpoints/$f_two_admin")
    seen(play)


def groups(play):
    def make(save=None, who="admin", **members):
        play(f"POST {BASE}/endpoint_groups", {"endpoint_group": {"name": "g", "filters": {"interface": "public"}} | members}, who=who, save=save)

    make(name="g-public", save="g_public")
    make(name="g-region", description="Words", filters={"region_id": "f-region", "service_id": "$f_two"}, save="g_region")
    make(name="g-more", shoe=39)
    make(name="g-null", description=None, filters={"interface": "admin"}, save="g_null")
    make(name="g-empty", filters={})
    make(name="g-blank", description="", filters={"interface": "internal"}, save="g_empty")
    make(name="g-public", save="g_twin")
    make(name="g-id", save="g_id")
    for filters in ({"interface": None}, {"interface": 1}, {"none": "x"}, {"region_id": "none"}, {"service_id": "none"},
                    {"url": "x"}, {"enabled": True}, {"id": "x"}):
        make(name="g-bad", filters=filters)
    for who in STRANGERS:
        make(who=who)
        make(who=who, name=1)


def bad_bodies(play):
    for members in ({}, {"name": "x"}, {"name": "", "filters": {}}, {"name": None, "filters": {}}, {"name": 1, "filters": {}},
                    {"name": "x" * 256, "filters": {}}, {"name": "x", "filters": None}, {"name": "x", "filters": []}, {"name": "x", "filters": "x"},
                    {"name": "x", "filters": {}, "description": 1}, {"name": "x", "filters": {"none": 1}}):
        play(f"POST {BASE}/endpoint_groups", {"endpoint_group": members})
        play(f"PATCH {BASE}/endpoint_groups/$g_id", {"endpoint_group": members})
    for body in ({}, {"endpoint_group": None}, {"endpoint_group": []}, {"endpoint_groups": {}}, [], b"", b"{"):
        play(f"POST {BASE}/endpoint_groups", body)
        play(f"PATCH {BASE}/endpoint_groups/$g_id", body)


def show(play):
    for name in ("g_public", "g_region", "g_null", "g_empty", "g_id"):
        play(f"GET {BASE}/endpoint_groups/${name}")
        play(f"GET {BASE}/endpoint_groups/${name}/endpoints")
        play(f"GET {BASE}/endpoint_groups/${name}/projects")
    for path in ("", "/$g_public", "/none", "/$g_public/endpoints", "/none/endpoints", "/$g_public/projects", "/none/projects"):
        for who in (*STRANGERS, "admin", "admin@system"):
            play(f"GET {BASE}/endpoint_groups{path}", who=who)
        play(f"HEAD {BASE}/endpoint_groups{path}")
    for query in ("name=g-public", "name=none", "description=Words", "limit=1", "none=1"):
        play(f"GET {BASE}/endpoint_groups?{query}")


def update(play):
    play(f"PATCH {BASE}/endpoint_groups/$g_twin", {"endpoint_group": {"name": "g-other", "hat": True}})
    play(f"PATCH {BASE}/endpoint_groups/$g_twin", {"endpoint_group": {"description": "Other"}})
    play(f"PATCH {BASE}/endpoint_groups/$g_twin", {"endpoint_group": {"description": None}})
    play(f"PATCH {BASE}/endpoint_groups/$g_twin", {"endpoint_group": {"filters": {"service_id": "$f_one"}}})
    play(f"GET {BASE}/endpoint_groups/$g_twin")
    play(f"GET {BASE}/endpoint_groups/$g_twin/endpoints")
    play(f"PATCH {BASE}/endpoint_groups/none", {"endpoint_group": {"name": "x"}})
    play(f"PATCH {BASE}/endpoint_groups/none", {"endpoint_group": {"name": 1}})
    for who in STRANGERS:
        play(f"PATCH {BASE}/endpoint_groups/$g_twin", {"endpoint_group": {"name": "no"}}, who=who)
        play(f"PATCH {BASE}/endpoint_groups/none", {"endpoint_group": {"name": "no"}}, who=who)


def associate_groups(play):
    one = f"{BASE}/endpoint_groups/$g_region/projects/$home"
    for path in (one, f"{BASE}/endpoint_groups/none/projects/$home", f"{BASE}/endpoint_groups/$g_region/projects/none"):
        for method in ("GET", "HEAD", "PUT", "DELETE"):
            for who in STRANGERS:
                play(f"{method} {path}", who=who)
        for method in ("GET", "HEAD", "DELETE", "PUT", "PUT", "GET", "HEAD", "POST"):
            play(f"{method} {path}")
    for path in (f"{BASE}/projects/$home/endpoint_groups", f"{BASE}/projects/none/endpoint_groups", f"{BASE}/projects/$office/endpoint_groups",
                 f"{BASE}/endpoint_groups/$g_region/projects"):
        for who in ("admin", *STRANGERS):
            play("GET " + path, who=who)
        play("HEAD " + path)
    seen(play)
    play(f"PUT {BASE}/endpoint_groups/$g_public/projects/$home")
    seen(play)
    play(f"PUT {BASE}/endpoint_groups/$g_empty/projects/$home")
    play(f"PUT {BASE}/projects/$home/endpoints/$f_two_admin")
    seen(play)
    play(f"DELETE {BASE}/projects/$home/endpoints/$f_two_admin")
    play(f"DELETE {BASE}/endpoint_groups/$g_empty/projects/$home")
    play(f"DELETE {one}")
    play(f"DELETE {one}")
    seen(play)


def delete(play):
    for who in STRANGERS:
        play(f"DELETE {BASE}/endpoint_groups/$g_public", who=who)
        play(f"DELETE {BASE}/endpoint_groups/none", who=who)
    for name in ("g_public", "g_region", "g_null", "g_empty", "g_twin", "g_id"):
        play(f"DELETE {BASE}/endpoint_groups/${name}")
    play(f"DELETE {BASE}/endpoint_groups/$g_public")
    play(f"GET {BASE}/endpoint_groups/$g_public")
    play(f"GET {BASE}/projects/$home/endpoint_groups")
    play(f"GET {BASE}/projects/$home/endpoints")  # Zed keeps the catalog for a while.
    play("DELETE /services/$f_one")
    play("DELETE /services/$f_two")
    play("DELETE /regions/f-region")
