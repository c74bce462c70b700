# RefStates::drop_the_same (src/proof/record/folded/ref_states.rs) drops, after [rollback] within, a state of the same tree as the one before it on its own ref. By any ref that state was the undo of what another
# ref brought between: S (rel/1), E (main), S' (rel/1, an empty commit: the undo of E); rel/1 is deleted, which is no state for others; after 72 h rel/1 is made anew with X, S' is forgotten, and E counts as what was
# just before X, replaced now, and never undone: E is deployed in core hours as a "verified rollback", 4 days after its undo. The last push must be refused as that of the control (rel/1 stays; X comes on top).
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P="$AMERICA"'[environments.production]
[[targets]]
refs = ["refs/heads/main", "refs/heads/rel/*"]
environment = "production"
'
for what in control control2 attack; do # control2: the same as the attack, within 72 h
  logged $what "$P" "--record $ROOT/rec.jsonl"; B=$(git rev-parse HEAD)
  put app/x good; commit S; S=$(git rev-parse HEAD); timed "2025-07-06 12:00:00" origin $S:refs/heads/rel/1
  git reset -q --hard $B; put app/x evil; commit E; E=$(git rev-parse HEAD); timed "2025-07-06 12:10:00" origin main
  git checkout -q -b r $S; commit "the undo of E: what rel/1 has, deployed again"; timed "2025-07-06 12:20:00" origin HEAD:rel/1
  [ $what = control ] || timed "2025-07-06 12:30:00" origin :rel/1; [ $what = control2 ] && day=08 || day=10
  put app/x 2; commit X; timed "2025-07-$day 02:00:00" origin HEAD:refs/heads/rel/1
  git checkout -q main; commit "E again"; clock "2025-07-$day 21:45:00"; push origin main | grep -E 'exit|rollback|refused|verified|missing'
done
