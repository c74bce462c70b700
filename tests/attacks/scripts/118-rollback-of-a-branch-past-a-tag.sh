# (Maybe meant: rollbacks.md speaks of branches and of one target.) A server deploys production from main (paths) and from tags (a target of its own, as docs/src/concepts/judged.md proposes). What a tag brought is no state of the
# history of main (Others::counts, src/gate/history/others.rs: only shared targets), so that main goes back in core hours past a hotfix that a tag brought, to what is not the state just before. A job (last case) is refused.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P="$AMERICA"'[environments.production]
[[targets]]
paths = ["app/**"]
environment = "production"
[[targets]]
refs = ["refs/tags/v*"]
environment = "production"
'
one="$(sed 's/^paths = /refs = ["refs\/heads\/main", "refs\/tags\/v*"]\npaths = /; /^\[\[targets\]\]$/{x;s/^/x/;/^xx/{x;q};x}' <<< "$P" | sed '$d')
"
for what in one two; do
  [ $what = one ] && policy=$one || policy=$P
  logged t "$policy" "--record $ROOT/rec.jsonl"; say "server, $what target(s)"
  put app/x 0; commit A; timed "2025-07-09 02:00:00" origin main; put app/x 1; commit B; B=$(git rev-parse HEAD); timed "2025-07-09 02:10:00" origin main
  put app/x hotfix; commit C; timed "2025-07-09 02:20:00" origin HEAD:refs/tags/v1; git reset -q --hard $B
  git revert --no-edit HEAD > /dev/null; clock "$CLOSED"; push origin main | grep -E 'exit|rollback|refused|verified'
done
begin j "$P"; say "jobs"
A0=$(made A app/x 0); deploy_job $main $Z $A0 "2025-07-09 02:00:00" > /dev/null; B=$(made B app/x 1); deploy_job $main $A0 $B "2025-07-09 02:10:00" > /dev/null
git checkout -q -b w; C=$(made C app/x hotfix); git checkout -q main; deploy_job refs/tags/v1 $none $C "2025-07-09 02:20:00" > /dev/null
git revert --no-edit HEAD > /dev/null; deploy_job $main $B $(git rev-parse HEAD) "$CLOSED"
