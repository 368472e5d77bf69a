# SPDX-License-Identifier: Apache-2.0
"""Fernet tokens and key repositories from the outside: tests make with them
what no service issues, such as a token that expired yesterday."""
import pathlib
import time

import msgpack
from cryptography.fernet import Fernet, MultiFernet


def keys(repository):
    """The keys of a repository, the primary first."""
    found = sorted(((int(p.name), p.read_text(encoding="ascii").strip()) for p in pathlib.Path(repository).iterdir()
                    if p.name.isdigit()), reverse=True)
    return [k for _, k in found]


def padded(token):
    return token + "=" * (-len(token) % 4)


def fields(repository, token):
    """What a token holds: a list whose first member is the kind."""
    opened = MultiFernet([Fernet(k) for k in keys(repository)]).decrypt(padded(token).encode())
    return msgpack.unpackb(opened, raw=False)


def pack(repository, members, issued=None):
    data = msgpack.packb(members, use_bin_type=True)
    return Fernet(keys(repository)[0]).encrypt_at_time(data, int(issued or time.time())).decode().rstrip("=")


def expired(repository, token, seconds_ago=60):
    """The same token as if it had ended so long ago."""
    members = fields(repository, token)
    # The only floating number of a payload is the time of its end.
    at = next(i for i, m in enumerate(members) if isinstance(m, float))
    members[at] = float(int(time.time()) - seconds_ago)
    return pack(repository, members, members[at] - 3600)
