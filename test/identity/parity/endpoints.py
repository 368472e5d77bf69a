# SPDX-License-Identifier: Apache-2.0
"""/v3/endpoints, and the catalog that they make."""

STRANGERS = (None, "member", "reader", "nobody@unscoped")


def steps(play):
    play("POST /services", {"service": {"type": "e-type", "name": "e-name"}}, save="service")
    play("POST /services", {"service": {"type": "e-other"}}, save="nameless")
    play("POST /regions", {"region": {"id": "e-one"}})
    play("POST /regions", {"region": {"id": "e-two", "parent_region_id": "e-one"}})
    create(play)
    bad_bodies(play)
    show(play)
    update(play)
    lists(play)
    catalog(play)
    delete(play)


def create(play):
    def make(save=None, **members):
        members = {"interface": "public", "service_id": "$service", "url": "http://host"} | members
        play("POST /endpoints", {"endpoint": members}, save=save)

    make(save="plain")
    make(save="twin")
    make(interface="internal", region_id="e-one", name="e", description="Words", shoe=39, nested={"a": [1, None]}, save="full")
    make(interface="admin", region="e-old", save="old")
    make(interface="admin", region="e-old", region_id="e-two", save="both")
    make(interface="admin", region="e-one", region_id=None)
    make(interface="admin", region_id="e-two", enabled=False, save="off")
    make(id="0123456789abcdef0123456789abcdef", legacy_endpoint_id="x", links={}, none=None, save="own_id")
    make(url="http://host:8776/v3/$(project_id)s", save="of_project")
    make(url="http://host/%(tenant_id)s/%(user_id)s", save="of_user")
    make(name="", description="", save="empty")
    make(name=None, description=None, save="null")
    # Unknown service and region, templates that cannot be filled.
    make(service_id="none")
    make(service_id="0123456789abcdef0123456789abcdef")
    make(region_id="none")
    make(region_id="")
    for url in ("http://host/$(none)s", "http://host/%(project_id)d", "http://host/%(project_id", "http://host/$(project_id)", "http://host/%(admin_endpoint)s", "host", "/v3", "ftp://host",
                "http://", "http:// host", "https://h\u00f6st", "http://[::1]:80/", "", "x" * 226, "http://" + "x" * 218,
                "http://" + "x" * 219):
        make(url=url)
    for who in STRANGERS:
        play("POST /endpoints", {"endpoint": {"interface": "public", "service_id": "$service", "url": "http://h"}}, who=who)
        play("POST /endpoints", {"endpoint": {}}, who=who)


def bad_bodies(play):
    whole = {"interface": "public", "service_id": "$service", "url": "http://host"}
    for name in whole:
        play("POST /endpoints", {"endpoint": {k: v for k, v in whole.items() if k != name}})
    for members in ({"interface": "publicURL"}, {"interface": ""}, {"interface": None}, {"interface": 1}, {"service_id": None},
                    {"service_id": 1}, {"url": None}, {"url": 1}, {"region_id": 1}, {"region_id": None}, {"region": 1}, {"region": None},
                    {"enabled": "yes"}, {"enabled": None}, {"enabled": 1}, {"region_id": "x" * 256},
                    {"service_id": ""}, {"region": "x" * 256}):
        play("POST /endpoints", {"endpoint": whole | members})
        play("PATCH /endpoints/$plain", {"endpoint": members})
    for body in ({}, {"endpoint": None}, {"endpoint": {}}, {"endpoint": []}, {"endpoints": whole}, [], b"", b"{"):
        play("POST /endpoints", body)
        play("PATCH /endpoints/$plain", body)


def show(play):
    for name in ("plain", "full", "old", "both", "off", "own_id", "of_project", "empty", "null"):
        play(f"GET /endpoints/${name}")
    play("GET /regions/e-old")
    play("HEAD /endpoints/$full")
    play("GET /endpoints/none")
    play("HEAD /endpoints/none")
    for who in STRANGERS:
        play("GET /endpoints/$full", who=who)
        play("GET /endpoints/none", who=who)


