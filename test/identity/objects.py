# SPDX-License-Identifier: Apache-2.0
"""Swift behind keystonemiddleware and its own keystoneauth: whose accounts and
containers are whose, and S3 with EC2 pairs.  Part of middleware.test."""
import subprocess

import boto3
import botocore.exceptions
from botocore.config import Config

from cloud import call
from objectstore import Swift

S3TOKEN = """
auth_uri = {url}
auth_url = {url}
auth_type = password
user_domain_id = default
project_domain_id = default
project_name = service
username = {user}
password = pass-{user}
delay_auth_decision = true
"""
KEYSTONEAUTH = """
reseller_prefix = AUTH, SERVICE
operator_roles = admin, swiftoperator
SERVICE_service_roles = service
project_reader_roles = reader
system_reader_roles = auditor
reseller_admin_role = ResellerAdmin
"""
KIND = "object-store"


class Store:
    """Two proxies over one store: the first asks identity each time, the second remembers tokens and secrets."""

    def __init__(self, lab, authtoken):
        self.lab, cloud = lab, lab.cloud
        swift = Swift(lab.programs, cloud.address)
        # The section's name is the caller's; Swift has these options in a filter's.
        options = authtoken.partition("]\n")[2].format(url=cloud.auth_url(), name="swift", type=KIND)
        options += "delay_auth_decision = true\n"
        cloud.add_user("real-swift", "service", ["service"])
        cloud.add_user("keeper", "service", ["service", "admin"])  # May read others' secrets.
        s3, keeping = (S3TOKEN.format(url=cloud.auth_url(), user=user) for user in ("real-swift", "keeper"))
        lab.register(KIND, swift.proxy("strict", options, s3, KEYSTONEAUTH), "/v1/AUTH_$(project_id)s")
        remembering = options.replace("token_cache_time = -1", "token_cache_time = 300\ncache = swift.cache")
        self.remembering = swift.proxy("remembering", remembering, keeping + "secret_cache_duration = 300\n", KEYSTONEAUTH)
        self.strict = lab.urls[KIND]
        for role in ("swiftoperator", "ResellerAdmin", "auditor", "boss"):
            assert cloud.request("admin", "POST", "identity", "/roles", {"role": {"name": role}}).status == 201
        for name, project, roles in (("owner", "green", ["swiftoperator"]), ("reader", "green", ["reader"]),
                                     ("member", "green", ["member"]), ("stranger", "grey", ["swiftoperator"]),
                                     ("reseller", "grey", ["ResellerAdmin"]), ("auditor", "grey", ["auditor"]),
                                     ("chief", "green", ["boss"])):
            cloud.add_user(name, project, roles)
        self.green = cloud.token("owner")[1]["project"]["id"]

    def ask(self, who, method, path, body=None, headers=None, account=None, service=None, url=None):
        """A request about something in an account, by default that of the green project; 'who' null: without a token."""
        headers = dict(headers or {})
        if who:
            headers["X-Auth-Token"] = who if len(who) > 60 else self.lab.fresh(who)
        if service:
            headers["X-Service-Token"] = self.lab.fresh(service)
        target = f"{url or self.strict}/v1/{account or 'AUTH_' + self.green}{path}"
        return call(method, target, body, headers)

    def statuses(self, people, method, path, **more):
        return {who: self.ask(who, method, path, **more).status for who in people}

    def make_pair(self, who, project=None, token=None):
        said = self.lab.cloud.token(who)[1]
        return self.lab.cloud.request(who, "POST", "identity", f"/users/{said['user']['id']}/credentials/OS-EC2",
                                      {"tenant_id": project or said["project"]["id"]}, {"X-Auth-Token": token} if token else {})

    def pair(self, who):
        """(access, secret) of a new EC2 pair for the user's project."""
        r = self.make_pair(who)
        assert r.status == 201, r.text
        return r.json["credential"]["access"], r.json["credential"]["secret"]

    def drop(self, who, access):
        uid = self.lab.cloud.token(who)[1]["user"]["id"]
        r = self.lab.cloud.request("admin", "DELETE", "identity", f"/users/{uid}/credentials/OS-EC2/{access}")
        assert r.status == 204, r.text

    def s3(self, pair, version="s3v4", url=None):
        return boto3.client("s3", endpoint_url=url or self.strict, region_name="RegionOne", aws_access_key_id=pair[0],
                            aws_secret_access_key=pair[1], config=Config(
                                signature_version=version, s3={"addressing_style": "path"}, retries={"max_attempts": 0}))


