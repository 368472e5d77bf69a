# SPDX-License-Identifier: Apache-2.0
"""/v3/registered_limits and /v3/limits."""

STRANGERS = (None, "member", "reader", "nobody@unscoped")


def steps(play):
    play("POST /services", {"service": {"type": "l-type", "name": "l-name"}}, save="l_service")
    play("POST /services", {"service": {"type": "l-other"}}, save="l_other")
    play("POST /regions", {"region": {"id": "l-region"}})
    play("POST /domains", {"domain": {"name": "l-domain"}}, save="l_domain")
    play("POST /projects", {"project": {"name": "l-project", "domain_id": "$l_domain"}}, save="l_project")
    registered(play)
    bad_registered(play)
    show_registered(play)
    limits(play)
    bad_limits(play)
    show_limits(play)
    update(play)
    delete(play)


def registered(play):
    def make(*rows, who="admin"):
        base = {"service_id": "$l_service", "resource_name": "cores", "default_limit": 10}
        play("POST /registered_limits", {"registered_limits": [{k: v for k, v in (base | row).items() if v is not ...} for row in rows]}, who=who)

    make({})
    make({"region_id": "l-region"}, {"resource_name": "ram", "description": "Memory"})
    make({"resource_name": "null", "region_id": None, "description": None}, {"resource_name": "empty", "description": ""})
    make({"resource_name": "least", "default_limit": -1}, {"resource_name": "most", "default_limit": 0x7fffffff})
    make({"service_id": "$l_other"})
    # Taken, twice in a request, half of it taken.
    make({})
    make({"region_id": "l-region"})
    make({"resource_name": "twice"}, {"resource_name": "twice"})
    make({"resource_name": "half"}, {})
    make({"service_id": "none"})
    make({"region_id": "none"})
    make({"resource_name": "half"}, {"resource_name": "half2", "service_id": "none"})
    for who in STRANGERS:
        make({"resource_name": "no"}, who=who)
        make({"resource_name": 1}, who=who)
    play("GET /registered_limits")


def bad_registered(play):
    whole = {"service_id": "$l_service", "resource_name": "bad", "default_limit": 1}
    for name in whole:
        play("POST /registered_limits", {"registered_limits": [{k: v for k, v in whole.items() if k != name}]})
    play.find("l_cores", "/registered_limits?service_id=$l_other")
    for members in ({"service_id": None}, {"service_id": ""}, {"service_id": 1}, {"service_id": "a b"}, {"resource_name": ""}, {"resource_name": None},
                    {"resource_name": 1}, {"resource_name": "x" * 256}, {"default_limit": None}, {"default_limit": "1"}, {"default_limit": 1.5},
                    {"default_limit": -2}, {"default_limit": 0x80000000}, {"default_limit": True}, {"description": 1}, {"region_id": 1},
                    {"more": 1}, {"id": "x"}, {"name": "x"}):
        play("POST /registered_limits", {"registered_limits": [whole | members]})
        play("PATCH /registered_limits/$l_cores", {"registered_limit": members})
    for rows in (None, [], {}, "x", [None], ["x"], [[]], [{}]):
        play("POST /registered_limits", {"registered_limits": rows})
    for body in ({}, {"registered_limit": [whole]}, [], b"", b"{"):
        play("POST /registered_limits", body)
    for body in ({}, {"registered_limit": None}, {"registered_limit": {}}, {"registered_limit": []}, {"registered_limits": {}}, [], b"", b"{"):
        play("PATCH /registered_limits/$l_cores", body)


def show_registered(play):
    for who in (*STRANGERS, "admin", "admin@system"):
        play("GET /registered_limits", who=who)
        play("GET /registered_limits/$l_cores", who=who)
        play("GET /registered_limits/none", who=who)
    play("HEAD /registered_limits")
    play("HEAD /registered_limits/$l_cores")
    for query in ("service_id=$l_service", "service_id=none", "region_id=l-region", "region_id=none", "resource_name=cores", "resource_name=none",
                  "resource_name__contains=or", "resource_name=cores&service_id=$l_service", "default_limit=10", "region_id=", "limit=1",
                  "marker=none", "none=1"):
        play("GET /registered_limits?" + query)


def limits(play):
    def make(*rows, who="admin"):
        base = {"service_id": "$l_service", "resource_name": "cores", "resource_limit": 5, "project_id": "$home"}
        play("POST /limits", {"limits": [{k: v for k, v in (base | row).items() if v is not ...} for row in rows]}, who=who)

    make({})
    make({"region_id": "l-region"}, {"resource_name": "ram", "description": "Memory"})
    make({"resource_name": "least", "resource_limit": -1}, {"resource_name": "most", "resource_limit": 0x7fffffff})
    make({"project_id": ..., "domain_id": "$l_domain"})
    make({"project_id": "$l_project"})
    make({"project_id": "$office", "description": ""})
    make({"project_id": "$office", "resource_name": "null", "description": None})
    make({})
    make({"resource_name": "twice"}, {"resource_name": "twice"})
    make({"resource_name": "empty"}, {"resource_name": "empty"})
    make({"resource_name": "empty"}, {})
    make({"resource_name": "none"})
    make({"service_id": "none"})
    make({"service_id": "$l_other", "resource_name": "ram"})
    make({"resource_name": "ram", "region_id": "l-region"})
    make({"region_id": "none"})
    make({"project_id": "none"})
    make({"project_id": ..., "domain_id": "none"})
    make({"project_id": ..., "domain_id": "$home"})
    make({"project_id": "default", "resource_name": "empty"})
    for who in STRANGERS:
        make({"resource_name": "null"}, who=who)
        make({"resource_name": 1}, who=who)


