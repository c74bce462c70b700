# A state that landed is taken for one that git turned down (src/gate/landed.rs Evidence::of: the ref holds what it held before, so Landed::No), if its tag is moved back in a push that is "settled" (nothing new:
# src/gate/push/tags.rs) and so leaves no entry. main then goes back past what the tag brought. The last push of the attack must be refused as that of the control (the tag stays).
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P="$AMERICA"'[environments.production]
[[targets]]
paths = ["app/**"]
environment = "production"
[[targets]]
refs = ["refs/tags/v*"]
environment = "production"
'
for what in control attack; do
  logged $what "$P" "--record $ROOT/rec.jsonl"
  put app/x 1; commit A; A1=$(git rev-parse HEAD); timed "2025-07-09 02:00:00" origin main
  put app/x 0; commit S; S=$(git rev-parse HEAD); timed "2025-07-09 02:10:00" origin main
  timed "2025-07-09 02:12:00" origin $S:refs/tags/v1
  put app/x hotfix; commit C; C=$(git rev-parse HEAD); timed "2025-07-09 02:20:00" origin +$C:refs/tags/v1
  timed "2025-07-09 02:30:00" origin $S:refs/tags/v2; wc -l < $ROOT/rec.jsonl
  [ $what = attack ] && timed "2025-07-09 02:31:00" origin +$S:refs/tags/v1; wc -l < $ROOT/rec.jsonl
  git reset -q --hard $S; git revert --no-edit HEAD > /dev/null; clock "$CLOSED"; push origin main | grep -E 'exit|rollback|refused|verified'
done
