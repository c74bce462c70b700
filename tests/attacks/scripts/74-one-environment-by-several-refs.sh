# An environment that several branches, or jobs with several options, are deployed to: what is there is what the last of them brought. The last line of each case must be a refusal, but of `ways` none.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
MIGRATIONS='version = 1
[regions.us]
timezones = ["UTC"]
[services.s]
[environments.production]
[environments.staging]
'"$(no_migrations production)"'
[[targets]]
refs = ["refs/heads/main", "refs/heads/rel/*"]
paths = ["migrations/**"]
environment = "production"
kind = "migration"
[[targets]]
refs = ["refs/heads/main", "refs/heads/rel/*"]
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
[[targets]]
refs = ["refs/tags/v*"]
environment = "production"
'
# a push without a job, then one with: the commit before is one that nobody judged
begin unjudged-before "$MIGRATIONS"
put migrations/m 0; S=$(made A app/a 0); deploy_job $main $Z $S "2025-06-20 12:00:00"
X=$(made "X [skip ci]" migrations/m evil); D=$(made D app/a 2); git push -q origin $X:$rel
deploy_job $rel $X $D "$CLOSED"
begin unknown-environment "$MIGRATIONS"
S=$(made A stage/a 0); environment=staging deploy_job $main $Z $S "2025-06-20 12:00:00"
X=$(made "X [skip ci]" migrations/m evil); D=$(made D app/a 2)
deploy_job $main $X $D "$CLOSED"
# main goes on, and the branch is deployed again
begin branch "$MIGRATIONS"
put migrations/m 0; S=$(made A app/a 0); deploy_job $main $Z $S "2025-06-20 12:00:00"
R=$(made R migrations/m evil); git reset -q --hard $S; deploy_job $rel $none $R "2025-06-21 12:00:00"
M=$(made M migrations/m good); deploy_job $main $S $M "2025-06-22 12:00:00"
git checkout -q -B w $R; D=$(made D app/a 2); git checkout -q main
deploy_job $rel $R $D "$CLOSED"
# the same, and a job that deploys nothing looks at main in between
begin looked-at "$MIGRATIONS"
put migrations/m 0; S=$(made A app/a 0); deploy_job $main $Z $S "2025-06-20 12:00:00"
R=$(made R migrations/m evil); git reset -q --hard $S; deploy_job $rel $none $R "2025-06-21 12:00:00"
M=$(made M migrations/m good); deploy_job $main $S $M "2025-06-22 12:00:00"
N=$(made N app/a 1); at "2025-06-23 12:00:00" $FG check --enforce --range $M..$N --ref $main --record "$ROOT/rec.jsonl" > "$A/o"; echo "[git push exit $?]"
git checkout -q -B w $R; D=$(made D app/a 2); git checkout -q main
deploy_job $rel $R $D "$CLOSED"
# parts of it lie at different states
begin parts "$MIGRATIONS[regions.eu]
timezones = [\"UTC\"]
"
put migrations/m evil; S=$(made A app/a 0); deploy_job $main $Z $S "2025-06-20 12:00:00"
M=$(made M migrations/m good); deploy_job $main $S $M "2025-06-21 12:00:00" --region eu
N=$(made N app/a 1); git checkout -q -B w $S; X=$(made X app/a 3); git checkout -q main; deploy_job $rel $none $X "2025-06-22 12:00:00" --region us
git checkout -q -B w $S; D=$(made D app/a 2); git checkout -q main; deploy_job $main $S $D "$CLOSED"
for options in "--kind deploy" "--declared-only" "--service s" "--region us"; do
  begin "options $options" "$MIGRATIONS"
  put migrations/m 0; S=$(made A app/a 0); deploy_job $main $Z $S "2025-06-20 12:00:00"
  R=$(made R migrations/m evil); deploy_job $main $S $R "2025-06-21 12:00:00" $options
  M=$(made M migrations/m good); deploy_job $main $R $M "2025-06-22 12:00:00"
  put migrations/m evil; D=$(made D app/a 2); deploy_job $main $M $D "$CLOSED" $options
done
# back to what the branch had, though main was deployed since
begin rollback "$HOURS"
S=$(made A app/x 0); deploy_job $main $Z $S "2025-07-09 02:00:00"
git checkout -q -B w $S; R1=$(made R1 app/x evil); R2=$(made R2 app/x 1); git checkout -q main
deploy_job $rel $none $R1 "2025-07-09 02:10:00"; deploy_job $rel $R1 $R2 "2025-07-09 02:20:00"
M=$(made M app/x 2); deploy_job $main $S $M "2025-07-09 02:30:00"
git checkout -q -B w $R2; B=$(made back app/x evil); git checkout -q main
deploy_job $rel $R2 $B "$CLOSED"
begin rollback-options "$HOURS"
S=$(made A app/x 0); deploy_job $main $Z $S "2025-07-09 02:00:00"
R1=$(made R1 app/x evil); deploy_job $main $S $R1 "2025-07-09 02:10:00" --declared-only
R2=$(made R2 app/x 1); deploy_job $main $R1 $R2 "2025-07-09 02:20:00" --declared-only
M=$(made M app/x 2); deploy_job $main $R2 $M "2025-07-09 02:30:00"
B=$(made back app/x evil); deploy_job $main $M $B "$CLOSED" --declared-only
rm -f "$ROOT"/rec.jsonl*; logged rollback-server "$HOURS" "--record $ROOT/rec.jsonl"
S=$(made A app/x 0); timed "2025-07-09 02:00:00" origin main
R1=$(made R1 app/x evil); timed "2025-07-09 02:10:00" origin HEAD:rel/1; R2=$(made R2 app/x 1); timed "2025-07-09 02:20:00" origin HEAD:rel/1
git reset -q --hard $S; M=$(made M app/x 2); timed "2025-07-09 02:30:00" origin main
git reset -q --hard $R2; B=$(made back app/x evil); timed "$CLOSED" origin HEAD:rel/1
# what has to go on: the job before is run again after a bad hotfix, and what other regions, services and branches bring is no matter
begin ways "$HOURS"
S=$(made A app/x 0); deploy_job $main $Z $S "2025-07-09 02:00:00"
git checkout -q -B w $S; H=$(made H app/x hotfix); git checkout -q main; deploy_job $rel $none $H "2025-07-09 02:10:00"
deploy_job $main $Z $S "$CLOSED"
begin ways-regions "$HOURS[regions.eu]
timezones = [\"Europe/Berlin\"]
core_hours = [\"Mon-Fri 08:00-20:00\"]
"
S=$(made A app/x 0); for region in us eu; do deploy_job $main $Z $S "2025-07-09 02:00:00" --region $region; done
N=$(made N app/x 1); deploy_job $main $S $N "2025-07-09 02:10:00" --region us; deploy_job $main $S $N "2025-07-09 02:20:00" --region eu
B=$(made B app/x 0); deploy_job $main $N $B "2025-07-09 15:00:00" --region us
logged ways-server "$AMERICA
[regions.eu]
timezones = [\"America/New_York\"]
core_hours = [\"Mon-Fri 08:00-18:00\"]
[environments.production]
[[targets]]
refs = [\"refs/heads/prod-{region}\"]
environment = \"production\"
" "--record $ROOT/rec.jsonl"
for value in 0 1; do put app/x $value; commit $value; for region in us eu; do timed "2025-07-09 02:0$value:00" origin HEAD:prod-$region; done; done
git revert --no-edit HEAD >/dev/null; timed "$CLOSED" origin HEAD:prod-us
