"""What a proxy does with HTTPRoutes and VirtualServices, as a second opinion: it shares nothing with `src/route`.

A table is a list of listeners, `(host, virtual hosts)`, of which the most precise one decides; one for all hosts if
listeners are not apart. A virtual host is `(host, rules)`, the most precise host first; a rule is what a request must
be, the backend and the route. Which of several objects is the oldest, manifests do not say, so a table is made for one
of them.

HTTPRoute: precedence is that of `HTTPRouteRule.matches` and `HTTPRouteSpec.hostnames` in the specification,
https://gateway-api.sigs.k8s.io/reference/spec/; of listeners, `ParentReference` and `Listener` there.
VirtualService: https://istio.io/latest/docs/reference/config/networking/virtual-service/, and of several for one host,
https://istio.io/latest/docs/ops/best-practices/traffic-management/#split-virtual-services and `IsCatchAllRoute` and
`SortVHostRoutes` in `pilot/pkg/networking/core/route/route.go` of istio/istio.
"""
import json
import re

ANYTHING = {"path": ("prefix", "/"), "method": None, "headers": {}, "queries": {}, "mirrors": False}
FALLS_BACK = ", falling back to wider hosts"
COUNTS_SLASHES = ", counting the slash at the end of a prefix"


def in_age(objects, oldest):
    """Objects by age: one first, the others as they are listed."""
    return sorted(objects, key=lambda one: one is not oldest)


def namespace(one):
    return one["metadata"].get("namespace", "default")


def title(one):
    return f"{one['kind']} {namespace(one)}/{one['metadata']['name']}"


def is_istio(one):
    return one["apiVersion"].startswith("networking.istio.io/")


def holds(wide, narrow):
    """Whether a host, perhaps with a wildcard, holds all of another."""
    return wide in ("*", narrow) or (wide.startswith("*") and narrow.endswith(wide[1:]) and len(narrow) > len(wide) - 1)


def common(one, other):
    return other if holds(one, other) else one if holds(other, one) else None


def precision(host):
    """Names before wildcards; of these, the one with the most characters."""
    return host.startswith("*"), -len(host)


def virtual_hosts(found):
    """A table from pairs of host and rule, in order."""
    hosts = {}
    for host, rule in found:
        hosts.setdefault(host, []).append(rule)
    return [(host, hosts[host]) for host in sorted(hosts, key=precision)]


# HTTPRoutes

def typed(value):
    return ("regex" if value.get("type") == "RegularExpression" else "exact", value["value"])


def http_answer(rule, own):
    for one in rule.get("filters", []):
        if one["type"] == "RequestRedirect":
            to = one["requestRedirect"]
            path = to.get("path")
            scheme = f"{to['scheme']}://" if "scheme" in to else ""
            path = json.dumps(path, separators=(",", ":")) if path else ""
            return f"redirect to {scheme}{to.get('hostname', '')}{path}"
    backends = [one for one in rule.get("backendRefs", []) if one.get("weight", 1) > 0]
    names = []
    for one in backends:
        port = f":{one['port']}" if "port" in one else ""
        weight = f" ({one.get('weight', 1)})" if len(rule["backendRefs"]) > 1 else ""
        names.append(f"{one.get('namespace', own)}/{one['name']}{port}{weight}")
    return " + ".join(names) or "error 500: no backend"


def http_rules(objects, is_parent, counts_slashes):
    """Host of the route, its namespace, the parent references that count, precedence and rule, of all HTTPRoutes."""
    for age, one in enumerate(objects):
        if one["kind"] != "HTTPRoute":
            continue
        parents = [parent for parent in one["spec"]["parentRefs"] if is_parent(parent, namespace(one))]
        for number, rule in enumerate(one["spec"].get("rules") or [{}], 1):
            mirrors = any(filter["type"] == "RequestMirror" for filter in rule.get("filters", []))
            answer = (http_answer(rule, namespace(one)), f"{title(one)}, rule {number}")
            for match in rule.get("matches") or [{}]:
                path = match.get("path", {})
                kind = {"Exact": "exact", "PathPrefix": "segments"}[path.get("type", "PathPrefix")]
                text = path.get("value", "/")
                headers, queries = match.get("headers", []), match.get("queryParams", [])
                length = len(text) if counts_slashes else len(text.rstrip("/"))
                rank = (kind != "exact", -length, "method" not in match, -len(headers), -len(queries),
                        age, number)
                found = {
                    "path": (kind, text), "method": ("exact", match["method"]) if "method" in match else None,
                    "headers": {header["name"].lower(): typed(header) for header in reversed(headers)},
                    "queries": {query["name"]: typed(query) for query in reversed(queries)},
                    "answer": answer, "mirrors": mirrors,
                }
                for host in one["spec"].get("hostnames") or ["*"]:
                    yield host.lower(), namespace(one), parents, rank, found


