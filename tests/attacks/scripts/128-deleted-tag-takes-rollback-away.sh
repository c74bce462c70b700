# Deleting an old tag (in open time, as a clean-up does) counts as the newest state of the environment, "nothing": from then on the honest rollback of what is deployed is refused in core hours. Others::counts
# (src/gate/history/others.rs) leaves deletions out for branches ("that a branch was deleted brought nothing") and not where a tag is moved (self.is_tag ||). The last push of the attack must be allowed as that of the control.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P="$AMERICA"'[environments.production]
[[targets]]
refs = ["refs/tags/v*"]
environment = "production"
'
for what in control attack; do
  logged $what "$P" "--record $ROOT/rec.jsonl"
  put app/x 0; commit old; timed "2025-07-09 01:50:00" origin HEAD:refs/tags/v0
  put app/x good; commit A; G=$(git rev-parse HEAD); timed "2025-07-09 02:00:00" origin HEAD:refs/tags/v1
  put app/x bad; commit E; timed "2025-07-09 02:10:00" origin HEAD:refs/tags/v2
  [ $what = attack ] && timed "2025-07-09 02:20:00" origin :refs/tags/v0
  clock "$CLOSED"; push origin $G:refs/tags/v3 | grep -E 'exit|rollback|refused|verified|missing|differs'
done
