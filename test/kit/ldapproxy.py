# SPDX-License-Identifier: Apache-2.0
"""A relay before an LDAP server: counts connections, turns some away, and
answers for it what only Active Directory knows.

    with Proxy(address, server_port) as p:
        p.url, p.accepted, p.open
        p.refuse = 2                      # the next two connections are closed at once
        p.chains = {"member": f, "memberof": g}

f(dn) gives the names that "member:1.2.840.113556.1.4.1941:=dn" stands for:
such an item of a filter goes on as "any of (member=NAME)"."""
import socket
import threading

IN_CHAIN = b"1.2.840.113556.1.4.1941"
EXTENSIBLE, EQUALITY, ANY_OF, TEXT = 0xA9, 0xA3, 0xA1, 0x04
RULE, ATTRIBUTE, VALUE = 0x81, 0x82, 0x83


def head(data, at):
    """(tag, where the content begins, where it ends) of what stands at 'at' (BER); null while it is not all there."""
    if len(data) < at + 2:
        return None
    n, begin = data[at + 1], at + 2
    if n & 0x80:
        begin += n & 0x7F
        if len(data) < begin:
            return None
        n = int.from_bytes(data[at + 2:begin], "big")
    return (data[at], begin, begin + n) if len(data) >= begin + n else None


def parse(data):
    """[(tag, bytes or parts)] of a content."""
    out, at = [], 0
    while at < len(data):
        tag, begin, end = head(data, at)
        out.append((tag, parse(data[begin:end]) if tag & 0x20 else data[begin:end]))
        at = end
    return out


def build(parts):
    out = b""
    for tag, content in parts:
        content = build(content) if isinstance(content, list) else content
        n = len(content)
        size = bytes([n]) if n < 128 else bytes([0x84]) + n.to_bytes(4, "big")
        out += bytes([tag]) + size + content
    return out


class Proxy:
    """Each connection has two threads; all end with close()."""

    def __init__(self, address, port):
        self.target = (address, port)
        self.chains, self.refuse, self.accepted, self.open, self.closed = {}, 0, 0, 0, False
        self.lock, self.sockets = threading.Lock(), set()
        self.listener = socket.create_server((address, 0))
        self.url = f"ldap://{address}:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def close(self):
        self.closed = True
        for s in [self.listener, *self.sockets]:
            self.shut(s)

    @staticmethod
    def shut(s):
        try:
            s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        s.close()

    def serve(self):
        while not self.closed:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.accepted += 1
            if self.refuse:
                self.refuse -= 1
                client.close()
                continue
            server = socket.create_connection(self.target)
            with self.lock:
                self.open += 1
                self.sockets |= {client, server}
            for args in ((client, server, self.rewrite), (server, client, None)):
                threading.Thread(target=self.relay, args=args, daemon=True).start()

    def relay(self, source, sink, change):
        pending = b""
        try:
            while data := source.recv(65536):
                pending += data
                while (found := head(pending, 0)) if change else None:
                    sink.sendall(change(pending[:found[2]]))
                    pending = pending[found[2]:]
                if not change:
                    sink.sendall(pending)
                    pending = b""
        except OSError:
            pass
        with self.lock:
            if source in self.sockets:
                self.sockets -= {source, sink}
                self.open -= 1
        self.shut(source)
        self.shut(sink)

    def rewrite(self, message):
        """A request as the server is to see it."""
        if IN_CHAIN not in message:
            return message
        return build([(tag, self.follow(parts)) for tag, parts in parse(message)])

    def follow(self, parts):
        out = []
        for tag, content in parts:
            words = dict(content) if tag == EXTENSIBLE else {}
            if words.get(RULE) == IN_CHAIN:
                names = self.chains[words[ATTRIBUTE].decode().lower()](words[VALUE].decode())
                out.append((ANY_OF, [(EQUALITY, [(TEXT, words[ATTRIBUTE]), (TEXT, n.encode())]) for n in names]))
            else:
                out.append((tag, self.follow(content) if isinstance(content, list) else content))
        return out
