# A state whose commit is gone stops each rollback until it is older than `[rollback] within` of the policy in force, and a shorter one "closed", so that it passed at any hour: the incident that the state's branch undid came again, as
# a rollback. A shorter `within` counts as an opening too now. The last job must be 1 in all cases.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P="$AMERICA"'[environments.production]
[[targets]]
refs = ["refs/heads/main", "refs/heads/rel/*"]
paths = ["app/**"]
environment = "production"
'
job() { # REF BEFORE TIME: a checkout of its own, of all branches, as a job makes it
  local ref=$1 before=$2 time=$3; shift 3; rm -rf "$A/job"; git clone -q "file://$SERVER" "$A/job"
  ( cd "$A/job"; git checkout -q "origin/${ref#refs/heads/}"; new=$(git rev-parse HEAD)
    at "$time" $FG check --enforce --range "$before..$new" --ref "$ref" --record "$ROOT/rec.jsonl" > "$A/o" 2>&1; echo "[exit $?]"; grep -E '^(refused|allowed|error)|  rollback|verified|edit (opens|closes)|rolled' "$A/o" | tr '\n' '|'; echo )
}
on() { local old; old=$(git rev-parse -q --verify "refs/remotes/origin/${1#refs/heads/}" || echo $none); git push -q origin "HEAD:$1"; git fetch -q; job "$1" "$old" "$2"; }
for what in control0 control attack; do
  begin $what "$P"
  put app/x good; commit A; GOOD=$(git rev-parse HEAD); on $main "2025-07-09 02:00:00"
  put app/x evil; commit E; on $main "2025-07-09 02:10:00"
  git checkout -q -b rel $GOOD; put docs/note undo; commit U; on $rel "2025-07-09 02:20:00"; git checkout -q main
  put app/x other; commit M; on $main "2025-07-09 02:30:00"
  put app/x evil; commit E2; on $main "2025-07-09 02:32:00"
  put app/x fixed; commit V; on $main "2025-07-09 02:40:00"
  [ $what = control0 ] || { git push -q origin :$rel; git branch -qD rel; git fetch -qp; }
  if [ $what = attack ]; then printf '[rollback]\nwithin = "19h10m"\n' >> freezegate.toml; commit within; on $main "2025-07-09 21:40:00"; fi
  put app/x evil; commit "E again"; echo "the incident again, in core hours"; on $main "$CLOSED"
done
