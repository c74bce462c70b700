"""HAProxy or Envoy with the tables of translation.py, each at a port of its own."""
import http.client
import json
import re
import subprocess
import sys

from differential import free_ports, string_match, wait_for
from translation import holds


def envoy_hosts(listeners, falls_back):
    """A table for a proxy that asks one virtual host only: with the routes that it would fall back to."""
    for listener, hosts in listeners:
        for host, rules in hosts + ([] if listener in dict(hosts) else [(listener, [])]):
            wider = [rule for other, rules in hosts if other != host and holds(other, host) for rule in rules]
            yield host, rules + (wider if falls_back else [])


def envoy_rule(rule, known):
    kind, text = rule["path"]
    if kind == "segments":
        kind, text = ("separated", text.rstrip("/")) if text != "/" else ("prefix", "/")
    match = {"exact": {"path": text}, "prefix": {"prefix": text}, "separated": {"path_separated_prefix": text},
             "regex": {"safe_regex": {"regex": text}}}[kind]
    if rule.get("ignores_case") and kind in ("exact", "prefix"):
        match["case_sensitive"] = False
    named = lambda name, value: {"name": name, "present_match": True} if value[0] == "present" else {
        "name": name, "string_match": string_match(dict([value]))}
    headers = list(rule["headers"].items())
    headers += [(":method", rule["method"])] if rule["method"] else []
    headers += [(":authority", ("exact", rule["authority"].lower()))] if rule.get("authority") else []
    match["headers"] = [named(*one) for one in headers]
    match["query_parameters"] = [named(*one) for one in rule["queries"].items()]
    number = known.setdefault(rule["answer"], len(known))
    tag = lambda name: [{"header": {"key": name, "value": str(number)}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}]
    if rule["mirrors"]:
        # the backend echoes who was asked; the other only ever gets a copy
        action = {"cluster": "backend", "request_mirror_policies": [{"cluster": "shadow"}]}
        return {"match": match, "route": action, "request_headers_to_add": tag("x-asked")}
    backend = rule["answer"][0]
    if backend.startswith("redirect to "):
        host = backend.removeprefix("redirect to ").rpartition("://")[2].split("/")[0]
        to = {"host_redirect": host} if host not in ("", "HTTPS") else {}
        action = {"redirect": {"https_redirect": True, **to}}
    else:
        status = int(re.fullmatch(r"fixed answer (\d+)", backend)[1]) if backend.startswith("fixed answer") else 200
        action = {"direct_response": {"status": 500 if backend.startswith("error 500") else status}}
    return {"match": match, **action, "response_headers_to_add": tag("x-answer")}


