# Lock-outs of jobs: what the messages say is a way out has to be one. Each case ends with what must pass.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
fresh_job() { # BEFORE TIME [arguments of check]: a checkout of its own, as a job makes it
  local before=$1 time=$2; shift 2; rm -rf "$A/job"; git clone -q "file://$SERVER" "$A/job"; local new=$(git -C "$A/job" rev-parse HEAD)
  printf '{"before":"%s","after":"%s","ref":"%s","repository":{"default_branch":"main"}}' "$before" "$new" $main > "$A/event.json"
  ( cd "$A/job"; GITHUB_ACTIONS=true GITHUB_EVENT_NAME=push GITHUB_SHA=$new GITHUB_REF=$main GITHUB_EVENT_PATH=$A/event.json GITHUB_ACTOR=eve GITHUB_RUN_ATTEMPT=1 \
    at "$time" $FG check production --record "$ROOT/rec.jsonl" "$@" > "$A/o" 2>&1; echo "[git push exit $?]"; grep -E '^(refused|allowed|error|warning)| = help|undo' "$A/o" | tr '\n' '|'; echo )
}
# what was allowed last is forced away and collected: without a fetch an error says what to do, and that is a way out
begin gone "$POLICY"
S=$(made S deploy/production/us/a 0); git push -q origin main; fresh_job $Z "2025-07-06 12:00:00"
T=$(made T deploy/production/us/a 1); git push -q origin main; fresh_job $S "2025-07-06 12:10:00"
git reset -q --hard $S; U=$(made U deploy/production/us/a 2); git push -qf origin main
git -C "$SERVER" reflog expire --expire=now --all; git -C "$SERVER" gc -q --prune=now
fresh_job $T "2025-07-06 12:20:00"
fresh_job $T "2025-07-06 12:20:00" --policy-from $S
fresh_job $T "$CLOSED" --fetch --policy-from $S
fresh_job $T "2025-07-12 12:00:00" --fetch --policy-from $S
# evidence that no target gives: the edit is an error, and taken back it is none
begin evidence "$AMERICA"'[environments.production]
[environments.staging]
[[targets]]
paths = ["stage/**"]
environment = "staging"
'
S=$(made S app/a 1); deploy_job $main $Z $S "2025-07-06 12:00:00"
sed -i 's/\[environments.production\]/&\nevidence = "required"/' freezegate.toml; E=$(made E app/a 2); deploy_job $main $S $E "2025-07-06 12:10:00"
git revert --no-edit $E > /dev/null; F=$(git rev-parse HEAD); deploy_job $main $E $F "2025-07-06 12:20:00"
# evidence that targets give on other branches only, by an edit that a job for staging brought: what is printed judges the edit that takes it back
begin branches "$AMERICA"'[environments.production]
[environments.staging]
[[targets]]
refs = ["refs/heads/release/*"]
paths = ["deploy/**"]
environment = "production"
'
S=$(made S deploy/a 1); deploy_job $main $Z $S "2025-07-06 12:00:00"
sed -i 's/\[environments.production\]/&\nevidence = "required"/' freezegate.toml; E=$(made E deploy/a 2); environment=staging deploy_job $main $S $E "2025-07-06 12:10:00"
sed -i '/^evidence/d' freezegate.toml; F=$(made F deploy/a 3); deploy_job $main $E $F "2025-07-06 12:20:00"
printed=$(tr '\n' ' ' < "$A/o" | tr -s ' ' | sed -n 's/.*run `freezegate check \([^`]*\)`.*/\1/p'); environment=" " deploy_job $main $E $F "2025-07-06 12:30:00" $printed
G=$(made G deploy/a 4); deploy_job $main $F $G "2025-07-06 12:40:00"
# a record that is ahead of the clock: no way back is promised; a new record is one
begin clock "$POLICY"
S=$(made S deploy/production/us/a 1); deploy_job $main $Z $S "2025-07-06 12:00:00"
T=$(made T deploy/production/us/a 2); deploy_job $main $S $T "2026-07-07 03:00:00"
U=$(made U deploy/production/us/a 3); deploy_job $main $T $U "2025-07-06 12:20:00"; grep undo "$A/o"
mv "$ROOT/rec.jsonl" "$ROOT/rec.jsonl.ahead"; deploy_job $main $T $U "2025-07-06 12:30:00"
# a trailer that says too little: what the message proposes passes
begin trailer "$POLICY"
S=$(made S deploy/production/us/a 0); deploy_job $main $Z $S "2025-07-06 12:00:00"
T=$(made "change

Environment: staging" deploy/production/us/a 1); deploy_job $main $S $T "2025-07-06 12:10:00"
both=$(sed -n 's/.*meant both? amend the trailer: `\(.*\)`.*/\1/p' "$A/o"); git commit -q --amend -m "change

$both"; T=$(git rev-parse HEAD); deploy_job $main $S $T "2025-07-06 12:20:00"
