# "On a server, a push that was allowed and then rejected, for example by another hook, creates no state" (docs/src/concepts/rollbacks.md). It does, if its branch gets a commit of docs after it: Evidence::of
# (src/gate/landed.rs) compares whole trees, says Landed::Unknown, and no rollback of any branch goes past it. The last push of the attack must be allowed, as that of the control (no commit of docs).
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P="$AMERICA"'[environments.production]
[[targets]]
refs = ["refs/heads/main", "refs/heads/rel/*"]
paths = ["app/**"]
environment = "production"
'
for what in control attack; do
logged b "$P" "--record $ROOT/rec.jsonl"; say $what
put app/x 0; commit S0; timed "2025-07-09 02:00:00" origin main; timed "2025-07-09 02:05:00" origin HEAD:refs/heads/rel/1; S=$(git rev-parse HEAD)
printf '#!/bin/sh\n[ -e %s/reject ] && exit 1; exit 0\n' "$A" > "$SERVER/hooks/update"; chmod +x "$SERVER/hooks/update"
put app/x other; commit E; touch "$A/reject"; timed "2025-07-09 02:06:00" origin HEAD:refs/heads/rel/1; rm "$A/reject"; git reset -q --hard $S
[ $what = attack ] && { put docs/readme 2; commit docs; timed "2025-07-09 02:07:00" origin HEAD:refs/heads/rel/1; git reset -q --hard $S; }
put app/x bad; commit B; timed "2025-07-09 02:10:00" origin main
git revert --no-edit HEAD > /dev/null; clock "2025-07-09 15:20:00"; push origin main | grep -E 'exit|rollback|refused|verified'
done
