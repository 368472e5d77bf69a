# SPDX-License-Identifier: Apache-2.0
"""Holds answers against machine-readable API descriptions, where there are any:
required members are there, and every member has a type that is allowed.

The descriptions are looked for in $STACKD_OPENAPI, else ../shared/openapi
beside the checkout.  Without them nothing is checked.  What is known to be
wrong in the descriptions themselves stands in openapi-exceptions.txt, a line
each: service, method, path ('*': any), where, and why after '#'.
"""
import os
import pathlib
import re

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FILES = {"identity": "identity-*.yaml", "image": "image-*.yaml", "placement": "placement-*.yaml",
         "compute": "compute-*.yaml", "network": "network-*.yaml"}
PREFIX = {"compute": ("/v2.1",), "network": ("/v2.0",), "identity": ("/v3",), "image": ("/v2",), "placement": ("",)}
TYPES = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict,
         "null": type(None)}


def folder():
    place = pathlib.Path(os.environ.get("STACKD_OPENAPI") or ROOT.parent / "shared" / "openapi")
    return place if place.is_dir() else None


def fits(value, name):
    if name == "integer" and isinstance(value, bool) or name == "number" and isinstance(value, bool):
        return False
    return isinstance(value, TYPES.get(name, object))


class Description:
    """One service's API."""

    def __init__(self, path):
        with open(path) as f:
            self.doc = yaml.load(f, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        self.loose = "network" in pathlib.Path(path).name
        self.paths = []
        for template, item in self.doc["paths"].items():
            pattern = re.sub(r"\\\{[^}]*\\\}", r"[^/]+", re.escape(template.rstrip("/")))
            self.paths.append((template.count("{"), re.compile(f"^{pattern}/?$"), template, item))
        self.paths.sort(key=lambda p: p[0])  # Literal segments win.

    def schema(self, method, path, status):
        for _, pattern, template, item in self.paths:
            if pattern.match(path) and method.lower() in item:
                answer = item[method.lower()].get("responses", {}).get(str(status))
                return template, ((answer or {}).get("content", {}).get("application/json") or {}).get("schema")
        return None, None

    def resolve(self, schema):
        while schema and "$ref" in schema:
            node = self.doc
            for part in schema["$ref"].lstrip("#/").split("/"):
                node = node.get(part, {})
            schema = node
        return schema or {}

    def wrong(self, schema, value, where, depth=0):
        """Complaints about 'value': (where, what)."""
        schema = self.resolve(schema)
        if depth > 40:
            return []
        for word in ("oneOf", "anyOf"):
            if schema.get(word):
                tries = [self.wrong(s, value, where, depth + 1) for s in schema[word]]
                return [] if any(not t for t in tries) else min(tries, key=len)
        found = []
        for part in schema.get("allOf", ()):
            found += self.wrong(part, value, where, depth + 1)
        types = schema.get("type")
        types = [types] if isinstance(types, str) else types
        if types and not any(fits(value, t) for t in types):
            if types == ["string"] and self.loose:
                pass  # Network's description says string of lists, objects and numbers alike.
            elif value is not None:  # The descriptions seldom say where null may stand.
                return found + [(where, f"is {type(value).__name__}, not {' or '.join(types)}")]
        if isinstance(value, dict):
            for name in schema.get("required", ()):
                if name not in value:
                    found.append((where, f"lacks '{name}'"))
            for name, sub in (schema.get("properties") or {}).items():
                if name in value:
                    found += self.wrong(sub, value[name], f"{where}.{name}", depth + 1)
        elif isinstance(value, list) and isinstance(schema.get("items"), dict):
            for v in value[:20]:
                found += self.wrong(schema["items"], v, f"{where}[]", depth + 1)
        return found


class Checker:
    """Answers of all services."""

    def __init__(self):
        self.place = folder()
        self.loaded = {}
        self.exceptions = set()
        known = pathlib.Path(__file__).with_name("openapi-exceptions.txt")
        for line in known.read_text().splitlines() if known.exists() else ():
            words = line.partition("#")[0].split()
            if words:
                self.exceptions.add(tuple(words))
        self.checked = 0

    def check(self, service, method, path, status, answer):
        """Complaints in words about an answer; none without a description."""
        if not self.place or service not in FILES or answer is None:
            return []
        if service not in self.loaded:
            files = sorted(self.place.glob(FILES[service]))
            self.loaded[service] = Description(files[0]) if files else None
        about = self.loaded[service]
        if not about:
            return []
        for prefix in PREFIX[service]:
            full = path if path.startswith(prefix) else prefix + path
            template, schema = about.schema(method, full.split("?")[0], status)
            if schema:
                self.checked += 1
                return [f"{method} {template}: {where} {what}"
                        for where, what in dict.fromkeys(about.wrong(schema, answer, "answer"))
                        if not self.exceptions & {(service, method, t, where) for t in (template, "*")}]
        return []
