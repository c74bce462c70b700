"""Writes `tests/data/kubectl.json`: random command lines of kubectl, and where the real kubectl sends its requests.

    python3 tests/commands/kubectl.py KUBECTL… > tests/data/kubectl.json
    python3 tests/commands/kubectl.py --folders --lines 80 KUBECTL… > tests/data/kubectl-folders.json

It starts servers on 127.0.0.1 that stand for clusters, writes kubeconfigs that name them, and runs each line. Ports differ from run to
run, so the file has `http://a.test:1` to `:5` in their place; the tests read the kubeconfigs from the file, not from the disk.
"""

import argparse
import http.server
import json
import os
import random
import shutil
import subprocess
import tempfile
import threading

PORTS = {}
SEEN = []


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, code, body):
        data = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def handle_any(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        path = self.path.split("?")[0]
        port = self.server.server_address[1]
        parts = path.strip("/").split("/")
        if path == "/version":
            return self.answer(200, {"major": "1", "minor": "32", "gitVersion": "v1.32.4"})
        if path == "/api":
            return self.answer(200, {"kind": "APIVersions", "versions": ["v1"]})
        if path == "/apis":
            return self.answer(200, {"kind": "APIGroupList", "apiVersion": "v1", "groups": []})
        if path == "/api/v1":
            verbs = ["create", "delete", "get", "list", "patch", "update", "deletecollection"]
            kinds = [("pods", "pod", "po", "Pod"), ("configmaps", "configmap", "cm", "ConfigMap")]
            resources = [
                {"name": n, "singularName": s, "shortNames": [x], "namespaced": True, "kind": k, "verbs": verbs}
                for n, s, x, k in kinds
            ]
            return self.answer(200, {"kind": "APIResourceList", "groupVersion": "v1", "resources": resources})
        if self.command in ("DELETE", "PATCH", "POST", "PUT", "GET") and "namespaces" in parts:
            SEEN.append((port, self.command, parts[parts.index("namespaces") + 1]))
            kind = "ConfigMap" if "configmaps" in parts else "Pod"
            named = len(parts) > 5
            name = parts[5] if named else json.loads(body or b"{}").get("metadata", {}).get("name", "x")
            item = {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": parts[3], "resourceVersion": "1"}}
            if self.command == "GET" and not named:
                return self.answer(200, {"apiVersion": "v1", "kind": kind + "List", "items": [], "metadata": {"resourceVersion": "1"}})
            return self.answer(201 if self.command == "POST" else 200, item)
        return self.answer(404, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 404, "reason": "NotFound"})

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    def log_message(self, *_):
        pass


def cluster(name, port):
    return f"- name: {name}\n  cluster: {{server: \"http://a.test:{port}\"}}\n"


def context(name, cluster, namespace):
    tail = f", namespace: {namespace}" if namespace else ""
    return f"- name: {name}\n  context: {{cluster: {cluster}, user: u{tail}}}\n"


def config(clusters, contexts, current):
    text = "apiVersion: v1\nkind: Config\n"
    text += "clusters:\n" + "".join(cluster(*one) for one in clusters) if clusters else ""
    text += "contexts:\n" + "".join(context(*one) for one in contexts) if contexts else ""
    text += f"current-context: {current}\n" if current is not None else ""
    return text + "users:\n- name: u\n  user: {token: t}\n"


FILES = {
    "home/.kube/config": config([("c1", 1), ("c2", 2)], [("prod", "c1", "shop"), ("dev", "c2", None)], "dev"),
    "a": config([("c1", 3), ("c3", 3)], [("prod", "c3", "pay")], "prod"),
    "b": config([("c2", 4), ("c4", 4)], [("stage", "c4", "web"), ("prod", "c2", "other")], "stage"),
    "c": config([("c5", 5)], [("lone", "c5", "here")], None),
    "d": config([], [("cross", "c1", None)], ""),
    "one.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n",
    "own.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: own}\n",
    "two.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n---\napiVersion: v1\nkind: List\nitems:\n"
    "- {apiVersion: v1, kind: ConfigMap, metadata: {name: y, namespace: own}}\n",
}
FILES["kuberc"] = (
    "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\n"
    "defaults:\n- command: delete\n  options:\n  - name: namespace\n    default: rc\n"
    "aliases:\n- name: zap\n  command: delete\n  prependArgs: [pod]\n  options:\n  - name: context\n    default: prod\n"
)


FOLDERS = {
    path: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x%s}\n" % (f", namespace: {namespace}" if namespace else "")
    for path, namespace in [
        ("objects/a.yaml", "in-a"), ("objects/.b.yml", "in-b"), ("objects/note.txt", "out-note"), ("objects/UP.YAML", "out-up"),
        ("objects/plain.yaml", None), ("objects/sub/c.yaml", "in-c"), ("objects/sub/deep.yaml/d.yml", "in-d"),
        ("objects/none/README", "out-readme"), ("other/e.yaml", "in-e"), ("other/sub/f.json.txt", "out-f"),
    ]
}
FOLDERS["objects/sub/g.json"] = '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "namespace": "in-g"}}\n'


def folder_line(dice):
    """A line whose objects come from folders, and its environment."""
    verb = dice.choice(["create", "apply", "delete", "annotate", "label", "replace"])
    tail = {"annotate": ["a=b"], "label": ["a=b"], "delete": ["--wait=false"]}.get(verb, ["--validate=false"])
    names = ["objects", "objects/", "./objects", "objects/sub", "objects/sub/deep.yaml", "other", "other/e.yaml", "objects/note.txt", "objects/none"]
    words = [verb]
    for _ in range(dice.choice([1, 1, 2])):
        path = ",".join(dice.choice(names) for _ in range(dice.choice([1, 1, 2])))
        words += dice.choice([["-f", path], ["-f" + path], ["--filename=" + path]])
    words += dice.choice([[], [], ["-R"], ["--recursive"], ["--recursive=true"], ["--recursive=false"]]) + tail
    words += dice.choice([[], ["--context", "prod"], ["--context=dev"]])
    return words, {}


