# SPDX-License-Identifier: Apache-2.0
"""OS-REVOKE: which tokens ended, for who checks them without asking; and what went with PKI."""


def steps(play):
    # How many there are, and of what, depends on all that came before: who may see them and their form.
    for who in (None, "member", "reader", "nobody@unscoped"):
        play("GET /OS-REVOKE/events", who=who)
    play("GET /OS-REVOKE/events?since=2038-01-01T00:00:00Z")
    play("GET /OS-REVOKE/events?since=yesterday")
    play("HEAD /OS-REVOKE/events?since=2038-01-01T00:00:00Z")
    play("POST /OS-REVOKE/events", {})
    play("GET /OS-SIMPLE-CERT/ca")
    play("GET /OS-SIMPLE-CERT/certificates")
    play("GET /OS-PKI/revoked")
    play("GET /auth/tokens/OS-PKI/revoked")
    play("GET /auth/tokens/OS-PKI/revoked", who="member")
    play("GET /auth/tokens/OS-PKI/revoked", who=None)
