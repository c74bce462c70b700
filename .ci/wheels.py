"""Makes Python wheels of the program, for pip, pipx, uv and pre-commit.

`pyproject.toml` names this file as its build backend (PEP 517), so `pip install` of this repository
runs it too. The program comes from the first of these:

1. the folder that FREEZEGATE_TREE names, as `.ci/package` lays it out
2. the release that `action.yml` pins: downloaded, and compared with its SHA-256
3. cargo, which takes Rust, a C compiler and a few minutes
"""

import base64
import hashlib
import io
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Of each target: its name in `action.yml`, how Python names its system, and the tag of a wheel for it.
# A static program of musl needs nothing of the system, so it is good for glibc and musl alike.
TARGETS = {
    "x86_64-unknown-linux-musl": (
        "LINUX_X64", ("Linux", "x86_64"), "manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64"),
    "aarch64-unknown-linux-musl": (
        "LINUX_ARM64", ("Linux", "aarch64"), "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64"),
    "aarch64-apple-darwin": ("MACOS_ARM64", ("Darwin", "arm64"), "macosx_11_0_arm64"),
    "x86_64-apple-darwin": ("MACOS_X64", ("Darwin", "x86_64"), "macosx_10_12_x86_64"),
    "x86_64-pc-windows-msvc": ("WINDOWS_X64", ("Windows", "AMD64"), "win_amd64"),
}


def manifest():
    """Returns the texts of the table `[package]`. Python reads TOML from 3.11 on only."""
    table = (ROOT / "Cargo.toml").read_text().split("\n[", 1)[0]
    return dict(re.findall(r'^(\w+) = "(.*)"$', table, re.MULTILINE))


def stop(text):
    raise SystemExit(f"freezegate: {text}")


def here():
    """Returns the target of this machine, or None if no release is for it."""
    machine = (platform.system(), platform.machine())
    return next((target for target, (_, its, _) in TARGETS.items() if its == machine), None)


def pinned():
    """Returns the release that `action.yml` pins, as its address and the SHA-256 by name; empty if it pins none."""
    action = (ROOT / "action.yml").read_text()
    values = dict(re.findall(r'^ +(ARCHIVES|[A-Z]+_(?:X|ARM)64): "([^"]*)"$', action, re.MULTILINE))
    return values.pop("ARCHIVES"), values


def unpack(file, folder):
    """Unpacks a tar, without what Python warns of where it can leave that out."""
    with tarfile.open(fileobj=file) as tar:
        tar.extractall(folder, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))


def download(address, expected, folder):
    """Unpacks the archive at `address`, if it is the one that was released."""
    try:
        with urllib.request.urlopen(address) as answer:
            archive = answer.read()
    except OSError as error:
        stop(f"{address} is not available ({error}); download it by hand and set FREEZEGATE_TREE to its folder")
    found = hashlib.sha256(archive).hexdigest()
    if found != expected:
        stop(f"{address} has SHA-256 {found}, expected {expected}; do not use it: try again, and report it if it stays")
    unpack(io.BytesIO(archive), folder)


def build(folder):
    """Builds the program from source."""
    if shutil.which("cargo") is None:
        stop("this commit is not a release, and without Rust it can't be built; "
             "install a released version, or Rust (https://rustup.rs)")
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).absolute()
    subprocess.run(["cargo", "build", "--release", "--locked"], cwd=ROOT, check=True)
    name = "freezegate.exe" if os.name == "nt" else "freezegate"
    shutil.copy(target / "release" / name, folder / name)


def wheel(tree, tag, folder):
    """Writes the wheel of what is in `tree` into `folder`, and returns its name."""
    crate = manifest()
    name = f"freezegate-{crate['version']}"
    files = {}
    for path in sorted(path for path in Path(tree).rglob("*") if path.is_file()):
        inner = path.relative_to(tree).as_posix()
        if "/" not in inner and path.stem == "freezegate":
            files[f"{name}.data/scripts/{inner}"] = path.read_bytes()
        elif inner.startswith("share/"):
            files[f"{name}.data/data/{inner}"] = path.read_bytes()
    for licence in ("LICENSE", "docs/third-party.txt"):
        files[f"{name}.dist-info/licenses/{Path(licence).name}"] = (ROOT / licence).read_bytes()
    files[f"{name}.dist-info/METADATA"] = "\n".join([
        "Metadata-Version: 2.4",
        "Name: freezegate",
        f"Version: {crate['version']}",
        f"Summary: {crate['description']}",
        f"License-Expression: {crate['license']}",
        "License-File: LICENSE",
        "License-File: third-party.txt",
        f"Project-URL: Source, {crate['repository']}",
        "Requires-Python: >=3.9",
        "Description-Content-Type: text/markdown",
        "",
        (ROOT / "README.md").read_text(),
    ]).encode()
    tags = "".join(f"Tag: py3-none-{one}\n" for one in tag.split("."))
    files[f"{name}.dist-info/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: freezegate\nRoot-Is-Purelib: false\n{tags}".encode()
    record = f"{name}.dist-info/RECORD"
    lines = []
    for inner, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.append(f"{inner},sha256={digest},{len(content)}\n")
    files[record] = ("".join(lines) + f"{record},,\n").encode()
    file = f"{name}-py3-none-{tag}.whl"
    with zipfile.ZipFile(Path(folder) / file, "w", zipfile.ZIP_DEFLATED) as archive:
        for inner, content in files.items():
            entry = zipfile.ZipInfo(inner, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o100755 if "/scripts/" in inner else 0o100644) << 16
            archive.writestr(entry, content)
    return file


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """The hook of PEP 517."""
    target = here()
    tag = TARGETS[target][2] if target else f"{platform.system()}_{platform.machine()}".lower()
    given = os.environ.get("FREEZEGATE_TREE")
    if given:
        return wheel(given, tag, wheel_directory)
    with tempfile.TemporaryDirectory() as tree:
        address, sums = pinned()
        expected = sums.get(TARGETS[target][0]) if target else None
        if address and expected:
            download(f"{address}/freezegate-{target}.tar.gz", expected, tree)
        else:
            build(Path(tree))
            if target and platform.system() == "Linux":
                # what cargo links here needs the glibc that is here
                tag = f"linux_{platform.machine()}"
        return wheel(tree, tag, wheel_directory)


def build_sdist(sdist_directory, config_settings=None):
    """The hook of PEP 517; a source package is cargo's to make."""
    print("freezegate: for the source, use `cargo package`", file=sys.stderr)
    raise UnsupportedOperation("no source distribution")


class UnsupportedOperation(Exception):
    """What PEP 517 has a backend raise that makes no source package."""
