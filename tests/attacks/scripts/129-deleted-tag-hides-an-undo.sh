# The deletion of an old tag between E and its undo U counts as the state right after E (see deleted-tag-takes-rollback-away.sh), so that U put nothing back: E was "never rolled back from". Deployed once more in open time and
# replaced by V, it comes in core hours as a "verified rollback", against rule 3 of docs/src/concepts/rollbacks.md. Last push: 1, as in the control (the old tag stays).
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P="$AMERICA"'[environments.production]
[[targets]]
refs = ["refs/tags/v*"]
environment = "production"
'
tag() { timed "2025-07-09 0$1" origin "$2:refs/tags/$3"; }
for what in control attack; do
  logged $what "$P" "--record $ROOT/rec.jsonl"
  put app/x old; commit old; tag 1:50:00 HEAD v0; put app/x good; commit A; G=$(git rev-parse HEAD); tag 2:00:00 HEAD v1
  put app/x evil; commit E; E=$(git rev-parse HEAD); tag 2:10:00 HEAD v2
  [ $what = attack ] && tag 2:11:00 "" v0
  put app/x good; put app/y 1; commit "U: undo of E, and more"; tag 2:20:00 HEAD v3
  tag 2:30:00 $E v4; git rm -q app/y; put app/x 2; commit V; tag 2:31:00 HEAD v5
  clock "$CLOSED"; push origin $E:refs/tags/v6 | grep -E 'exit|rollback|refused|verified'
done
