# SPDX-License-Identifier: Apache-2.0
"""/v3/services: members, lists, who may."""

STRANGERS = (None, "member", "reader", "nobody@unscoped")


def steps(play):
    create(play)
    bad_bodies(play)
    show(play)
    update(play)
    lists(play)
    delete(play)


def create(play):
    def make(save=None, **members):
        play("POST /services", {"service": members}, save=save)

    make(type="volume", name="svc-full", description="Blocks", enabled=False, shoe=39, nested={"a": [1, None]}, save="full")
    make(type="volume", name="svc-twin", save="twin")
    make(type="volume", name="svc-twin", save="twin_again")
    make(type="bare", save="bare")
    make(type="svc-null", name="svc-null", description=None, none=None, save="null")
    make(type="svc-id", name="svc-id", id="0123456789abcdef0123456789abcdef", links={}, save="own_id")
    make(type="svc-empty", name="svc-empty", description="", save="empty")
    make(type="svc-space ", name=" svc space ", save="space")
    for who in STRANGERS:
        play("POST /services", {"service": {"type": "x", "name": "svc-no"}}, who=who)
        play("POST /services", {"service": {}}, who=who)


def bad_bodies(play):
    for members in ({}, {"type": ""}, {"type": None}, {"type": 1}, {"type": "x" * 256}, {"name": "x"}, {"type": "x", "name": ""},
                    {"type": "x", "name": None}, {"type": "x", "name": 1}, {"type": "x", "name": "x" * 256},
                    {"type": "x", "enabled": "yes"}, {"type": "x", "enabled": "True"}, {"type": "x", "enabled": 1},
                    {"type": "x", "enabled": None}, {"type": "x", "name": " "}):
        play("POST /services", {"service": members})
        play("PATCH /services/$full", {"service": members})
    for body in ({}, {"service": None}, {"service": []}, {"service": "x"}, {"services": {"type": "x"}}, [], b"", b"{"):
        play("POST /services", body)
        play("PATCH /services/$full", body)


def show(play):
    for name in ("full", "twin", "bare", "null", "own_id", "empty", "space"):
        play(f"GET /services/${name}")
    play("HEAD /services/$full")
    play("GET /services/none")
    play("HEAD /services/none")
    for who in STRANGERS:
        play("GET /services/$full", who=who)
        play("GET /services/none", who=who)


def update(play):
    play("PATCH /services/$full", {"service": {"description": "Other", "shoe": 40, "hat": True}})
    play("PATCH /services/$full", {"service": {"enabled": True, "name": "svc-whole"}})
    play("PATCH /services/$full", {"service": {"type": "volumes"}})
    play("PATCH /services/$full", {"service": {"id": "$full", "description": None, "nested": None}})
    play("PATCH /services/$full", {"service": {"id": "none"}})
    play("GET /services/$full")
    play("PATCH /services/none", {"service": {"name": "x"}})
    play("PATCH /services/none", {"service": {"enabled": "x"}})
    play("PUT /services/$full", {"service": {"name": "x"}})
    for who in STRANGERS:
        play("PATCH /services/$full", {"service": {"name": "svc-no"}}, who=who)
        play("PATCH /services/none", {"service": {"name": "svc-no"}}, who=who)


def lists(play):
    play("GET /services")
    play("HEAD /services")
    for query in ("type=volume", "type=none", "name=svc-twin", "name=svc-twin&type=volume", "type__contains=vol", "name__startswith=svc",
                  "name__icontains=TWIN", "enabled=true", "description=Other", "shoe=40", "limit=1", "marker=none", "sort_key=name",
                  "sort_dir=desc", "name=", "type=", "name__none=x", "id=none", "none=1"):
        play("GET /services?" + query)
    for who in STRANGERS:
        play("GET /services", who=who)


def delete(play):
    for who in STRANGERS:
        play("DELETE /services/$full", who=who)
        play("DELETE /services/none", who=who)
    play("POST /endpoints", {"endpoint": {"interface": "public", "service_id": "$full", "url": "http://host"}}, save="of_service")
    for name in ("full", "twin", "twin_again", "bare", "null", "own_id", "empty", "space"):
        play(f"DELETE /services/${name}")
    play("GET /endpoints/$of_service")
    play("DELETE /services/$full")
    play("GET /services/$full")
    play("DELETE /services/none")
