# SPDX-License-Identifier: Apache-2.0
"""/v3/policies, and what they are associated with (OS-ENDPOINT-POLICY)."""

STRANGERS = (None, "member", "reader", "nobody@unscoped")


def steps(play):
    create(play)
    bad_bodies(play)
    show(play)
    update(play)
    associate(play)
    delete(play)


def create(play):
    def make(save=None, who="admin", **members):
        play("POST /policies", {"policy": {"blob": "{}", "type": "application/json"} | members}, who=who, save=save)

    make(save="pol_plain")
    make(blob="", type="", save="pol_empty")
    make(shoe=39, nested={"a": [1]}, none=None, description="Words", name="x", save="pol_full")
    make(id="0123456789abcdef0123456789abcdef", links={}, save="pol_id")
    make(type="x" * 255, save="pol_long")
    for who in STRANGERS:
        make(who=who)
        make(who=who, type=1)


def bad_bodies(play):
    for members in ({}, {"blob": "x"}, {"type": "x"}, {"blob": None, "type": "x"}, {"blob": {}, "type": "x"}, {"blob": 1, "type": "x"},
                    {"blob": "x", "type": None}, {"blob": "x", "type": 1}, {"blob": "x", "type": "x" * 256}):
        play("POST /policies", {"policy": members})
        play("PATCH /policies/$pol_id", {"policy": members})
    for body in ({}, {"policy": None}, {"policy": []}, {"policies": {}}, [], b"", b"{"):
        play("POST /policies", body)
        play("PATCH /policies/$pol_id", body)


def show(play):
    for name in ("pol_plain", "pol_empty", "pol_full", "pol_id"):
        play(f"GET /policies/${name}")
    play("HEAD /policies/$pol_plain")
    for who in (*STRANGERS, "admin", "admin@system"):
        play("GET /policies", who=who)
        play("GET /policies/$pol_plain", who=who)
        play("GET /policies/none", who=who)
    play("HEAD /policies")
    for query in ("type=application/json", "type=none", "type__contains=json", "blob={}", "limit=1", "none=1"):
        play("GET /policies?" + query)


def update(play):
    play("PATCH /policies/$pol_full", {"policy": {"blob": "other", "hat": True}})
    play("PATCH /policies/$pol_full", {"policy": {"type": "text/plain", "nested": None}})
    play("PATCH /policies/$pol_full", {"policy": {"id": "$pol_full", "shoe": 40}})
    play("PATCH /policies/$pol_full", {"policy": {"id": "none"}})
    play("PATCH /policies/none", {"policy": {"blob": "x"}})
    play("PATCH /policies/none", {"policy": {"blob": 1}})
    for who in STRANGERS:
        play("PATCH /policies/$pol_full", {"policy": {"blob": "no"}}, who=who)
        play("PATCH /policies/none", {"policy": {"blob": "no"}}, who=who)


def associate(play):
    play("POST /services", {"service": {"type": "pol-type", "name": "pol-name"}}, save="pol_service")
    play("POST /regions", {"region": {"id": "pol-up"}})
    play("POST /regions", {"region": {"id": "pol-down", "parent_region_id": "pol-up"}})
    play("POST /endpoints", {"endpoint": {"interface": "public", "service_id": "$pol_service", "url": "http://host", "region_id": "pol-down"}},
         save="pol_endpoint")
    play("POST /endpoints", {"endpoint": {"interface": "admin", "service_id": "$pol_service", "url": "http://host"}}, save="pol_bare")
    kinds = ("endpoints/$pol_endpoint", "services/$pol_service", "services/$pol_service/regions/pol-up", "services/$pol_service/regions/pol-down")
    lost = ("endpoints/none", "services/none", "services/$pol_service/regions/none", "services/none/regions/pol-up")
    base = "/policies/$pol_plain/OS-ENDPOINT-POLICY/"
    shown = ("/policies/$pol_plain/OS-ENDPOINT-POLICY/endpoints", "/policies/$pol_full/OS-ENDPOINT-POLICY/endpoints",
             "/endpoints/$pol_endpoint/OS-ENDPOINT-POLICY/policy", "/endpoints/$pol_bare/OS-ENDPOINT-POLICY/policy")
    for path in (*shown, "/policies/none/OS-ENDPOINT-POLICY/endpoints", "/endpoints/none/OS-ENDPOINT-POLICY/policy", "/policies/$pol_plain/OS-ENDPOINT-POLICY/policy"):
        for who in ("admin", *STRANGERS):
            play("GET " + path, who=who)
        play("HEAD " + path)
    for what in (*kinds, *lost):
        for who in STRANGERS:
            for method in ("PUT", "GET", "DELETE"):
                play(f"{method} {base}{what}", who=who)
        for method in ("GET", "HEAD", "DELETE", "PUT", "PUT", "GET", "HEAD", "POST"):
            play(f"{method} {base}{what}")
        for method in ("GET", "DELETE", "PUT"):
            play(f"{method} /policies/none/OS-ENDPOINT-POLICY/{what}")
        for path in shown:
            play("GET " + path)
    # Another policy takes the place; then the nearest is asked first.
    for what in kinds:
        play(f"PUT /policies/$pol_full/OS-ENDPOINT-POLICY/{what}")
        play(f"GET {base}{what}")
    for path in shown:
        play("GET " + path)
    for what in kinds:
        play(f"DELETE /policies/$pol_full/OS-ENDPOINT-POLICY/{what}")
        play(f"DELETE /policies/$pol_full/OS-ENDPOINT-POLICY/{what}")
        play("GET /endpoints/$pol_endpoint/OS-ENDPOINT-POLICY/policy")


def delete(play):
    play("PUT /policies/$pol_plain/OS-ENDPOINT-POLICY/services/$pol_service")
    play("GET /endpoints/$pol_endpoint/OS-ENDPOINT-POLICY/policy")
    for who in STRANGERS:
        play("DELETE /policies/$pol_plain", who=who)
        play("DELETE /policies/none", who=who)
    for name in ("pol_plain", "pol_empty", "pol_full", "pol_id", "pol_long"):
        play(f"DELETE /policies/${name}")
    play("DELETE /policies/$pol_plain")
    play("GET /policies/$pol_plain")
    play("GET /endpoints/$pol_endpoint/OS-ENDPOINT-POLICY/policy")
    play("DELETE /services/$pol_service")
    play("DELETE /regions/pol-down")
    play("DELETE /regions/pol-up")
