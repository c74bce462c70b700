"""Writes `tests/data/manifests/public.json`: manifests of a repository, and how the real kubectl reads each.

    git clone https://github.com/kubernetes/examples
    python3 tests/commands/annotate.py KUBECTL examples [--most BYTES] > tests/data/manifests/public.json

`kubectl annotate --local` reads a file without a cluster, and prints its objects. `objects` is null where it refuses the file.
"""

import argparse
import json
import pathlib
import subprocess

CONTAINERS = ("containers", "initContainers", "ephemeralContainers")


def values(text):
    """The values of a stream of JSON."""
    decoder, text = json.JSONDecoder(), text.strip()
    while text:
        value, end = decoder.raw_decode(text)
        yield value
        text = text[end:].strip()


def images(value):
    if isinstance(value, list):
        for item in value:
            yield from images(item)
    if isinstance(value, dict):
        for key, item in value.items():
            if key in CONTAINERS and isinstance(item, list):
                yield from (one["image"] for one in item if isinstance(one, dict) and isinstance(one.get("image"), str))
            yield from images(item)


def told(value):
    metadata = value["metadata"]
    return {
        "object": f"{value['kind']} {metadata.get('namespace', 'default')}/{metadata.get('name', '')}",
        "labels": sorted(f"{name}={text}" for name, text in (metadata.get("labels") or {}).items()),
        "images": sorted(set(images(value))),
    }


def read(kubectl, path):
    command = [kubectl, "annotate", "--local", "-f", path, "freezegate.example.com/seen=1", "-o", "json"]
    ended = subprocess.run(command, capture_output=True, text=True, env={"HOME": "/nonexistent", "PATH": "/usr/bin"})
    if ended.returncode != 0:
        return None
    found = []
    for value in values(ended.stdout):
        found += [told(item) for item in value.get("items", [])] if value["kind"] == "List" else [told(value)]
    return sorted(found, key=lambda one: one["object"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("kubectl")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--most", type=int, default=1 << 20)
    arguments = parser.parse_args()
    rows = []
    for path in sorted(arguments.folder.rglob("*")):
        if path.suffix not in (".yaml", ".yml", ".json") or path.stat().st_size > arguments.most:
            continue
        text = path.read_text()
        rows.append({"file": str(path.relative_to(arguments.folder)), "text": text, "objects": read(arguments.kubectl, path)})
    print("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]")


main()