def bad_limits(play):
    whole = {"service_id": "$l_service", "resource_name": "null", "resource_limit": 1, "project_id": "$home"}
    for name in whole:
        play("POST /limits", {"limits": [{k: v for k, v in whole.items() if k != name}]})
    play.find("l_limit", "/limits?resource_name=null&project_id=$office")
    for members in ({"service_id": None}, {"service_id": ""}, {"service_id": 1}, {"resource_name": ""}, {"resource_name": None},
                    {"resource_name": 1}, {"resource_name": "x" * 256}, {"resource_limit": None}, {"resource_limit": "1"},
                    {"resource_limit": 1.5}, {"resource_limit": -2}, {"resource_limit": 0x80000000}, {"description": 1}, {"region_id": 1},
                    {"region_id": None}, {"project_id": None}, {"project_id": 1}, {"domain_id": "$l_domain"}, {"domain_id": None}, {"more": 1},
                    {"id": "x"}):
        play("POST /limits", {"limits": [whole | members]})
        play("PATCH /limits/$l_limit", {"limit": members})
    for rows in (None, [], {}, "x", [None], ["x"], [{}]):
        play("POST /limits", {"limits": rows})
    for body in ({}, {"limit": [whole]}, [], b"", b"{"):
        play("POST /limits", body)
    for body in ({}, {"limit": None}, {"limit": {}}, {"limit": []}, {"limits": {}}, [], b"", b"{"):
        play("PATCH /limits/$l_limit", body)


def show_limits(play):
    for who in (*STRANGERS, "admin", "admin@system", "admin@domain:default", "admin@unscoped"):
        play("GET /limits", who=who)
        play("GET /limits/$l_limit", who=who)
        play("GET /limits/none", who=who)
        play("GET /limits/model", who=who)
        play("GET /limits?project_id=$office", who=who)
        play("GET /limits?domain_id=$l_domain", who=who)
    play("HEAD /limits")
    play("HEAD /limits/$l_limit")
    play("HEAD /limits/model")
    for query in ("service_id=$l_service", "service_id=none", "region_id=l-region", "resource_name=cores", "resource_name__contains=or",
                  "project_id=$home", "project_id=none", "domain_id=default", "project_id=$home&domain_id=$l_domain", "resource_limit=5",
                  "limit=1", "none=1"):
        play("GET /limits?" + query)


def update(play):
    play("PATCH /registered_limits/$l_cores", {"registered_limit": {"default_limit": 20, "description": "Cores"}})
    play("PATCH /registered_limits/$l_cores", {"registered_limit": {"resource_name": "kernels"}})
    play("PATCH /registered_limits/$l_cores", {"registered_limit": {"region_id": "l-region"}})
    play("PATCH /registered_limits/$l_cores", {"registered_limit": {"region_id": None}})
    play("PATCH /registered_limits/$l_cores", {"registered_limit": {"region_id": "none"}})
    play("PATCH /registered_limits/$l_cores", {"registered_limit": {"service_id": "none"}})
    play("PATCH /registered_limits/$l_cores", {"registered_limit": {"service_id": "$l_service", "resource_name": "ram"}})
    play("PATCH /registered_limits/none", {"registered_limit": {"default_limit": 1}})
    play("PATCH /registered_limits/none", {"registered_limit": {"default_limit": "x"}})
    for side in play.sides:
        found = side.ask("GET", side.fill("/registered_limits?service_id=$l_service&resource_name=ram"), None, side.token("admin")).json
        side.values["l_used"] = found["registered_limits"][0]["id"]
    play("PATCH /registered_limits/$l_used", {"registered_limit": {"default_limit": 1}})
    play("PATCH /registered_limits/$l_used", {"registered_limit": {"resource_name": "memory"}})
    play("PATCH /registered_limits/$l_used", {"registered_limit": {"region_id": "l-region"}})
    play("DELETE /registered_limits/$l_used")
    play("PATCH /limits/$l_limit", {"limit": {"resource_limit": 6, "description": "Six"}})
    play("PATCH /limits/none", {"limit": {"resource_limit": 6}})
    for who in STRANGERS:
        play("PATCH /limits/$l_limit", {"limit": {"resource_limit": 7}}, who=who)
        play("PATCH /limits/none", {"limit": {"resource_limit": 7}}, who=who)
        play("PATCH /registered_limits/$l_cores", {"registered_limit": {"default_limit": 7}}, who=who)
        play("PATCH /registered_limits/none", {"registered_limit": {"default_limit": 7}}, who=who)


def delete(play):
    for who in STRANGERS:
        play("DELETE /limits/$l_limit", who=who)
        play("DELETE /limits/none", who=who)
        play("DELETE /registered_limits/$l_cores", who=who)
        play("DELETE /registered_limits/none", who=who)
    play("DELETE /regions/l-region")
    play("DELETE /services/$l_service")
    play("DELETE /limits/$l_limit")
    play("DELETE /limits/$l_limit")
    play("DELETE /projects/$l_project")
    play("GET /limits")
    for side in play.sides:
        for kind in ("limits", "registered_limits"):
            for row in side.ask("GET", "/" + kind, None, side.token("admin@system")).json[kind]:
                side.ask("DELETE", f"/{kind}/{row['id']}", None, side.token("admin"))
    play("GET /registered_limits")
    play("DELETE /registered_limits/$l_cores")
    play("PATCH /domains/$l_domain", {"domain": {"enabled": False}})
    play("DELETE /domains/$l_domain")
    play("DELETE /services/$l_service")
    play("DELETE /services/$l_other")
    play("DELETE /regions/l-region")
