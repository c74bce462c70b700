"""Pairs of trees of HTTPRoutes and VirtualServices: random ones, and edits of what a case holds."""
import copy

HOSTS = ["api.example.com", "*.example.com", "shop.example.com", "*.shop.example.com", "*"]
SERVICES = ["a", "b.prod.svc.cluster.local", "a.preprod.svc.cluster.local", "*.preprod.svc.cluster.local"]
PATHS = ["/", "/login", "/users", "/login/sso", "/users/v1", "/v1"]
HTTP_PATHS = [*PATHS, "/login/"]


def http_match(dice):
    one = {}
    if dice.random() < 0.8:
        one["path"] = {"type": dice.choice(["Exact", "PathPrefix", "PathPrefix"]), "value": dice.choice(HTTP_PATHS)}
    if dice.random() < 0.25:
        one["method"] = dice.choice(["GET", "POST"])
    value = lambda name: dice.choice([
        {"name": name, "value": "pre"}, {"name": name, "value": "prod"},
        {"name": name, "type": "RegularExpression", "value": "^p(re|rod)[0-9]*$"}])
    one["headers"] = [value(name) for name in ["X-Env", "x-team"] if dice.random() < 0.2]
    one["queryParams"] = [value(name) for name in ["v", "w"] if dice.random() < 0.15]
    return one


def http_rule(dice):
    rule = {"matches": [http_match(dice) for _ in range(dice.choice([0, 1, 1, 1, 2]))], "filters": []}
    kind = dice.random()
    if kind < 0.1:
        redirect = {"scheme": "https", "hostname": dice.choice(["login.example.com", "new.example.com"])}
        return {**rule, "filters": [{"type": "RequestRedirect", "requestRedirect": redirect}]}
    if kind < 0.25:
        mirror = {"backendRef": {"name": "shadow", "port": 80}}
        rule["filters"] = [{"type": "RequestMirror", "requestMirror": mirror}]
    weight = lambda: {"weight": dice.choice([0, 1, 9])} if kind > 0.9 else {}
    backend = lambda: {"name": dice.choice("abc"), "port": 80, **weight()}
    return {**rule, "backendRefs": [backend() for _ in range(2 if kind > 0.9 else 0 if kind > 0.88 else 1)]}


def http_route(dice, number):
    parent = {"name": "gw", "namespace": "infra"}
    if dice.random() < 0.3:
        parent["sectionName"] = dice.choice("ab")
    return {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
            "metadata": {"name": f"r{number}", "namespace": dice.choice(["prod", "preprod"])},
            "spec": {"parentRefs": [parent], "hostnames": dice.sample(HOSTS[:-1], dice.choice([0, 1, 1, 2])),
                     "rules": [http_rule(dice) for _ in range(dice.randint(1, 3))]}}


def http_gateway(dice):
    listeners = []
    for name, port in (("a", 80), ("b", 80), ("c", 443)):
        host = dice.choice(["", "*.example.com", "api.example.com"])
        namespaces = dice.choice([{"from": "All"}, {"from": "All"}, {
            "from": "Selector", "selector": {"matchLabels": {"kubernetes.io/metadata.name": "prod"}}}])
        # of one port, each listener has a host of its own
        if all((one["port"], one.get("hostname", "")) != (port, host) for one in listeners):
            listeners.append({"name": name, "port": port, "protocol": "HTTP" if port == 80 else "HTTPS",
                              **({"hostname": host} if host else {}), "allowedRoutes": {"namespaces": namespaces}})
    return {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway",
            "metadata": {"name": "gw", "namespace": "infra"},
            "spec": {"gatewayClassName": "any", "listeners": listeners}}


def istio_match(dice):
    one, kind = {}, dice.random()
    text = dice.choice(PATHS)
    if kind < 0.9:
        one["uri"] = {"prefix": text} if kind < 0.4 else {"exact": text} if kind < 0.55 else {
            "regex": dice.choice(["/(login|users)(/.*)?", "/[a-z]+/sso.*", ".*v[0-9]+", "/.*", "(?i)/LOGIN.*", ".*"])}
    if "regex" not in one.get("uri", {"regex": ""}) and dice.random() < 0.2:
        one["ignoreUriCase"] = True
    value = lambda: dice.choice([{"exact": "pre"}, {"prefix": "p"}, {"regex": "pr.*"}, {}])
    if dice.random() < 0.25:
        one["headers"] = {"x-env": value()}
    if dice.random() < 0.15:
        one["queryParams"] = {"v": dice.choice([{"exact": "pre"}, {"regex": "p.+"}])}
    if dice.random() < 0.2:
        one["method"] = {"exact": dice.choice(["GET", "POST"])}
    if dice.random() < 0.1:
        one["gateways"] = ["infra/gw"]
    return one


