# SPDX-License-Identifier: Apache-2.0
"""/v3/regions: a tree whose ids the client may choose."""

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
        play("POST /regions", {"region": members}, save=save)

    make(id="north", description="North", save="north")
    make(id="north-1", parent_region_id="north", shoe=39, nested={"a": [1, None]}, save="north_1")
    make(id="north-1-a", parent_region_id="north-1", description="", save="north_1_a")
    make(save="unnamed")
    make(id="", description="empty id", save="empty_id")
    make(id="nulls", description=None, parent_region_id=None, none=None, save="nulls")
    make(id="with space", save="space")
    make(id="slash/ed")
    make(id="x" * 255, save="long")
    make(id="한국", save="korean")
    make(id="name and url", name="name", url="http://host", enabled=True, save="old")
    # Taken, unknown parent, itself.
    make(id="north")
    make(id="lost", parent_region_id="none")
    make(id="lost", parent_region_id="lost")
    play("PUT /regions/put", {"region": {"description": "by path"}}, save="put")
    play("PUT /regions/put-id", {"region": {"id": "put-id"}}, save="put_id")
    play("PUT /regions/put-other", {"region": {"id": "other"}})
    play("PUT /regions/put", {"region": {}})
    play("PUT /regions/put-lost", {"region": {"parent_region_id": "none"}})
    play("PUT /regions/put-empty", {"region": {}}, save="put_empty")
    play("PUT /regions/put%20space", {"region": {}}, save="put_space")
    for who in STRANGERS:
        play("POST /regions", {"region": {"id": "no"}}, who=who)
        play("PUT /regions/no", {"region": {}}, who=who)
        play("POST /regions", {"region": {"id": 1}}, who=who)


def bad_bodies(play):
    for members in ({}, {"id": 1}, {"id": None, "description": "null id"}, {"id": "bad", "description": 1},
                    {"id": "bad", "parent_region_id": 1}, {"id": ["x"]}):
        if members:
            play("POST /regions", {"region": members})
        play("PATCH /regions/north", {"region": members})
        play("PUT /regions/bad", {"region": members} if members else {"region": {"description": 1}})
    for body in ({}, {"region": None}, {"region": []}, {"region": "x"}, {"regions": {"id": "x"}}, [], b"", b"{"):
        play("POST /regions", body)
        play("PATCH /regions/north", body)
        play("PUT /regions/bad", body)


def show(play):
    for name in ("north", "north-1", "north-1-a", "$unnamed", "$empty_id", "nulls", "with%20space", "$long", "put"):
        play(f"GET /regions/{name}")
    play("HEAD /regions/north")
    play("GET /regions/none")
    play("HEAD /regions/none")
    for who in STRANGERS:
        play("GET /regions/north", who=who)
        play("GET /regions/none", who=who)


def update(play):
    play("PATCH /regions/north", {"region": {"description": "Other", "hat": True}})
    play("PATCH /regions/north", {"region": {"description": None}})
    play("PATCH /regions/north-1", {"region": {"shoe": 40, "nested": None}})
    play("PATCH /regions/north-1-a", {"region": {"parent_region_id": "north"}})
    play("PATCH /regions/north-1-a", {"region": {"parent_region_id": None}})
    play("PATCH /regions/north-1-a", {"region": {"parent_region_id": "none"}})
    play("PATCH /regions/north-1-a", {"region": {"parent_region_id": "north-1"}})
    play("PATCH /regions/north", {"region": {"parent_region_id": "north-1-a"}})
    play("PATCH /regions/north", {"region": {"parent_region_id": "north"}})
    play("PATCH /regions/north", {"region": {"id": "north", "description": "same id"}})
    play("PATCH /regions/north", {"region": {"id": "south"}})
    play("GET /regions/north")
    play("PATCH /regions/none", {"region": {"description": "x"}})
    play("PATCH /regions/none", {"region": {"description": 1}})
    for who in STRANGERS:
        play("PATCH /regions/north", {"region": {"description": "no"}}, who=who)
        play("PATCH /regions/none", {"region": {"description": "no"}}, who=who)


def lists(play):
    play("GET /regions")
    play("HEAD /regions")
    for query in ("parent_region_id=north", "parent_region_id=none", "description=Other", "id=north",
                  "parent_region_id__startswith=nor", "limit=1", "marker=none", "sort_key=id", "none=1"):
        play("GET /regions?" + query)
    for who in STRANGERS:
        play("GET /regions", who=who)


def delete(play):
    for who in STRANGERS:
        play("DELETE /regions/put", who=who)
        play("DELETE /regions/none", who=who)
    play("POST /services", {"service": {"type": "regional"}}, save="regional")
    play("POST /endpoints", {"endpoint": {"interface": "public", "service_id": "$regional", "url": "http://host",
                                          "region_id": "north-1-a"}}, save="of_region")
    for name in ("north-1-a", "north-1", "north"):
        play(f"DELETE /regions/{name}")
    play("DELETE /services/$regional")
    play("DELETE /regions/north")
    for name in ("north", "north-1", "north-1-a", "$unnamed", "$empty_id", "nulls", "with%20space", "$long", "put", "put-id",
                 "put-empty", "put%20space", "none", "name%20and%20url"):
        play(f"DELETE /regions/{name}")
    play("GET /regions/north-1")
    play("GET /regions")
