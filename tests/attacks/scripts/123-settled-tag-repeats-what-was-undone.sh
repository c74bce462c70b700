# settled-tag-erases-a-state.sh to its end: what caused an incident and was undone (E) is deployed again in core hours as a "verified rollback". Two moves of tags that are settled, and so leave no entry, make
# Landed::No of the state before E (whose content the undo put back) and of what was deployed between. "That state was never itself rolled back from" (docs/src/concepts/rollbacks.md). Last push of each: 1.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P="$AMERICA"'[environments.production]
[[targets]]
refs = ["refs/tags/v*"]
environment = "production"
'
tag() { timed "2025-07-0$1" origin "+$2:refs/tags/$3" | sed "s/^/$3: /"; }
for what in control attack; do
  logged $what "$P" "--record $ROOT/rec.jsonl"
  put app/x 0; commit B0; B=$(git rev-parse HEAD); put app/x good; commit A; G=$(git rev-parse HEAD)
  put app/x evil; commit E; E=$(git rev-parse HEAD); put app/x good; put app/y 1; commit "undo of E, and more"; U=$(git rev-parse HEAD)
  git push -q origin main:refs/heads/all
  tag "9 02:00:00" $B v1; tag "9 02:05:00" $G v1; tag "9 02:10:00" $E v2; tag "9 02:20:00" $U v3
  if [ $what = attack ]; then
    tag "9 02:30:00" $U v4; tag "9 02:31:00" $B v4; tag "9 02:32:00" $B v1; tag "9 02:33:00" $U v5; tag "9 02:34:00" $U v4
  fi
  clock "$CLOSED"; push origin $E:refs/tags/v9 | grep -E 'exit|rollback|refused|verified'
done
