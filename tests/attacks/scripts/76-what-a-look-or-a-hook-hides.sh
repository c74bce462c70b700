# What a job is compared with where looks, hooks, administrators and new environments come in between. The last line of each case must be a refusal, but of `ways` none.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
# A job that deploys nothing.
looked() { # REF OLD NEW TIME
  at "$4" $FG check --enforce --range "$2..$3" --ref "$1" --record "$ROOT/rec.jsonl" > "$A/o" 2>&1; echo "[git push exit $?]"
}
MIGRATIONS='version = 1
[regions.us]
timezones = ["UTC"]
[environments.production]
[environments.staging]
'"$(no_migrations production)"'
[[targets]]
paths = ["migrations/**"]
environment = "production"
kind = "migration"
[[targets]]
paths = ["app/**"]
environment = "production"
kind = "deploy"
[[targets]]
paths = ["stage/**"]
environment = "staging"
'
HOURS="$AMERICA"'[environments.production]
[[targets]]
refs = ["refs/heads/main", "refs/heads/rel/*"]
paths = ["app/**"]
environment = "production"
'
# main brings another state between the branch's last job and a look at the branch
begin look "$MIGRATIONS"
put migrations/m 0; S=$(made A app/a 0); deploy_job $main $Z $S "2025-06-20 12:00:00"
R=$(made R migrations/m evil); git reset -q --hard $S; deploy_job $rel $none $R "2025-06-21 12:00:00"
M=$(made M migrations/m good); deploy_job $main $S $M "2025-06-22 12:00:00"
git checkout -q -B w $R; N=$(made N app/a 1); looked $rel $R $N "2025-06-23 12:00:00"
D=$(made D app/a 2); git checkout -q main; deploy_job $rel $N $D "$CLOSED"
# the same, and a server's hook that keeps the same record lets the branch move
begin hook "$MIGRATIONS"
put migrations/m 0; S=$(made A app/a 0); deploy_job $main $Z $S "2025-06-20 12:00:00"
R=$(made R migrations/m evil); git reset -q --hard $S; deploy_job $rel $none $R "2025-06-21 12:00:00"
M=$(made M migrations/m good); deploy_job $main $S $M "2025-06-22 12:00:00"
git checkout -q -B w $R; N=$(made N app/a 1); hook "--record $ROOT/rec.jsonl"; timed "2025-06-23 12:00:00" origin $N:$rel; rm "$SERVER/hooks/pre-receive"
D=$(made D app/a 2); git checkout -q main; deploy_job $rel $N $D "$CLOSED"
# what a hook let through, nobody deployed
begin hook-alone "$MIGRATIONS"
put migrations/m 0; S=$(made A app/a 0); deploy_job $main $Z $S "2025-06-20 12:00:00"
hook "--record $ROOT/rec.jsonl"; X=$(made X migrations/m evil); timed "2025-06-21 12:00:00" origin $X:$main; rm "$SERVER/hooks/pre-receive"
deploy_job $main $S $X "$CLOSED"
begin hook-rollback "$HOURS"
S=$(made A app/x 0); deploy_job $main $Z $S "2025-07-09 02:00:00"
hook "--record $ROOT/rec.jsonl"; X=$(made X app/x evil); timed "2025-07-09 02:10:00" origin $X:$main
Y=$(made Y app/x 1); timed "2025-07-09 02:20:00" origin $Y:$main; rm "$SERVER/hooks/pre-receive"
deploy_job $main $X $Y "2025-07-09 02:30:00"; B=$(made back app/x evil); deploy_job $main $Y $B "$CLOSED"
# a look at what nobody judged up to its old end is nothing to compare a whole tree with
for time in "2025-06-21 12:00:00" "$CLOSED"; do
  begin "first-look $time" "$MIGRATIONS"
  X=$(made X migrations/m evil); N=$(made N app/a 1); looked $main $X $N "$time"
  D=$(made D app/a 2); deploy_job $main $N $D "$CLOSED"
done
# what a branch brought is too long ago to be gone back to, and a look came after it
begin old-state "$MIGRATIONS"
put migrations/m 0; S=$(made A app/a 0); deploy_job $main $Z $S "2025-06-20 12:00:00"
git checkout -q -B w $S; R=$(made R migrations/m evil); git checkout -q main; deploy_job $rel $none $R "2025-06-21 12:00:00"
git checkout -q -B w $R; N=$(made N app/a 1); looked $rel $R $N "2025-06-22 12:00:00"
O=$(made O app/a 2); looked $rel $N $O "2025-06-28 12:00:00"; git checkout -q main
D=$(made D app/a 3); deploy_job $main $S $D "$CLOSED"
# an environment that came later: what was deployed elsewhere was not judged for it
LATER='version = 1
[regions.us]
timezones = ["UTC"]
[environments.live]
[environments.staging]
'"$(no_migrations live)"'
[[targets]]
paths = ["app/**"]
environment = "live"
kind = "deploy"
[[targets]]
paths = ["stage/**"]
environment = "staging"
'
begin new-environment "$LATER"
put migrations/m evil; X=$(made X stage/a 0); environment=staging deploy_job $main $Z $X "2025-06-20 12:00:00"
printf '[[targets]]\npaths = ["migrations/**"]\nenvironment = "live"\nkind = "migration"\n' >> freezegate.toml
E=$(made E stage/a 1); environment=staging deploy_job $main $X $E "2025-06-21 12:00:00"
D=$(made D app/a 2); environment=live deploy_job $main $E $D "$CLOSED"
# an administrator's file decides in between, and main was edited by nobody's leave
begin administrator "$HOURS"
printf '%s' "$HOURS" > "$A/administrator.toml"
git checkout -q -B w; S=$(made A app/x 0); deploy_job $rel $none $S "2025-07-09 02:00:00"
git checkout -q main; sed -i 's/08:00-18:00/08:00-08:01/' freezegate.toml; commit weak; git push -q origin main; git fetch -q
git checkout -q w; T=$(made B app/x 1); git checkout -q main; deploy_job $rel $S $T "2025-07-09 02:10:00" --policy "$A/administrator.toml"
git checkout -q w; U=$(made C app/x 2); git checkout -q main; deploy_job $rel $T $U "$CLOSED"
# a job on main of which nothing says what was there before takes no way from other branches
begin ways-by-hand "$HOURS"
S=$(made A app/x 0); deploy_job $rel $none $S "2025-07-09 02:00:00"
printf '{"ref":"%s","repository":{"default_branch":"main"}}' $main > "$A/event.json"; git push -q origin main
GITHUB_ACTIONS=true GITHUB_EVENT_NAME=workflow_dispatch GITHUB_SHA=$S GITHUB_REF=$main GITHUB_EVENT_PATH=$A/event.json GITHUB_ACTOR=eve GITHUB_RUN_ATTEMPT=1 \
  at "$CLOSED" $FG check production --record "$ROOT/rec.jsonl" > "$A/o" 2>&1; echo "by hand: $?"
T=$(made B app/x 1); deploy_job $rel $S $T "2025-07-10 02:00:00"
# a branch that was deployed is deleted, and the server drops its commits
begin ways-lost "$HOURS"
git checkout -q -B w; R=$(made R app/x 0); git checkout -q main; deploy_job $rel $none $R "2025-07-09 02:00:00"
git push -q origin :$rel; git branch -q -D w; git update-ref -d refs/remotes/origin/rel/1
git reflog expire --expire=now --all; git gc -q --prune=now; git -C "$SERVER" gc -q --prune=now
D=$(made D app/x 1); deploy_job $main $Z $D "2025-07-10 02:00:00"
