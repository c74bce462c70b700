# The owner's freeze is on main, and no job was run for it. Mallory takes it back, which runs no job either, and changes production. In a checkout
# of the last commit alone, `--fetch` brought what the change is compared with, and not the policies between: allowed, without a warning. They
# are fetched now; without `--fetch`, the base is missing, or the history between.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P="$AMERICA"'[environments.production]
[[targets]]
paths = ["deploy/{environment}/**"]
'
job() { # BEFORE DEPTH [options]: the job of a push of HEAD to main, in a checkout of its own
  local before=$1 depth=$2 new; shift 2; new=$(git rev-parse HEAD); rm -rf "$A/job"; git init -q "$A/job"
  git -C "$A/job" remote add origin "file://$SERVER"; git -C "$SERVER" config uploadpack.allowAnySHA1InWant true
  git -C "$A/job" fetch -q --no-tags --depth="$depth" origin "+$new:refs/remotes/origin/main"; git -C "$A/job" checkout -q --detach "$new"
  printf '{"before":"%s","after":"%s","ref":"%s","repository":{"default_branch":"main"}}' "$before" "$new" "$main" > "$A/event.json"
  (cd "$A/job"; GITHUB_ACTIONS=true GITHUB_EVENT_NAME=push GITHUB_SHA=$new GITHUB_REF=$main GITHUB_EVENT_PATH=$A/event.json GITHUB_ACTOR=eve \
    GITHUB_RUN_ATTEMPT=1 faketime -f "$OPEN" $FG check production --record "$ROOT/rec.jsonl" "$@" > "$A/o" 2>&1; echo "[exit $?]"); grep -E '^(refused|allowed|error)' "$A/o"
}
history() { # NAME
  begin "$1" "$P"; S=$(made s deploy/production/app good); git push -q origin main; job "$Z" 50 --fetch
  printf '[[freezes]]\nname = "emergency"\nfrom = 2025-07-01T00:00:00\nuntil = 2025-08-01T00:00:00\ntimezone = "UTC"\n' >> freezegate.toml
  commit freeze; git push -q origin main; git revert --no-edit HEAD > /dev/null; J=$(git rev-parse HEAD); git push -q origin main
  made x deploy/production/app evil > /dev/null; git push -q origin main
}
for depth in 50 1; do history "depth $depth"; job "$J" "$depth" --fetch; done
history "depth 2, nothing is fetched"; job "$J" 2
history "depth 4, which has it all"; job "$J" 4