def expect(got, wanted):
    assert got == wanted, f"{got!r}, not {wanted!r}"


def refused(function, *args, **kw):
    """The code of the error that S3 answers with."""
    try:
        function(*args, **kw)
    except botocore.exceptions.ClientError as e:
        return e.response["Error"]["Code"]
    raise AssertionError("it was let through")


def accounts(store, case):
    @case("object-store: containers and objects of one's own project, large and small")
    def _():
        expect(store.ask("owner", "PUT", "/docs").status, 201)
        for name, data in (("small", b"hello"), ("large", b"x" * 300000), ("%C3%A9t%C3%A9", b"summer")):
            expect(store.ask("owner", "PUT", "/docs/" + name, data).status, 201)
            expect(store.ask("owner", "GET", "/docs/" + name).data, data)
        listed = store.ask("owner", "GET", "/docs?format=json").json
        expect([(o["name"], o["bytes"]) for o in listed], [("large", 300000), ("small", 5), ("été", 6)])
        expect(store.ask("owner", "DELETE", "/docs/large").status, 204)

    @case("object-store: the account of another project, and of none")
    def _():
        for method, path in (("GET", "/docs/small"), ("GET", "/docs"), ("GET", ""), ("PUT", "/mine"), ("DELETE", "/docs/small")):
            expect(store.statuses(["stranger", "admin"], method, path), {"stranger": 403, "admin": 403})
        expect(store.ask("owner", "GET", "", account="AUTH_None").status, 403)
        cloud, said = store.lab.cloud, store.lab.cloud.token("admin")[1]
        role = next(r["id"] for r in said["roles"] if r["name"] == "admin")
        expect(cloud.request("admin", "PUT", "identity", f"/domains/default/users/{said['user']['id']}/roles/{role}").status, 204)
        for who in ("owner@unscoped", "admin@domain", "admin@system"):
            for account in (None, "AUTH_"):
                expect([store.ask(who, m, "/docs", account=account).status for m in ("GET", "PUT")], [403, 403])
        expect(store.ask(None, "GET", "/docs").status, 401)

    @case("object-store: roles of operators, readers, auditors and resellers; an implied one")
    def _():
        people = ["owner", "reader", "member", "auditor", "reseller", "chief"]
        # Members are readers: that role is implied.
        expect(store.statuses(people, "GET", "/docs/small"),
               {"owner": 200, "reader": 200, "member": 200, "auditor": 200, "reseller": 200, "chief": 403})
        expect(store.statuses(people, "PUT", "/docs/new", body=b"n"),
               {"owner": 201, "reader": 403, "member": 403, "auditor": 403, "reseller": 201, "chief": 403})
        ids = {r["name"]: r["id"] for r in store.lab.cloud.request("admin", "GET", "identity", "/roles").json["roles"]}
        implied = f"/roles/{ids['boss']}/implies/{ids['swiftoperator']}"
        before = store.lab.fresh("chief")
        expect(store.lab.cloud.request("admin", "PUT", "identity", implied).status, 201)
        expect([store.ask(t, "GET", "/docs/small").status for t in (before, "chief")], [200, 200])
        expect(store.lab.cloud.request("admin", "DELETE", "identity", implied).status, 204)
        expect(store.ask("chief", "GET", "/docs/small").status, 403)

    @case("object-store: only a reseller deletes an account")
    def _():
        store.lab.cloud.add_user("leaver", "left", ["swiftoperator"])
        account = "AUTH_" + store.lab.cloud.token("leaver")[1]["project"]["id"]
        expect(store.ask("leaver", "PUT", "/last", account=account).status, 201)
        expect(store.statuses(["leaver", "owner", "reseller"], "DELETE", "", account=account),
               {"leaver": 403, "owner": 403, "reseller": 204})

    @case("object-store: an account of a service needs the user's token and the service's")
    def _():
        account = "SERVICE_" + store.green
        expect(store.ask("owner", "PUT", "/backups", account=account).status, 403)
        expect(store.ask("owner", "PUT", "/backups", account=account, service="eve").status, 401)
        expect(store.ask("owner", "PUT", "/backups", account=account, service="helper").status, 201)
        expect(store.ask("stranger", "GET", "/backups", account=account, service="helper").status, 403)
        expect(store.ask("helper", "GET", "/backups", account=account).status, 403)
        expect(store.ask(store.lab.expired("owner"), "GET", "/backups?format=json", account=account, service="helper").status, 200)
        expect(store.ask("owner", "GET", "/docs/small", service="helper").status, 200)