def update(play):
    play("PATCH /endpoints/$full", {"endpoint": {"url": "https://other", "hat": True}})
    play("PATCH /endpoints/$full", {"endpoint": {"interface": "public", "region_id": "e-two"}})
    play("PATCH /endpoints/$full", {"endpoint": {"region": "e-patched"}})
    play("PATCH /endpoints/$full", {"endpoint": {"region_id": "none"}})
    play("PATCH /endpoints/$full", {"endpoint": {"service_id": "none"}})
    play("PATCH /endpoints/$full", {"endpoint": {"service_id": "$nameless"}})
    play("PATCH /endpoints/$full", {"endpoint": {"url": "http://host/$(none)s"}})
    play("PATCH /endpoints/$full", {"endpoint": {"url": "http://host/v1"}})
    play("PATCH /endpoints/$full", {"endpoint": {"id": "$full", "nested": None}})
    play("PATCH /endpoints/$full", {"endpoint": {"id": "none"}})
    play("GET /endpoints/$full")
    play("PATCH /endpoints/none", {"endpoint": {"url": "http://host"}})
    play("PATCH /endpoints/none", {"endpoint": {"enabled": "x"}})
    for who in STRANGERS:
        play("PATCH /endpoints/$full", {"endpoint": {"url": "http://no"}}, who=who)
        play("PATCH /endpoints/none", {"endpoint": {"url": "http://no"}}, who=who)


def lists(play):
    play("GET /endpoints")
    play("HEAD /endpoints")
    for query in ("interface=public", "interface=none", "service_id=$service", "service_id=none", "region_id=e-two", "region_id=none",
                  "region=e-two", "interface=admin&region_id=e-two", "url=http://host", "enabled=false", "url__contains=host",
                  "interface__startswith=pub", "limit=1", "marker=none", "none=1", "region_id="):
        play("GET /endpoints?" + query)
    for who in STRANGERS:
        play("GET /endpoints", who=who)


def catalog(play):
    """What a token shows: no disabled endpoint, no service without endpoints or disabled, templates filled."""
    play("GET /auth/catalog?of=words")  # Those of an endpoint, which clients do not look for there.
    for name in ("full", "old", "both", "empty", "null", "own_id"):
        play(f"DELETE /endpoints/${name}")
    play("POST /endpoints", {"endpoint": {"interface": "internal", "service_id": "$nameless", "url": "http://host", "region_id": "e-one"}},
         save="full")
    for who in (None, "admin", "member"):
        play("GET /auth/catalog", who=who)
        play("HEAD /auth/catalog", who=who)
    login = {"auth": {"identity": {"methods": ["password"], "password": {
        "user": {"name": "member", "domain": {"id": "default"}, "password": "pass-member"}}},
        "scope": {"project": {"name": "home", "domain": {"id": "default"}}}}}
    play("POST /auth/tokens", login, who=None)
    play("POST /auth/tokens?nocatalog", login, who=None)
    play("PATCH /services/$service", {"service": {"enabled": False}})
    play("GET /auth/catalog")
    play("PATCH /services/$service", {"service": {"enabled": True, "name": "e-renamed"}})
    play("PATCH /endpoints/$plain", {"endpoint": {"enabled": False}})
    play("PATCH /endpoints/$full", {"endpoint": {"enabled": False}})
    play("GET /auth/catalog")
    play("POST /auth/tokens", login, who=None)


def delete(play):
    for who in STRANGERS:
        play("DELETE /endpoints/$full", who=who)
        play("DELETE /endpoints/none", who=who)
    play("DELETE /endpoints/$full")
    play("DELETE /endpoints/$full")
    play("GET /endpoints/$full")
    play("GET /auth/catalog")
    play("DELETE /services/$service")
    play("DELETE /services/$nameless")
    play("GET /endpoints")
    for name in ("e-two", "e-one", "e-old", "e-patched"):
        play(f"DELETE /regions/{name}")
    play("GET /auth/catalog")
    play("GET /regions")