def takes(listener, own, route_namespace):
    """Whether a listener of a Gateway takes the routes of a namespace. Labels count as fitting."""
    kinds = listener.get("allowedRoutes", {}).get("kinds", [])
    allowed = listener.get("allowedRoutes", {}).get("namespaces", {})
    if kinds and all(kind["kind"] != "HTTPRoute" for kind in kinds):
        return False
    if allowed.get("from", "Same") != "Selector":
        return {"Same": route_namespace == own, "All": True, "None": False}[allowed.get("from", "Same")]
    name = "kubernetes.io/metadata.name"
    by_name = allowed["selector"].get("matchLabels", {}).get(name)
    named = [one["values"] for one in allowed["selector"].get("matchExpressions", []) if one["key"] == name]
    return all([by_name in (None, route_namespace), *(route_namespace in values for values in named)])


def http_table(objects, kind, name, section, counts_slashes):
    """The table of a gateway of the Gateway API, or of a service that HTTPRoutes name as their parent."""
    parent_of = lambda parent, own: (parent.get("kind", "Gateway"), f"{parent.get('namespace', own)}/{parent['name']}")
    rules = list(http_rules(objects, lambda parent, own: parent_of(parent, own) == (kind, name), counts_slashes))
    rules = sorted((one for one in rules if one[2]), key=lambda one: one[3])
    port = re.match(r"port (\d+)", section)
    if not port:
        wanted = section.removeprefix("listener ") if section.startswith("listener ") else None
        is_here = lambda parent: parent.get("sectionName") in ({None, wanted} if section else {None})
        found = [(host, rule) for host, _, parents, _, rule in rules if any(map(is_here, parents))]
        if kind == "Service" and not found:
            found = [("*", {**ANYTHING, "answer": (name, "the service itself")})]
        return [("*", virtual_hosts(found))]
    is_named = lambda one: one["kind"] == "Gateway" and not is_istio(one) and title(one) == f"Gateway {name}"
    gateway = next(filter(is_named, objects), None)
    listeners = [one for one in (gateway["spec"]["listeners"] if gateway else [])
                 if one["port"] == int(port[1]) and one["protocol"] in ("HTTP", "HTTPS")]
    found = []
    for listener in listeners:
        at = listener.get("hostname", "").lower() or "*"
        is_here = lambda parent: (parent.get("sectionName", listener["name"]) == listener["name"]
                                  and parent.get("port", listener["port"]) == listener["port"])
        for host, own, parents, rank, rule in rules:
            both = common(at, host)
            if both and takes(listener, namespace(gateway), own) and any(map(is_here, parents)):
                found.append((both, rank, rule, at))
    return listened(found, section, [listener.get("hostname", "").lower() or "*" for listener in listeners])


def listened(found, section, at):
    """A table of what attaches to the hosts of listeners."""
    found = sorted(found, key=lambda one: one[1])
    if "each listener by itself" not in section:
        seen = []
        for host, rank, rule, _ in found:
            # a route that attaches to two listeners is there once
            if (host, rank, rule) not in seen:
                seen.append((host, rank, rule))
        return [("*", virtual_hosts((host, rule) for host, _, rule in seen))]
    at = sorted(set(at), key=precision)
    chosen = lambda host: next(one for one in at if holds(one, host))
    return [(listener, virtual_hosts((host, rule) for host, _, rule, own in found if own == listener == chosen(host)))
            for listener in at]


