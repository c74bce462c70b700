#!/usr/bin/env python3
"""Compares `freezegate routes` with a real nginx and a real HAProxy on random pairs of Ingresses.

    cargo build --release
    python3 tests/routes/ingress.py --program target/release/freezegate --pairs 500

The configuration of nginx is the one that ingress-nginx writes: servers by host, `location =`, a prefix with its
slash, `~*` on hosts where a path is a regular expression (internal/ingress/controller/template/template.go and
controller.go of kubernetes/ingress-nginx). nginx then chooses by its own rules. HAProxy gets the order of the API,
and no regular expressions, as those of ingress-nginx are its own. Checked: each request that freezegate prints is
answered by the two backends that it names, and each random request that changes hands is one that it names. Exit
status: 0 no difference, 1 differences, which are printed. `tests/routes/proxies.rs` runs it on a few pairs.
"""
import argparse
import collections
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

from differential import Connection, free_ports, parsed, wait_for

HOSTS = ["api.example.com", "*.example.com", "shop.example.com", ""]
REGEXES = ["/v[0-9]+/users", "/lo.*/sso", "/[a-z]+/a", "/login(/|$)", "/users|/v1"]


def path(dice):
    segment = lambda: dice.choice(["login", "users", "v1", "v2", "sso", "a"])
    return "/" + "/".join(segment() for _ in range(dice.randint(0, 3)))


def route(dice, has_regex):
    if has_regex and dice.random() < 0.5:
        return dice.choice(REGEXES), "ImplementationSpecific"
    return path(dice), dice.choice(["Exact", "Prefix", "Prefix", "ImplementationSpecific" if has_regex else "Prefix"])


def table(dice, may_have_regex):
    """Objects, each with whether its paths are regular expressions, and its routes: host, path, type, backend."""
    objects, known = [], set()
    for _ in range(dice.randint(1, 3)):
        has_regex = may_have_regex and dice.random() < 0.4
        objects.append((has_regex, []))
        for _ in range(dice.randint(1, 4)):
            add(dice, objects, known)
    return objects


def add(dice, objects, known=None):
    known = known if known is not None else {one[:2] for _, routes in objects for one in routes}
    has_regex, routes = dice.choice(objects)
    host, (text, kind) = dice.choice(HOSTS), route(dice, has_regex)
    # which of two equal paths goes first, manifests do not say
    if (host, text.rstrip("/")) not in {(host, text.rstrip("/")) for host, text in known}:
        known.add((host, text))
        routes.insert(dice.randint(0, len(routes)), (host, text, kind, dice.choice("ABCDE")))


def edited(dice, objects):
    objects = [(has_regex, list(routes)) for has_regex, routes in objects]
    for _ in range(dice.randint(1, 2)):
        routes = dice.choice(objects)[1]
        if routes and dice.random() < 0.3:
            routes.pop(dice.randrange(len(routes)))
        elif routes and dice.random() < 0.3:
            at = dice.randrange(len(routes))
            routes[at] = (*routes[at][:3], dice.choice("ABCDE"))
        else:
            add(dice, objects)
    return objects


def manifests(objects):
    found = []
    for number, (has_regex, routes) in enumerate(objects):
        rules = [{**({"host": host} if host else {}),
                  "http": {"paths": [{"path": text, "pathType": kind,
                                      "backend": {"service": {"name": backend, "port": {"number": 80}}}}]}}
                 for host, text, kind, backend in routes]
        annotations = {"nginx.ingress.kubernetes.io/use-regex": "true"} if has_regex else {}
        found.append({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
                      "metadata": {"name": f"i{number}", "namespace": "test", "annotations": annotations},
                      "spec": {"ingressClassName": "nginx", "rules": rules}})
    return found


def by_host(objects):
    hosts = collections.defaultdict(list)
    for has_regex, routes in objects:
        for host, text, kind, backend in routes:
            hosts[host].append((text, kind, backend, has_regex))
    return hosts


def nginx_server(port, objects):
    """The servers of one port."""
    servers = []
    for host, routes in {"": [], **by_host(objects)}.items():
        is_regex = any(has_regex for *_, has_regex in routes)
        locations = {}
        for text, kind, backend, has_regex in routes:
            if kind != "Prefix" or has_regex or text == "/":
                locations[(text, kind == "Exact")] = backend
        for text, kind, backend, has_regex in routes:
            if kind == "Prefix" and not has_regex and text != "/":
                locations.setdefault((text, True), backend)
                locations.setdefault((text.rstrip("/") + "/", False), backend)
        if ("/", False) not in locations:
            locations[("/", False)] = None
        listed = sorted(sorted(locations.items(), reverse=True), key=lambda one: -len(one[0][0]))
        lines = []
        for (text, is_exact), backend in listed:
            where = f'~* "^{text}"' if is_regex else f"= {text}" if is_exact else text
            answer = f'return 200 "{backend}"' if backend else "return 404"
            lines.append(f"location {where} {{ {answer}; }}")
        if host.startswith("*."):
            name = r'"~^(?<subdomain>[\w-]+)\.' + re.escape(host[2:]) + '$"'
        else:
            name = host or "_"
        default = " default_server" if not host else ""
        servers.append(f"server {{ listen 127.0.0.1:{port}{default}; server_name {name};\n" + "\n".join(lines) + "\n}")
    return "\n".join(servers)


