# "A change that was rolled back can't be repeated as a rollback" (docs/src/recipes/terraform.md). It can, if an older plan within `[rollback] within` left the same value: P0 x: bad -> good, P1 x: good -> bad (open time),
# P2 x: bad -> good (open time), P3 x: good -> bad passes in core hours as what takes P0 back. AllowedPlans::taken_back (src/proof/record/folded/plans.rs) leaves out plans that go back (P2),
# and does not ask whether what the plan brings was gone back from. The last job of the attack must be 1, as that of the control (P0 is not there).
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
ARENA_POLICY="$AMERICA"'[environments.production]
'; arena a; rm "$SERVER/hooks/pre-receive"; printf '%s' "$ARENA_POLICY" > "$A/p.toml"
plan() { # TIME BEFORE AFTER
  printf '{"format_version":"1.2","planned_values":{},"resource_changes":[{"address":"aws_dynamodb_table.chats","type":"aws_dynamodb_table","change":{"actions":["update"],"before":{"id":"chats","x":"%s"},"after":{"id":"chats","x":"%s"},"after_unknown":{},"before_sensitive":{},"after_sensitive":{}}}]}' "$2" "$3" > "$A/plan.json"
  at "$1" $FG check production --enforce --policy "$A/p.toml" --record "$ROOT/rec.jsonl" --plan "$A/plan.json" > "$A/o" 2>&1; echo "$1 $2 -> $3: exit $? $(grep -E '^(refused|allowed)|  rollback' "$A/o" | tr '\n' '|')"; }
for what in control attack; do
  rm -f "$ROOT"/rec.jsonl*; say "$what"
  [ $what = attack ] && plan "2025-07-09 01:00:00" bad good
  plan "2025-07-09 02:00:00" good bad; plan "2025-07-09 03:00:00" bad good; plan "2025-07-09 15:10:00" good bad
done
