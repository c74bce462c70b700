"""Shows `freezegate credential` with a real kubectl and, if it is there, a real aws: refused, nothing is asked; allowed, the token arrives.

    python3 tests/commands/credential.py FREEZEGATE [KUBECTL] [AWS]

Run it after a change to `src/cli/credential`. It needs openssl, and starts a server on 127.0.0.1 with a certificate of its own.
"""

import http.server
import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading

SEEN = []


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        SEEN.append((self.path.split("?")[0], self.headers.get("Authorization")))
        body = {"/version": {"major": "1", "minor": "32", "gitVersion": "v1.32.4"}, "/api": {"kind": "APIVersions", "versions": ["v1"]}}
        data = json.dumps(body.get(self.path.split("?")[0], {"kind": "Status", "code": 404, "status": "Failure"})).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


POLICY = """version = 1
[environments.production]
[environments.vault]
[[targets]]
servers = ["https://127.0.0.1:{port}"]
environment = "production"
[[freezes]]
name = "sealed"
from = 2000-01-01T00:00:00
until = 8000-01-01T00:00:00
timezone = "UTC"
environments = ["vault"]
"""


def main():
    freezegate = os.path.abspath(sys.argv[1])
    kubectl = sys.argv[2] if len(sys.argv) > 2 else "kubectl"
    aws = sys.argv[3] if len(sys.argv) > 3 else shutil.which("aws")
    with tempfile.TemporaryDirectory() as folder:
        def path(name, text=None, mode=0o644):
            name = os.path.join(folder, name)
            if text is not None:
                with open(name, "w") as file:
                    file.write(text)
                os.chmod(name, mode)
            return name

        subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", path("key"), "-out", path("cert")]
                       + subject, check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path("cert"), path("key"))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.server_address[1]
        path("freezegate.toml", POLICY.format(port=port))
        kube = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": "the-token"}}
        path("kube", f"#!/bin/sh\necho '{json.dumps(kube)}'\n", 0o755)
        keys = {"Version": 1, "AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": "secret"}
        path("aws-provider", f"#!/bin/sh\necho '{json.dumps(keys)}'\n", 0o755)

        def kubeconfig(environment):
            arguments = ["credential", "kube", environment, "--policy", path("freezegate.toml"), "--", path("kube")]
            execute = {"apiVersion": "client.authentication.k8s.io/v1", "command": freezegate, "args": arguments,
                       "interactiveMode": "Never", "provideClusterInfo": True}
            return path("config", json.dumps({
                "apiVersion": "v1", "kind": "Config", "current-context": "c",
                "clusters": [{"name": "c", "cluster": {"server": f"https://127.0.0.1:{port}", "certificate-authority": path("cert")}}],
                "users": [{"name": "c", "user": {"exec": execute}}],
                "contexts": [{"name": "c", "context": {"cluster": "c", "user": "c"}}],
            }))

        def run(command, **more):
            environment = {"HOME": folder, "PATH": os.environ["PATH"], **more}
            return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)

        for environment, is_allowed, said in [("production", True, ""), ("vault", False, "refused: ")]:
            SEEN.clear()
            ended = run([kubectl, "get", "--raw", "/api", "--kubeconfig", kubeconfig(environment)])
            tokens = {token for _, token in SEEN}
            assert said in ended.stderr, ended.stderr
            assert (ended.returncode == 0) == is_allowed, ended
            assert tokens == ({"Bearer the-token"} if is_allowed else set()), SEEN
            print(f"kubectl, {environment}: {'the token arrived' if is_allowed else 'no request; ' + ended.stderr.splitlines()[0]}")
        if aws:
            for environment, is_allowed in [("production", True), ("vault", False)]:
                arguments = f"credential aws {environment} --policy {path('freezegate.toml')} -- {path('aws-provider')}"
                config = path("aws-config", f"[default]\nregion = eu-west-1\ncredential_process = {freezegate} {arguments}\n")
                more = {"AWS_CONFIG_FILE": config, "AWS_EC2_METADATA_DISABLED": "true", "PYENV_ROOT": os.environ.get("PYENV_ROOT", os.path.expanduser("~/.pyenv"))}
                ended = run([aws, "configure", "list"], **more)
                has_key = "custom-process" in ended.stdout
                assert has_key == is_allowed, ended
                assert is_allowed or "refused: " in ended.stdout + ended.stderr, ended
                print(f"aws, {environment}: {'has the key' if has_key else 'no key; ' + ended.stderr.strip().splitlines()[-1][:100]}")


main()
