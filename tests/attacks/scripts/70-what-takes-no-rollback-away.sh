# Rollbacks and tags that were refused for no good reason: freezes that are added now and name what a policy of then had not, the policy of a commit that is gone. The last push of each case must pass.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
BEGIN="$AMERICA"'[environments.production]
exempt = ["rollback"]
'
TAGS='[[targets]]
refs = ["refs/tags/v*"]
environment = "production"
'
for record in "--record $ROOT/rec.jsonl" ""; do
  logged "added-freeze${record:+-record}" "$BEGIN[[targets]]
paths = [\"web/**\"]
environment = \"production\"
" "$record"
  put web/a 1; commit S; timed "2025-07-09 02:00:00" origin main; put web/a 2; commit Y; timed "2025-07-09 02:00:01" origin main
  printf '[environments.canary]\n' >> freezegate.toml; commit P; timed "2025-07-09 02:00:02" origin main
  at "2025-07-09 21:40:00" $FG stop canary --for 2h --incident INC-7 --reason "login down" > "$ROOT/stop.toml" 2>/dev/null
  hook $record --extra-freezes "$ROOT/stop.toml"
  put web/a 1; commit B; timed "2025-07-09 21:46:00" origin main
done
logged added-freeze-tag "$BEGIN$TAGS" "--record $ROOT/rec.jsonl"
put src/app 1; commit S; S=$(git rev-parse HEAD); timed "2025-07-09 02:00:00" origin main HEAD:refs/tags/v1
printf '[environments.canary]\n' >> freezegate.toml; commit P; timed "2025-07-09 02:00:02" origin main
hook --record "$ROOT/rec.jsonl" --extra-freezes "$ROOT/stop.toml"
timed "2025-07-09 21:46:00" origin $S:refs/tags/v2
logged gone "$BEGIN$TAGS" "--record $ROOT/rec.jsonl"
first=$(git rev-parse HEAD); git checkout -q -b side; put src/app 2; commit X; X=$(git rev-parse HEAD); git checkout -q main
printf '# one\n' >> freezegate.toml; commit P1; timed "2025-07-09 02:00:01" origin main; timed "2025-07-09 02:00:02" origin $X:refs/tags/v1
git reset -q --hard "$first"; printf '# two\n' >> freezegate.toml; commit P2; timed "2025-07-09 02:00:03" origin +main
git -C "$SERVER" reflog expire --expire=now --all; git -C "$SERVER" gc -q --prune=now
timed "2025-07-09 02:00:04" origin $X:refs/tags/v2
