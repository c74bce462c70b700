#!/usr/bin/env python3
"""Sends the requests that freezegate prints for HTTPRoutes and VirtualServices to a real proxy.

    cargo build
    python3 tests/routes/witnesses.py --program target/debug/freezegate --cases cases.json --pairs 1500

The proxy is HAProxy, or Envoy with `--envoy PROGRAM`. It runs the table before and the table after, as translation.py
makes them from the manifests: a second opinion that shares nothing with `src/route`. Pairs are: each case of a file,
against nothing and against edits of it; and random ones, HTTPRoutes and VirtualServices in turn. Checked:

- the backend and the route that answer a printed request are the ones printed, before and after; those of the
  findings of `check` too
- if a service takes requests of another namespace's service, `check` has a finding
- where either of two may answer, each does if its object is the oldest
- requests of the cases are answered as the cases say
- random requests that change hands do so between two backends that are printed

`--cases` is a list of objects with `name`, `objects` (manifests) and `answers` (place, request, by), which
`tests/routes/proxies.rs` makes of `tests/data/routes`. Exit status: 0 no difference, 1 differences, which are printed.
"""
import argparse
import collections
import concurrent.futures
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

from differential import parsed
from pairs import PATHS, edits, random_pairs
from proxy import Proxy
from translation import COUNTS_SLASHES, FALLS_BACK, full, in_age, namespace, table


def told(item):
    """The backend and the route of an answer; of nobody, no route."""
    return (item["backend"], item["route"]) if item["backend"] else (None, None)


def namespaces(value):
    """The namespaces that manifests name."""
    if isinstance(value, (list, tuple)):
        return {name for one in value for name in namespaces(one)}
    if isinstance(value, dict):
        own = {value["namespace"]} if isinstance(value.get("namespace"), str) else set()
        return own.union(*(namespaces(one) for one in value.values()))
    service = re.fullmatch(r"[^.]+\.([^.]+)\.svc\..*", value) if isinstance(value, str) else None
    return {service[1]} if service else set()


def ask_program(program, folder, pair):
    """What `routes` prints of a pair, place by place, and the findings of `check`; or why there is no answer."""
    folder.mkdir()
    for side, objects in zip(("before", "after"), pair):
        # `check` wants to see an object, even after all routes were removed
        objects = [*objects, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "beside"}}]
        (folder / f"{side}.yaml").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
    # each namespace is an environment of its own
    policy = ["version = 1", *(f"[environments.{name}]" for name in sorted(namespaces(pair) | {"default"}))]
    policy += ["[routes]", 'paths = ["**"]', 'owners = ["{environment}"]']
    policy += [f'{level} = "hard"' for level in ("hijack", "takeover", "overlap", "dead")]
    (folder / "freezegate.toml").write_text("\n".join(policy))

    def ask(*arguments):
        ended = subprocess.run([program, *arguments, "--format", "json"], cwd=folder, capture_output=True, text=True)
        return json.loads(ended.stdout or "{}"), ended.stdout + ended.stderr

    answer, text = ask("routes", "--before", "before.yaml", "--after", "after.yaml")
    # a Gateway that a route's `port` needs is only in one tree
    if answer.get("not_understood"):
        return [], [], "not understood"
    # no route attaches to a listener
    if [error["message"][:19] for error in answer.get("errors", [])] == ["there are no routes"]:
        return [], [], None
    if answer.get("result") != "answered":
        return [], [], text
    trees = ["--manifests-before", "before.yaml", "--manifests", "after.yaml"]
    decision, text = ask("check", "default", "--no-ci", *trees)
    if decision.get("decision") not in ("allowed", "refused"):
        return [], [], text
    return answer["places"], [one for one in decision["findings"] if one["routes"]], None