# VirtualServices

def string_match(value):
    return next(iter(value.items()), ("present", ""))


def service(host, own):
    """A service by namespace and name; of another host, the host itself."""
    if "." not in host:
        return f"{own}/{host}"
    name = re.fullmatch(r"([^.]+)\.([^.]+)\.svc(\..*)?", host)
    return f"{name[2]}/{name[1]}" if name else host


def istio_answer(route, own):
    if "redirect" in route:
        return f"redirect to {route['redirect'].get('authority', '')}{route['redirect'].get('uri', '')}"
    if "directResponse" in route:
        return f"fixed answer {route['directResponse']['status']}"
    parts = route["route"]
    is_weighted = any("weight" in one for one in parts)
    sums = {}
    for one in parts:
        weight = one.get("weight", 0 if is_weighted and len(parts) > 1 else 1)
        if len(parts) > 1 and weight == 0:
            continue
        to = one["destination"]
        port = f":{to['port']['number']}" if "port" in to else ""
        subset = f" subset {to['subset']}" if "subset" in to else ""
        backend = service(to["host"], own) + port + subset
        sums[backend] = sums.get(backend, 0) + weight
    return " + ".join(f"{name} ({sums[name]})" if len(sums) > 1 else name for name in sorted(sums))


def istio_rules(one, wanted):
    """The rules of a VirtualService at a gateway, in the order of its list, each with whether it matches everything."""
    gateways = one["spec"].get("gateways") or ["mesh"]
    for number, route in enumerate(one["spec"].get("http", []), 1):
        answer = (istio_answer(route, namespace(one)), f"{title(one)}, route {number}")
        for match in route.get("match") or [{}]:
            at = {gateway_name(gateway, namespace(one)) for gateway in match.get("gateways") or gateways}
            at &= {gateway_name(gateway, namespace(one)) for gateway in gateways}
            if not at & wanted:
                continue
            uri = string_match(match["uri"]) if "uri" in match else ("prefix", "/")
            rule = {
                "path": uri, "ignores_case": match.get("ignoreUriCase", False),
                "method": string_match(match["method"]) if "method" in match else None,
                "authority": match.get("authority", {}).get("exact"),
                "headers": {name.lower(): string_match(value) for name, value in match.get("headers", {}).items()},
                "queries": {name: string_match(value) for name, value in match.get("queryParams", {}).items()},
                "answer": answer, "mirrors": "mirror" in route,
            }
            asks = match.get("method") or match.get("authority") or rule["headers"] or rule["queries"]
            is_everything = not asks and uri in (("prefix", "/"), ("regex", "*"), ("regex", ".*"))
            yield rule, is_everything
            if is_everything:
                return


def gateway_name(gateway, own):
    if "/" in gateway:
        there, name = gateway.split("/")
        return f"{own if there == '.' else there}/{name}"
    if "." in gateway:
        name, there = gateway.split(".")[:2]
        return f"{there}/{name}"
    return gateway if gateway == "mesh" else f"{own}/{gateway}"


def merged(objects, wanted, hosts_of):
    """The rules of VirtualServices by host: by age, and what matches everything last."""
    hosts = {}
    for one in objects:
        if one["kind"] == "VirtualService":
            rules = list(istio_rules(one, wanted))
            for host in dict.fromkeys(hosts_of(one)) if rules else ():
                hosts.setdefault(host, []).extend(rules)
    return {host: [rule for rule, _ in sorted(rules, key=lambda one: one[1])] for host, rules in hosts.items()}


def full(host, own):
    host = host.lower()
    return host if "." in host or "*" in host else f"{own}.svc.cluster.local".join([f"{host}.", ""])