def lists(store, case):
    """Who is let into a container by the list of its owner."""
    cloud = store.lab.cloud

    def allow(read="", write=""):
        expect(store.ask("owner", "POST", "/docs", headers={"X-Container-Read": read, "X-Container-Write": write}).status, 204)

    def read(who):
        return store.ask(who, "GET", "/docs/small").status

    @case("object-store: a list with ids and names of projects and users")
    def _():
        said = cloud.token("stranger")[1]
        grey, stranger = said["project"]["id"], said["user"]["id"]
        for words in (f"{grey}:{stranger}", f"*:{stranger}", f"{grey}:*", "grey:stranger", f"x:y,{grey}:{stranger}", "*:*"):
            allow(words)
            expect((words, read("stranger")), (words, 200))
            expect(store.ask("stranger", "PUT", "/docs/theirs", b"t").status, 403)
        for words in (f"{store.green}:{stranger}", f"{grey}:{cloud.token('owner')[1]['user']['id']}", "green:stranger", grey):
            allow(words)
            expect((words, read("stranger")), (words, 403))
        allow(write=f"{grey}:{stranger}")
        expect((store.ask("stranger", "PUT", "/docs/theirs", b"t").status, read("stranger")), (201, 403))
        allow()
        expect(read("chief"), 403)
        allow("boss")
        expect((read("chief"), read("stranger")), (200, 403))

    @case("object-store: names in a list mean those of the default domain")
    def _():
        made = cloud.request("admin", "POST", "identity", "/domains", {"domain": {"name": "elsewhere"}})
        domain = made.json["domain"]["id"]
        project = cloud.request("admin", "POST", "identity", "/projects", {
            "project": {"name": "grey", "domain_id": domain}}).json["project"]["id"]
        user = cloud.request("admin", "POST", "identity", "/users", {
            "user": {"name": "stranger", "domain_id": domain, "password": "double"}}).json["user"]["id"]
        role = cloud.request("admin", "GET", "identity", "/roles?name=member").json["roles"][0]["id"]
        expect(cloud.request("admin", "PUT", "identity", f"/projects/{project}/users/{user}/roles/{role}").status, 204)
        r = call("POST", cloud.auth_url() + "/auth/tokens", {"auth": {
            "identity": {"methods": ["password"], "password": {"user": {"id": user, "password": "double"}}},
            "scope": {"project": {"id": project}}}})
        double = r.headers["X-Subject-Token"]
        for words, wanted in (("grey:stranger", 403), (f"{project}:{user}", 200), ("*:stranger", 403), (f"*:{user}", 200)):
            allow(words)
            expect((words, read(double)), (words, wanted))

    @case("object-store: a public container, with a bad token, too")
    def _():
        allow(".r:*")
        revoked = store.lab.fresh("stranger")
        store.lab.revoke(revoked)
        expect([read(who) for who in (None, "stranger", "owner@unscoped", revoked)], [200] * 4)
        expect([store.ask(who, "GET", "/docs").status for who in (None, "stranger")], [401, 403])
        allow()
        expect([read(who) for who in (None, "stranger", revoked)], [401, 403, 401])

    @case("object-store: the stock client finds it in the catalog")
    def _():
        r = subprocess.run(["openstack", "object", "list", "docs", "-f", "value"], env=cloud.client_env("owner"),
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        expect((r.returncode, "small" in r.stdout.split()), (0, True))


def s3(store, case):
    cloud = store.lab.cloud

    @case("S3: buckets of an EC2 pair are containers of its project")
    def _():
        c = store.s3(store.pair("owner"))
        c.create_bucket(Bucket="bucket")
        c.put_object(Bucket="bucket", Key="one", Body=b"1")
        expect([o["Key"] for o in c.list_objects(Bucket="bucket", Prefix="o")["Contents"]], ["one"])
        expect({b["Name"] for b in c.list_buckets()["Buckets"]} >= {"bucket", "docs"}, True)
        expect(store.ask("owner", "GET", "/bucket/one").data, b"1")

    for version in ("s3v4", "s3"):
        @case(f"S3: an EC2 pair, signed as {version}")
        def _(version=version):
            # Objects only: with version 2 botocore signs another path of a bucket than Swift does.
            pair = store.pair("owner")
            c = store.s3(pair, version)
            c.list_buckets()
            c.put_object(Bucket="bucket", Key="a b/é+%", Body=b"y" * 70000)
            expect(c.get_object(Bucket="bucket", Key="a b/é+%")["Body"].read(), b"y" * 70000)
            url = c.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "a b/é+%"})
            expect((call("GET", url).status, call("GET", url.replace("bucket", "docs")).status), (200, 403))
            c.delete_object(Bucket="bucket", Key="a b/é+%")
            expect(refused(store.s3((pair[0], "wrong"), version).list_buckets), "SignatureDoesNotMatch")
            expect(refused(store.s3(("nobody", pair[1]), version).list_buckets), "SignatureDoesNotMatch")
            store.drop("owner", pair[0])
            expect(refused(c.list_buckets), "SignatureDoesNotMatch")

    @case("S3: pairs of others, of readers, of a user who is disabled")
    def _():
        other, reader = store.s3(store.pair("stranger")), store.s3(store.pair("reader"))
        expect(refused(other.list_objects, Bucket="bucket"), "NoSuchBucket")  # Its own account has none.
        expect(len(reader.list_objects(Bucket="bucket")["Contents"]), 1)
        expect(refused(reader.put_object, Bucket="bucket", Key="no", Body=b"n"), "AccessDenied")
        expect(refused(store.s3(store.pair("chief")).list_buckets), "AccessDenied")
        uid = cloud.token("stranger")[1]["user"]["id"]
        for enabled in (False, True):
            r = cloud.request("admin", "PATCH", "identity", f"/users/{uid}", {"user": {"enabled": enabled}})
            expect(r.status, 200)
            if not enabled:
                refused(other.list_buckets)
        other.list_buckets()

    @case("S3: what was lent by an application credential or a trust makes no pair")
    def _():
        held = store.lab.token_of(store.lab.credential("owner", "s3", unrestricted=True))
        expect(store.make_pair("owner", token=held).status, 403)
        owner, stranger = cloud.token("owner")[1], cloud.token("stranger")[1]
        trust = cloud.request("owner", "POST", "identity", "/OS-TRUST/trusts", {"trust": {
            "trustor_user_id": owner["user"]["id"], "trustee_user_id": stranger["user"]["id"],
            "project_id": store.green, "impersonation": False, "roles": [{"name": "swiftoperator"}]}})
        expect(trust.status, 201)
        body = cloud.login_body("stranger@unscoped")
        body["auth"]["scope"] = {"OS-TRUST:trust": {"id": trust.json["trust"]["id"]}}
        lent = call("POST", cloud.auth_url() + "/auth/tokens", body).headers["X-Subject-Token"]
        expect(store.make_pair("stranger", store.green, lent).status, 403)


