# The third face of settled-tag-erases-a-state.sh, in core hours alone: whoever may push moves the tag of the state before to what is deployed now. That is settled (exit 0 at any hour, no entry), the tag holds neither what it
# brought nor what was there before, so Landed::Unknown, and the honest rollback is refused from then on. The last push of the attack must be allowed as that of the control.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P="$AMERICA"'[environments.production]
[[targets]]
refs = ["refs/tags/v*"]
environment = "production"
'
for what in control attack; do
  logged $what "$P" "--record $ROOT/rec.jsonl"
  put app/x good; commit A; G=$(git rev-parse HEAD); timed "2025-07-09 02:00:00" origin HEAD:refs/tags/v1
  put app/x bad; commit E; E=$(git rev-parse HEAD); timed "2025-07-09 02:10:00" origin HEAD:refs/tags/v2
  [ $what = attack ] && { echo "in core hours, by whoever may push:"; timed "$CLOSED" origin +$E:refs/tags/v1; }
  clock "2025-07-09 21:50:00"; push origin $G:refs/tags/v3 | grep -E 'exit|rollback|refused|verified|missing'
done