def envoy_listener(port, hosts):
    prefix = "type.googleapis.com/envoy.extensions.filters"
    router = {"name": "envoy.filters.http.router", "typed_config": {"@type": f"{prefix}.http.router.v3.Router"}}
    manager = {"@type": f"{prefix}.network.http_connection_manager.v3.HttpConnectionManager", "stat_prefix": "test",
               "route_config": {"virtual_hosts": hosts}, "http_filters": [router]}
    chain = {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
    return {"name": f"l{port}", "filter_chains": [chain],
            "address": {"socket_address": {"address": "127.0.0.1", "port_value": port}}}


def envoy(program, folder, tables, first, known):
    listeners, clusters = [], []
    for port, one in enumerate(tables, first):
        listeners.append(envoy_listener(port, [
            {"name": host, "domains": [host], "routes": [envoy_rule(rule, known) for rule in rules]}
            for host, rules in envoy_hosts(*one)]))
    for port, (name, answer) in enumerate([("backend", "%REQ(x-asked)%"), ("shadow", "-1")], first + len(tables)):
        header = {"header": {"key": "x-answer", "value": answer}}
        echo = {"match": {"prefix": "/"}, "direct_response": {"status": 200}, "response_headers_to_add": [header]}
        listeners.append(envoy_listener(port, [{"name": name, "domains": ["*"], "routes": [echo]}]))
        at = {"endpoint": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": port}}}}
        clusters.append({"name": name, "type": "STATIC", "connect_timeout": "5s",
                         "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [at]}]}})
    config = folder / "envoy.json"
    config.write_text(json.dumps({"static_resources": {"listeners": listeners, "clusters": clusters}}))
    return [program, "-c", config, "--concurrency", "1", "--use-dynamic-base-id", "--log-level", "error"]


def quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


def haproxy_condition(rule, host):
    def one(fetch, value, option=""):
        kind, text = value
        if kind == "present":
            return f"{{ {fetch} -m found }}"
        if kind == "segments":
            kind, text = "reg", f"^{re.escape(text.rstrip('/'))}(/|$)"
        elif kind == "regex":
            kind, text = "reg", f"^(?:{text})$"
        return f"{{ {fetch} {option} -m {dict(exact='str', prefix='beg').get(kind, kind)} -- {quoted(text)} }}"

    found = [one("path", rule["path"], "-i" if rule.get("ignores_case") and rule["path"][0] != "regex" else "")]
    found += [one("method", rule["method"])] if rule["method"] else []
    found += [one("req.hdr(host)", ("exact", rule["authority"]), "-i")] if rule.get("authority") else []
    found += [one(f"req.fhdr({name})", value) for name, value in rule["headers"].items()]
    found += [one(f"urlp({name})", value) for name, value in rule["queries"].items()]
    return " ".join([host, *found])


def haproxy_host(host):
    if host.startswith("*."):
        return f"{{ req.hdr(host) -i -m reg -- {quoted('^.+' + re.escape(host[1:]) + '$')} }}"
    return "" if host == "*" else f"{{ req.hdr(host) -i -m str -- {quoted(host)} }}"


def haproxy(folder, tables, first, known):
    """Rules are asked one after the other. Each host ends with a 404 unless it falls back, and each listener does."""
    lines = ["global", "  maxconn 2000", "defaults", "  mode http", "  timeout client 30s", "  timeout server 30s",
             "  timeout connect 5s"]
    for port, (listeners, falls_back) in enumerate(tables, first):
        lines += [f"frontend p{port}", f"  bind 127.0.0.1:{port}"]
        for listener, hosts in listeners:
            for host, rules in hosts:
                for rule in rules:
                    number = known.setdefault(rule["answer"], len(known))
                    condition = haproxy_condition(rule, haproxy_host(host))
                    lines.append(f"  http-request return status 200 hdr x-answer {number} if {condition}")
                if not falls_back:
                    lines.append(f"  http-request return status 404 if {haproxy_host(host) or 'TRUE'}")
            lines.append(f"  http-request return status 404 if {haproxy_host(listener) or 'TRUE'}")
        lines.append("  http-request return status 404")
    config = folder / "haproxy.conf"
    config.write_text("\n".join([*lines, ""]))
    return ["haproxy", "-db", "-q", "-f", config]


class Proxy:
    """One proxy with many tables, each at its port."""

    def __init__(self, program, folder, tables):
        self.known, self.first, self.open = {}, free_ports(len(tables) + 2), {}
        if program:
            command = envoy(program, folder, tables, self.first, self.known)
        else:
            command = haproxy(folder, tables, self.first, self.known)
        self.answers = {str(number): answer for answer, number in self.known.items()}
        self.running = subprocess.Popen(command)
        wait_for(self.first + len(tables) - 1)

    def ask(self, at, request):
        """The backend that answers by a table, and its route."""
        method, host, path, headers = request
        if at not in self.open:
            self.open[at] = http.client.HTTPConnection("127.0.0.1", self.first + at, timeout=10)
        connection = self.open[at]
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in {"Host": host, **headers, "Content-Length": "0"}.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        answer.read()
        number = answer.getheader("x-answer")
        if number is None and answer.status != 404:
            sys.exit(f"{request}: the proxy itself answers {answer.status}")
        return self.answers[number] if number is not None else (None, None)

    def close(self):
        """Closes the connections."""
        for connection in self.open.values():
            connection.close()
        self.open.clear()

    def end(self):
        self.close()
        self.running.terminate()
        self.running.wait()