def line(dice):
    def option(*names):
        def one(value):
            name = dice.choice(names)
            if name.startswith("--"):
                return dice.choice([[f"{name}={value}"], [name, value]])
            return dice.choice([[name, value], [name + value], [f"{name}={value}"]])
        return one

    verb = dice.choice(["delete", "delete", "label", "annotate", "patch", "create", "apply", "zap", "replace"])
    words = {
        "delete": [["delete"], ["pod"], ["x"], ["--wait=false"]],
        "zap": [["zap"], ["x"], ["--wait=false"]],
        "label": [["label"], ["pod"], ["x"], ["a=b"]],
        "annotate": [["annotate"], ["pods/x"], ["a=b"]],
        "patch": [["patch"], ["po", "x"], ["-p", '{"metadata":{}}']],
        "create": [["create"], ["-f", dice.choice(["one.yaml", "own.yaml", "two.yaml"])], ["--validate=false"]],
        "apply": [["apply"], ["-f", dice.choice(["one.yaml", "own.yaml", "two.yaml"])], ["--validate=false"]],
        "replace": [["replace"], ["-f" + dice.choice(["one.yaml", "own.yaml"])], ["--validate=false"]],
    }[verb]
    extra = []
    if dice.random() < 0.5:
        extra.append(option("--context")(dice.choice(["prod", "prod", "dev", "dev", "stage", "lone", "cross", "nope", ""])))
    if dice.random() < 0.2:
        extra.append(option("--context")(dice.choice(["prod", "dev", "stage"])))
    if dice.random() < 0.25:
        extra.append(option("--cluster")(dice.choice(["c1", "c2", "c3", "c4", "c5", "nope"])))
    if dice.random() < 0.15:
        extra.append(option("-s", "--server")(f"http://a.test:{dice.randint(1, 5)}"))
    if dice.random() < 0.35:
        extra.append(option("-n", "--namespace")(dice.choice(["n1", "own", "rc"])))
    if dice.random() < 0.3:
        extra.append(option("--kubeconfig")(dice.choice(["a", "b", "c", "missing", "home/.kube/config"])))
    if dice.random() < 0.1:
        extra.append(dice.choice([["--grace_period=0"], ["--grace-period", "0"], ["-v", "0"], ["-v0"], ["--as", "me"], ["--unknown"]]))
    # options come before and behind, and between
    words = [words[0]] + words[1:]
    for one in extra:
        words.insert(dice.randint(0, len(words)), one)
    environment = {}
    if dice.random() < 0.6:
        names = [dice.choice(["a", "b", "c", "d", "missing", ""]) for _ in range(dice.randint(1, 4))]
        environment["KUBECONFIG"] = ":".join(names)
    roll = dice.random()
    if roll < 0.25 or verb == "zap":
        environment["KUBERC"] = "kuberc"
    elif roll < 0.3:
        environment["KUBERC"] = "off"
    return [word for one in words for word in one], environment


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lines", type=int, default=360, help="as many that reach a server")
    parser.add_argument("--folders", action="store_true", help="lines whose objects come from folders")
    parser.add_argument("--seed", type=int, default=15)
    parser.add_argument("kubectl", nargs="*", default=["kubectl"])
    asked = parser.parse_args()
    servers = []
    for number in range(1, 6):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        PORTS[number] = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
    numbers = {port: number for number, port in PORTS.items()}
    dice = random.Random(asked.seed)
    lines = []
    files = {**FILES, **FOLDERS} if asked.folders else FILES
    with tempfile.TemporaryDirectory() as folder:
        def real(text):
            for number, port in PORTS.items():
                text = text.replace(f"http://a.test:{number}", f"http://127.0.0.1:{port}")
            return text

        for path, text in files.items():
            os.makedirs(os.path.dirname(os.path.join(folder, path)) or folder, exist_ok=True)
            with open(os.path.join(folder, path), "w") as file:
                file.write(real(text))
        versions = {}
        for kubectl in map(shutil.which, asked.kubectl):
            told = subprocess.run([kubectl, "version", "--client", "-o", "json"], capture_output=True, text=True, env={"HOME": folder})
            versions[json.loads(told.stdout)["clientVersion"]["gitVersion"]] = kubectl
        reached = 0
        while reached < asked.lines:
            words, environment = folder_line(dice) if asked.folders else line(dice)
            went = {}
            for version, kubectl in versions.items():
                SEEN.clear()
                subprocess.run(
                    [kubectl] + [real(word) for word in words],
                    cwd=folder, capture_output=True, stdin=subprocess.DEVNULL,
                    env={"HOME": os.path.join(folder, "home"), "PATH": "/usr/bin:/bin", **environment},
                )
                # what is only looked up first is where the change goes too
                went[version] = sorted({(f"http://a.test:{numbers[port]}", namespace) for port, _, namespace in SEEN})
            if any(went.values()):
                reached += 1
            elif dice.random() < 0.6:
                continue
            lines.append({"words": words, "environment": environment, "went": went})
    print('{"files": %s, "lines": [' % json.dumps(files))
    print(",\n".join(json.dumps(one) for one in lines))
    print("]}")


main()
