# What was let in though it counts: a link that `except` leaves out as a file and that leads to a folder of the same target; routes in a file called
# `.toml`, and a submodule that the `except` of `[routes]` leaves out as a file; stops beyond those that are read, after the ref was set back.
. "$(dirname "$0")/routes.sh"
P="$AMERICA"'[environments.production]
[[targets]]
paths  = ["deploy/{environment}/**"]
except = ["**/*.md"]
'
ARENA_POLICY="$P" arena link; say link; put deploy/production/off/evil.yaml "a: 1"; put deploy/production/readme "1"; commit off; push origin main
clock "$CLOSED"; base=$(git rev-parse HEAD); ln -s off deploy/production/on.md; commit folder; push origin main; git reset -q --hard "$base"
ln -s missing deploy/production/on.md; commit missing; push origin main; git reset -q --hard "$base"; ln -s readme deploy/production/on.md; commit file; push origin main
route() { printf 'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: %s, namespace: %s}\nspec: {rules: [{host: login.example.com, http: {paths: [{path: %s, pathType: Prefix, backend: {service: {name: x, port: {number: 80}}}}]}}]}\n' "$1" "$2" "$3"; }
GUARDED="${GUARDED/owners/except = [\"**\/*.tpl\"]
owners}"
begun toml; route l production / > routes/login.yaml; served; route h pre-production /sso > routes/h.toml; to hijack; git reset -q --hard HEAD~; put routes/h.toml 'a = 1'; to toml
sed -i 's/^owners.*/owners = ["{environment}"]/' freezegate.toml; printf 'x = """\n---\n%s\n---\n#"""\n' "$(route h pre-production /sso)" > routes/p.toml; to both; git reset -q --hard HEAD~
git update-index --add --cacheinfo 160000,0123456789012345678901234567890123456789,routes/h.tpl; git commit -qm submodule; clock "$SATURDAY"; push origin main | grep exit
logged stops "$POLICY" "--record $ROOT/rec.jsonl --stops refs/freezegate/stops"
stops() { # COUNT FIRST
  python3 - "$1" "$2" > "$A/stops.jsonl" <<'S'
import hashlib, json, sys
for i in range(int(sys.argv[2]), int(sys.argv[2]) + int(sys.argv[1])):
    entry = {"schema": "freezegate/stop/v1", "entry": "stop", "environments": ["staging"], "regions": [], "services": [], "from": "2025-07-06T12:00:00Z",
        "until": "2025-07-28T%02d:%02d:00Z" % (i // 60, i % 60), "incident": "INC-1", "reason": "r", "by": "ada@example.com"}
    body = json.dumps(entry, separators=(",", ":"))
    print(body[:-1] + ',"id":"' + hashlib.sha256(body.encode()).hexdigest() + '"}')
S
  git commit-tree -m stops "$(printf '100644 blob %s\tstops.jsonl\n' "$(git hash-object -w "$A/stops.jsonl")" | git mktree)"
}
push origin "$(stops 100 0):refs/freezegate/stops"; put docs/readme 2; commit readme; push origin main; git -C "$SERVER" update-ref -d refs/freezegate/stops
push origin "$(stops 1 200):refs/freezegate/stops"; put docs/readme 3; commit readme; push origin main