def istio_rule(dice):
    rule, kind = {}, dice.random()
    if dice.random() < 0.85:
        rule["match"] = [istio_match(dice) for _ in range(dice.choice([1, 1, 2]))]
    if kind < 0.1:
        return {**rule, "redirect": {"authority": dice.choice(["login.example.com", "new.example.com"])}}
    if kind < 0.15:
        return {**rule, "directResponse": {"status": 503}}
    if kind < 0.3:
        rule["mirror"] = {"host": "shadow"}
    if kind > 0.9:
        return {**rule, "route": [{"destination": {"host": host}, "weight": 50} for host in dice.sample("abc", 2)]}
    return {**rule, "route": [{"destination": {"host": dice.choice(["a", "b", "c.preprod.svc.cluster.local"])}}]}


def virtual_service(dice, number):
    """At a gateway, or in the mesh; perhaps only for proxies of some namespaces."""
    spec = {"hosts": dice.sample(HOSTS, dice.choice([1, 1, 2])), "gateways": ["infra/gw"]}
    if dice.random() < 0.3:
        spec = {"hosts": [dice.choice(SERVICES)], **dice.choice([{}, {}, {"gateways": ["mesh", "infra/gw"]}])}
    if dice.random() < 0.15:
        spec["exportTo"] = dice.choice([["."], ["prod"], ["*"]])
    return {"apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
            "metadata": {"name": f"r{number}", "namespace": dice.choice(["prod", "preprod"])},
            "spec": {**spec, "http": [istio_rule(dice) for _ in range(dice.randint(1, 3))]}}


def istio_gateway(dice):
    there = dice.choice(["", "", "prod/"])
    servers = [{"port": {"number": port, "name": f"p{port}", "protocol": "HTTP"},
                "hosts": list({there + dice.choice(HOSTS), dice.choice(HOSTS)})}
               for port in (80, 81)]
    if dice.random() < 0.2:
        servers[1]["tls"] = {"httpsRedirect": True}
    return {"apiVersion": "networking.istio.io/v1", "kind": "Gateway", "metadata": {"name": "gw", "namespace": "infra"},
            "spec": {"selector": {"istio": "ingressgateway"}, "servers": servers}}


def random_pair(dice, route, rule, gateway, rules, hosts):
    """Some routes, with their gateway or without, and an edit of them."""
    before = [gateway(dice)] if dice.random() < 0.5 else []
    before += [route(dice, number) for number in range(dice.randint(1, 3))]
    after = copy.deepcopy(before)
    for _ in range(dice.randint(1, 2)):
        routes, kind = [one for one in after if one["kind"] != "Gateway"], dice.random()
        one = dice.choice(routes) if routes else None
        if one is None or kind < 0.3:
            after.append(route(dice, max((int(one["metadata"]["name"][1:]) for one in routes), default=0) + 1))
        elif kind < 0.55:
            one["spec"][rules].insert(dice.randint(0, len(one["spec"][rules])), rule(dice))
        elif kind < 0.65 and len(one["spec"][rules]) > 1:
            one["spec"][rules].pop(dice.randrange(len(one["spec"][rules])))
        elif kind < 0.75:
            one["spec"][rules].reverse()
        elif kind < 0.85:
            one["spec"][hosts] = dice.sample(HOSTS[:-1], dice.choice([1, 2]))
        elif kind < 0.92 and after[0]["kind"] == "Gateway":
            after[0] = gateway(dice)
        else:
            after.remove(one)
    return before, after


def random_pairs(dice, count):
    kinds = [(http_route, http_rule, http_gateway, "rules", "hostnames"),
             (virtual_service, istio_rule, istio_gateway, "http", "hosts")]
    return [random_pair(dice, *kinds[number % 2]) for number in range(count)]


def edits(objects):
    """Pairs of a case: it appears, it disappears; each object is removed; its rules change their order."""
    yield [], objects
    yield objects, []
    for at, one in enumerate(objects):
        rules = "rules" if "rules" in one.get("spec", {}) else "http"
        if len(objects) > 1:
            yield objects[:at] + objects[at + 1:], objects
        if len(one.get("spec", {}).get(rules, [])) > 1:
            turned = copy.deepcopy(one)
            turned["spec"][rules].reverse()
            yield objects, [*objects[:at], turned, *objects[at + 1:]]