def haproxy_frontend(port, objects):
    """The frontend of one port: hosts, the most precise first; of each, exact paths, then the longest prefix."""
    hosts, lines = by_host(objects), []
    for number, host in enumerate(sorted(hosts, key=lambda host: (host == "", host.startswith("*"), -len(host)))):
        acl = "always_true" if not host else (
            r"hdr(host) -i -m reg ^[a-z0-9_-]+\." + re.escape(host[2:]) + "$" if host.startswith("*.") else
            f"hdr(host) -i {host}")
        lines.append(f"  acl h{number} {acl}")
        exact = [one for one in hosts[host] if one[1] == "Exact"]
        prefix = sorted((one for one in hosts[host] if one[1] != "Exact"), key=lambda one: -len(one[0]))
        answer = lambda backend: f"http-request return status 200 content-type text/plain string {backend}"
        for text, _, backend, _ in exact:
            lines.append(f"  {answer(backend)} if h{number} {{ path {text} }}")
        for text, _, backend, _ in prefix:
            below = text.rstrip("/") + "/"
            lines.append(f"  {answer(backend)} if h{number} {{ path {text} }} || h{number} {{ path -m beg {below} }}")
        lines.append(f"  http-request return status 404 if h{number}")
    head = f"frontend p{port}\n  bind 127.0.0.1:{port}\n"
    return head + "\n".join(lines) + "\n  http-request return status 404\n"


def start(proxy, folder, pairs, first_port):
    ports = [(first_port + 2 * number + side, objects) for number, pair in enumerate(pairs)
             for side, objects in enumerate(pair)]
    if proxy == "nginx":
        config = (f"daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;\n"
                  "events { worker_connections 1024; }\n"
                  f"http {{ access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; "
                  f"fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n"
                  + "\n".join(nginx_server(*one) for one in ports) + "\n}")
        command = ["nginx", "-c", folder / "proxy.conf", "-e", folder / "error.log"]
    else:
        config = ("global\n  maxconn 2000\ndefaults\n  mode http\n  timeout client 20s\n  timeout server 20s\n"
                  "  timeout connect 5s\n" + "".join(haproxy_frontend(*one) for one in ports))
        command = ["haproxy", "-db", "-q", "-f", folder / "proxy.conf"]
    (folder / "proxy.conf").write_text(config)
    return subprocess.Popen(command)


def random_request(dice):
    host = dice.choice(["api.example.com", "shop.example.com", "x.example.com", "other.org", "a.b.example.com"])
    words = ["login", "users", "v1", "v2", "sso", "a", "loginx", "v3", "LOGIN"]
    return "GET", host, "/" + "/".join(dice.choice(words) for _ in range(dice.randint(0, 4))), {}


def name(item):
    return (item["backend"] or "").removeprefix("test/").removesuffix(":80") or None


def check(number, pair, ports, folder, options, dice, count, bad):
    for side, objects in zip(("before", "after"), pair):
        (folder / f"{side}.yaml").write_text("\n---\n".join(json.dumps(one) for one in manifests(objects)))
    trees = ["--before", folder / "before.yaml", "--after", folder / "after.yaml"]
    ended = subprocess.run([options.program, "routes", *trees, "--format", "json"], capture_output=True, text=True)
    answer = json.loads(ended.stdout or "{}")
    if answer.get("result") != "answered":
        bad.append((number, ended.stdout, ended.stderr))
        return
    connections = [Connection(port) for port in ports]
    changes = [change for place in answer["places"] for change in place["changes"]]
    named = {(name(change["before"]), name(change["after"])) for change in changes}
    for change in changes:
        want = (name(change["before"]), name(change["after"]))
        got = tuple(connection.ask(parsed(change["request"])) for connection in connections)
        count["requests printed"] += 1
        if got != want:
            bad.append((number, change, got, pair))
    for _ in range(options.requests):
        request = random_request(dice)
        got = tuple(connection.ask(request) for connection in connections)
        count["random requests"] += 1
        if got[0] != got[1]:
            count["changed hands"] += 1
            if got not in named:
                bad.append((number, request, got, pair))


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--program", required=True)
    options.add_argument("--proxies", default="nginx,haproxy")
    options.add_argument("--pairs", type=int, default=500)
    options.add_argument("--requests", type=int, default=40, help="random requests for each pair")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--at-once", type=int, default=50, help="pairs that one proxy gets")
    options = options.parse_args()
    bad = []
    for proxy in options.proxies.split(","):
        dice, count = random.Random(options.seed), collections.Counter()
        for begin in range(0, options.pairs, options.at_once):
            pairs = []
            for _ in range(min(options.at_once, options.pairs - begin)):
                before = table(dice, proxy == "nginx")
                pairs.append((before, edited(dice, before)))
            with tempfile.TemporaryDirectory() as folder:
                folder = pathlib.Path(folder)
                first = free_ports(2 * len(pairs))
                running = start(proxy, folder, pairs, first)
                try:
                    wait_for(first + 2 * (len(pairs) - 1) + 1)
                    for number, pair in enumerate(pairs):
                        ports = (first + 2 * number, first + 2 * number + 1)
                        check(begin + number, pair, ports, folder, options, dice, count, bad)
                finally:
                    running.terminate()
                    running.wait()
            count["pairs"] += len(pairs)
        print(proxy, dict(count), flush=True)
    for one in bad[:10]:
        print(one)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