def remembered(store, case):
    """Behind a proxy that keeps tokens and secrets in memcached."""
    @case("object-store: a remembered token of every scope opens what the first use opened")
    def _():
        for who, wanted in (("owner", 200), ("stranger", 403), ("owner@unscoped", 403), ("admin@system", 403)):
            token = store.lab.fresh(who)
            expect([store.ask(token, "GET", "/docs/small", url=store.remembering).status for _ in range(3)], [wanted] * 3)
        token = store.lab.token_of(store.lab.credential("owner", "kept", [
            {"service": KIND, "method": "GET", "path": f"/v1/AUTH_{store.green}/docs/*"}]))
        for _ in range(2):
            expect(store.ask(token, "GET", "/docs/small", url=store.remembering).status, 200)
            expect(store.ask(token, "PUT", "/docs/more", b"m", url=store.remembering).status, 401)

    @case("S3: the secret is read by the service's user and remembered")
    def _():
        pair = store.pair("owner")
        c = store.s3(pair, url=store.remembering)
        expect(len(c.list_objects(Bucket="bucket")["Contents"]), 1)
        store.drop("owner", pair[0])  # What is remembered holds on for its time: so identity was not asked.
        expect(len(c.list_objects(Bucket="bucket")["Contents"]), 1)
        refused(store.s3(pair).list_objects, Bucket="bucket")
        expect(refused(store.s3((pair[0], "wrong"), url=store.remembering).list_buckets), "SignatureDoesNotMatch")


def cases(store, tally):
    accounts(store, tally.case)
    lists(store, tally.case)
    s3(store, tally.case)
    remembered(store, tally.case)