def istio_table(objects, place, section, other):
    """The table of a gateway of Istio, or of the mesh. `other`: the other tree of the pair."""
    viewer = re.search(r"proxies in namespace (\S+)", section)
    objects = [one for one in objects if is_exported(one, viewer and viewer[1])]
    hosts_of = lambda one: [full(host, namespace(one)) for host in one["spec"]["hosts"]]
    if place == "Istio mesh":
        hosts = merged(objects, {"mesh"}, hosts_of)
        # a service that only the other tree names answers by itself
        themselves = {}
        for host in merged([one for one in other if is_exported(one, viewer and viewer[1])], {"mesh"}, hosts_of):
            name = re.fullmatch(r"([^.]+)\.([^.]+)\.svc\.cluster\.local", host)
            if name and not any(holds(wide, host) for wide in hosts):
                backend = f"any service of {name[2]}" if name[1] == "*" else f"{name[2]}/{name[1]}"
                themselves[host] = [{**ANYTHING, "answer": (backend, "the service itself")}]
        hosts |= themselves
        return [("*", [(host, hosts[host]) for host in sorted(hosts, key=precision)])]
    port = re.search(r"port (\d+)", section)
    if not port:
        hosts = merged(objects, {place.removeprefix("Istio gateway ")}, hosts_of)
        return [("*", [(host, hosts[host]) for host in sorted(hosts, key=precision)])]
    gateways = [one for one in objects if one["kind"] == "Gateway" and is_istio(one)]
    if place.startswith("Istio gateway "):
        is_named = lambda one: is_istio(one) and title(one) == f"Gateway {place.removeprefix('Istio gateway ')}"
        own = next(filter(is_named, objects + other))
        labels = own["spec"].get("selector", {})
    else:
        text = place.removeprefix("Istio gateways of ")
        labels = {} if text == "all proxies" else dict(label.split("=") for label in text.split(","))
    may_be = lambda one: all(labels.get(label, value) == value
                             for label, value in one["spec"].get("selector", {}).items())
    is_here = lambda server: (server["port"]["number"] == int(port[1])
                              and server["port"]["protocol"].upper() in ("HTTP", "HTTPS", "HTTP2", "GRPC", "GRPC-WEB")
                              and server.get("tls", {}).get("mode") != "PASSTHROUGH")
    servers = [(one, server, host.lower()) for one in gateways if may_be(one)
               for server in filter(is_here, one["spec"]["servers"]) for host in server["hosts"]]
    found = []
    for age, one in enumerate(objects):
        if one["kind"] != "VirtualService":
            continue
        for gateway, server, host in servers:
            there, _, at = host.rpartition("/")
            there = namespace(gateway) if there == "." else there
            wanted = {f"{namespace(gateway)}/{gateway['metadata']['name']}"}
            if there not in ("", "*", namespace(one)):
                continue
            for number, (rule, is_everything) in enumerate(istio_rules(one, wanted)):
                for own in hosts_of(one):
                    both = common(at, own)
                    if both:
                        found.append((both, (is_everything, age, number), rule, at))
    # a server that redirects to HTTPS does so before any route of its hosts
    for gateway, server, host in servers:
        if server.get("tls", {}).get("httpsRedirect"):
            there, _, at = host.rpartition("/")
            redirect = {**ANYTHING, "answer": ("redirect to HTTPS", f"{title(gateway)}, port {port[1]}")}
            hosts = {both for both, _, _, listener in found if listener == at} | ({at} if there in ("", "*") else set())
            found += [(both, (-1,), redirect, at) for both in sorted(hosts)]
    return listened(found, section, [host.rpartition("/")[2] for _, _, host in servers])


def is_exported(one, viewer):
    to = one["spec"].get("exportTo") or ["*"] if one["kind"] == "VirtualService" else ["*"]
    return "*" in to or viewer in [namespace(one) if name == "." else name for name in to]


# Places

def table(objects, place, other):
    """The table of a place as the program names it, and whether a host's requests may go to a wider host's routes."""
    falls_back = place.endswith(FALLS_BACK)
    counts_slashes = place.endswith(COUNTS_SLASHES)
    place, _, section = place.removesuffix(FALLS_BACK).removesuffix(COUNTS_SLASHES).partition(", ")
    if place.startswith("Istio "):
        return istio_table(objects, place, section, other), falls_back
    kind, name = place.split(" ")
    return http_table(objects, kind, name, section, counts_slashes), falls_back
