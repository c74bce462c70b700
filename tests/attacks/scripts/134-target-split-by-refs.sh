# One target maps main and rel/* to production, so that both have one history. main caused an incident, rel/1 undid it (or deployed a hotfix). In core hours somebody splits the target by its refs, which "opens nothing";
# the next push deploys the incident again, or goes back past the hotfix, as a rollback: which refs share a history is asked of today's policy alone (src/gate/history/others.rs). No push of the attack may pass.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P="$AMERICA"'[environments.production]
[[targets]]
refs = ["refs/heads/main", "refs/heads/rel/*"]
paths = ["app/**"]
environment = "production"
'
SPLIT="$AMERICA"'[environments.production]
[[targets]]
refs = ["refs/heads/main"]
paths = ["app/**"]
environment = "production"
[[targets]]
refs = ["refs/heads/rel/*"]
paths = ["app/**"]
environment = "production"
'
for what in control attack; do
  for case in undone hotfix; do
    logged t "$P" "--record $ROOT/rec.jsonl"; say "$case, $what"
    put app/x good; commit A; GOOD=$(git rev-parse HEAD); timed "2025-07-09 02:00:00" origin main
    put app/x incident; commit E; timed "2025-07-09 02:10:00" origin main
    if [ $case = undone ]; then
      git checkout -q -b rel $GOOD; put docs/note undo; commit U; timed "2025-07-09 02:20:00" origin HEAD:refs/heads/rel/1; git checkout -q main
      put app/x fixed; commit V; timed "2025-07-09 02:30:00" origin main; last=incident
    else
      git checkout -q -b rel; put app/x hotfix; commit H; timed "2025-07-09 02:20:00" origin HEAD:refs/heads/rel/1; git checkout -q main; last=good
    fi
    if [ $what = attack ]; then printf '%s' "$SPLIT" > freezegate.toml; commit split; clock "2025-07-09 21:40:00"; push origin main | grep -E '^\[|refused|opens|allows'; fi
    put app/x $last; commit last; clock "$CLOSED"; push origin main | grep -E '^\[|refused:|verified|overridden'
  done
done
