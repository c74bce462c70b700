# A push of more stops than a place may hold was accepted, though they closed nothing yet: from then on every push, every job and `stop` itself
# ended with exit status 2. A hundred are accepted, and one more, or many that begin later, are not.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
logged stops "$POLICY" "--record $ROOT/rec.jsonl --stops refs/freezegate/stops"
stops() { # COUNT FROM
  python3 - "$1" "$2" > "$A/stops.jsonl" <<'P'
import hashlib, json, sys
for i in range(int(sys.argv[1])):
    entry = {"schema": "freezegate/stop/v1", "entry": "stop", "environments": ["staging"], "regions": [], "services": [], "from": sys.argv[2] + "T12:00:00Z",
        "until": sys.argv[2][:-2] + "28T%02d:%02d:00Z" % (i // 60, i % 60), "incident": "INC-1", "reason": "r", "by": "ada@example.com"}
    body = json.dumps(entry, separators=(",", ":"))
    print(body[:-1] + ',"id":"' + hashlib.sha256(body.encode()).hexdigest() + '"}')
P
  git commit-tree -m stops "$(printf '100644 blob %s\tstops.jsonl\n' "$(git hash-object -w "$A/stops.jsonl")" | git mktree)"
}
# two whose ids begin with the same twelve digits, which nine million tries find, would be two freezes of one name
cat > "$A/stops.jsonl" <<'P'
{"schema":"freezegate/stop/v1","entry":"stop","environments":["staging"],"regions":[],"services":[],"from":"2026-11-28T12:00:00Z","until":"2026-11-28T14:00:00Z","incident":"INC-1","reason":"x","by":"eve+1179210@example.com","id":"5460807a9c379d1978c027e42edf09dfae46574e3fdc71653a66616f8ce938a8"}
{"schema":"freezegate/stop/v1","entry":"stop","environments":["staging"],"regions":[],"services":[],"from":"2026-11-28T12:00:00Z","until":"2026-11-28T14:00:00Z","incident":"INC-1","reason":"x","by":"eve+8975292@example.com","id":"5460807a9c37828c2cad863665b9001072e9b378569c1b5330f397e770ccbb30"}
P
tree=$(printf '100644 blob %s\tstops.jsonl\n' "$(git hash-object -w "$A/stops.jsonl")" | git mktree)
push origin "$(git commit-tree -m stops "$tree"):refs/freezegate/stops"
push origin "$(stops 101 2025-07-06):refs/freezegate/stops"; push origin "$(stops 101 2025-09-06):refs/freezegate/stops"; push origin "$(stops 1 2025-09-06):refs/freezegate/stops"
push origin "$(stops 100 2025-07-06):refs/freezegate/stops"; put docs/readme 2; commit readme; push origin main
# a tag, on which nobody could build
git tag -a -m stops all-stops "$(git ls-remote origin refs/freezegate/stops | cut -f1)"; push origin "$(git rev-parse all-stops):refs/freezegate/stops"