def random_request(dice, hosts):
    host = dice.choice([host.replace("*", dice.choice(["x", "x.y", "api"])) for host in hosts] + ["other.example.net"])
    if host in ("x", "x.y", "api"):
        host += ".example.org"
    words = ["login", "users", "v1", "sso", "match", "one", "LOGIN", "v2"]
    path = dice.choice(PATHS + ["/" + "/".join(dice.choice(words) for _ in range(dice.randint(0, 3)))])
    pairs = [f"{name}={dice.choice(['pre', 'prod', 'x'])}" for name in "vw" if dice.random() < 0.25]
    headers = {name: dice.choice(["pre", "prod", "pre1", "zz"]) for name in ("x-env", "x-team") if dice.random() < 0.3}
    return dice.choice(["GET", "GET", "POST", "PUT"]), host, path + ("?" + "&".join(pairs) if pairs else ""), headers


def told_by_finding(text):
    """The backend and the route of `shop/web: HTTPRoute shop/web, rule 1 in after.yaml:1`."""
    backend, route = re.fullmatch(r"(.*): ([^:]*?)( in \S+:\d+)?", text).groups()[:2]
    return (backend, route) if backend != "no backend" else (None, None)


def check_finding(finding, comparisons, proxy):
    """Whether a finding's request is answered as it says at one of the places of its pair."""
    proof = finding["routes"]
    was, now = told_by_finding(proof["before"]), told_by_finding(proof["after"])
    for comparison in comparisons:
        before, after = comparison.all_tables(proxy, parsed(proof["request"]))
        if now in after and (was in before or (finding["code"] == "route-overlap" and was in after)):
            return True
    return False


def is_hijack(comparisons):
    """Whether a service of another namespace takes requests of a service, as `routes` prints it."""
    for comparison in comparisons:
        for change in comparison.place["changes"]:
            both = [re.fullmatch(r"([a-z-]+)/\S+", change[side]["backend"] or "") for side in ("before", "after")]
            is_doubt = comparison.place["place"].endswith((FALLS_BACK, COUNTS_SLASHES))
            if all(both) and both[0][1] != both[1][1] and not is_doubt:
                return True
    return False


class Comparison:
    """A place of a pair: what is printed, and its tables by which object is the oldest."""

    def __init__(self, name, pair, place, all_tables):
        self.name, self.pair, self.place = name, pair, place
        self.tables = [[], []]
        for side, objects in enumerate(pair):
            for one in [one for one in objects if one["kind"] != "Gateway"] or [None]:
                made = table(in_age(objects, one), place["place"], pair[1 - side])
                if made not in (all_tables[at] for at in self.tables[side]):
                    all_tables.append(made)
                    self.tables[side].append(len(all_tables) - 1)

    def all_tables(self, proxy, request):
        """Who may answer before, and who after."""
        return [{proxy.ask(at, request) for at in side} for side in self.tables]

    def check(self, proxy, beside, dice, options, count, bad):
        fail = lambda *what: bad.append((self.name, self.place["place"], *what, json.dumps(self.pair)))
        for change in self.place["changes"]:
            was, now = told(change["before"]), told(change["after"])
            before, after = self.all_tables(proxy, parsed(change["request"]))
            count[f"requests printed, {change['what']}"] += 1
            if was not in before or now not in after or now[0] in [backend for backend, _ in before]:
                fail(change, before, after)
        for one in self.place["either"]:
            both = {told(one["one"])[0], told(one["other"])[0]}
            before, after = self.all_tables(proxy, parsed(one["request"]))
            before, after = ({backend for backend, _ in side} for side in (before, after))
            count["requests printed, either"] += 1
            if not both <= after or one["was_before"] != (both <= before):
                fail(one, before, after)
        # what is printed for a place is not repeated for what only some proxies do there
        at = self.place["place"].removesuffix(FALLS_BACK).removesuffix(COUNTS_SLASHES)
        is_doubt = at != self.place["place"]
        places = [one.place for one in beside if one.place["place"] in (at, self.place["place"])]
        printed = [change for place in places for change in place["changes"]]
        printed = {(told(change["before"])[0], told(change["after"])[0]) for change in printed}
        hosts = sorted({full(host, namespace(one)) for one in self.pair[0] + self.pair[1]
                        for host in one["spec"].get("hostnames") or one["spec"].get("hosts") or ["*"]})
        for _ in range(options.requests):
            request = random_request(dice, hosts)
            before, after = self.all_tables(proxy, request)
            count["random requests"] += 1
            before, after = ({backend for backend, _ in side} for side in (before, after))
            for was, now in [(was, now) for was in before for now in after - before]:
                if is_doubt and None in (was, now):
                    continue
                count["random requests, changed hands"] += 1
                if (was, now) not in printed:
                    fail(request, was, now, "is not printed")

    def check_answers(self, proxy, answers, count, bad):
        """Requests of a case, and who answers them."""
        for one in answers:
            if one["place"] == self.place["place"]:
                request = parsed(", ".join(one["request"]).replace("http://", "https://"))
                got = {backend or "nobody" for backend, _ in self.all_tables(proxy, request)[1]}
                count["requests of cases"] += 1
                if got != set(one["by"]):
                    bad.append((self.name, one, got))


def compare(options, pairs, dice, count, bad):
    """Compares some pairs, with one proxy."""
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(2) as pool:
        folder = pathlib.Path(folder)
        ask = lambda one: ask_program(options.program, folder / str(one[0]), one[1][1])
        printed = list(pool.map(ask, enumerate(pairs)))
        tables, work = [], []
        for (name, pair, answers), (places, findings, why) in zip(pairs, printed):
            if why == "not understood" and not name.startswith("random"):
                count["pairs not understood"] += 1
            elif why:
                bad.append((name, why, json.dumps(pair)))
            comparisons = [Comparison(name, pair, place, tables) for place in places]
            work.append((name, pair, answers, findings, comparisons))
        proxy = Proxy(options.envoy, folder, tables)
        try:
            for name, pair, answers, findings, comparisons in work:
                for comparison in comparisons:
                    comparison.check(proxy, comparisons, dice, options, count, bad)
                    comparison.check_answers(proxy, answers, count, bad)
                if is_hijack(comparisons) and all(finding["code"] != "route-hijack" for finding in findings):
                    bad.append((name, "no route-hijack", json.dumps(pair)))
                for finding in findings:
                    if finding["routes"]["request"]:
                        count[f"requests of {finding['code']}"] += 1
                        if not check_finding(finding, comparisons, proxy):
                            bad.append((name, finding, json.dumps(pair)))
                proxy.close()
        finally:
            proxy.end()
    count["pairs"] += len(pairs)
    count["tables"] += len(tables)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--program", required=True)
    options.add_argument("--envoy", help="a path of Envoy; without it, HAProxy is asked")
    options.add_argument("--cases", help="cases, as JSON")
    options.add_argument("--pairs", type=int, default=150, help="random pairs")
    options.add_argument("--requests", type=int, default=2, help="random requests for each place of a pair")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--at-once", type=int, default=100, help="pairs that one proxy gets")
    options = options.parse_args()
    options.program = pathlib.Path(options.program).absolute()
    dice, count, bad = random.Random(options.seed), collections.Counter(), []
    cases = json.loads(pathlib.Path(options.cases).read_text()) if options.cases else []
    pairs = [(case["name"], pair, case["answers"] if not pair[0] else [])
             for case in cases for pair in edits(case["objects"])]
    pairs += [(f"random {number}", pair, []) for number, pair in enumerate(random_pairs(dice, options.pairs))]
    for first in range(0, len(pairs), options.at_once):
        compare(options, pairs[first:first + options.at_once], dice, count, bad)
    print("envoy" if options.envoy else "haproxy", json.dumps(count))
    for one in bad[:10]:
        print(*one, sep="\n  ")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
