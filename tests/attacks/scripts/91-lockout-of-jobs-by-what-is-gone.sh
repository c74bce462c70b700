# Lock-outs of jobs by what is not there: a commit that a server turned down, a version of the program that nobody has, a branch that was deployed and
# deleted. Each case ends with what must pass.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
fresh_job() { # REF BEFORE TIME [arguments of check]: a checkout of its own, as a job makes it
  local ref=$1 before=$2 time=$3; shift 3; rm -rf "$A/job"; git clone -q "file://$SERVER" "$A/job"
  ( cd "$A/job"; git fetch -q origin "$ref"; git checkout -q FETCH_HEAD; new=$(git rev-parse HEAD)
  printf '{"before":"%s","after":"%s","ref":"%s","repository":{"default_branch":"main"}}' "$before" "$new" "$ref" > "$A/event.json"
  GITHUB_ACTIONS=true GITHUB_EVENT_NAME=push GITHUB_SHA=$new GITHUB_REF=$ref GITHUB_EVENT_PATH=$A/event.json GITHUB_ACTOR=eve GITHUB_RUN_ATTEMPT=1 \
    at "$time" $FG check ${environment:-production} --record "$ROOT/rec.jsonl" "$@" > "$A/o" 2>&1; echo "[git push exit $?]" )
  grep -E '^(refused|allowed|error|warning)|  rollback' "$A/o" | tr '\n' '|'; echo
}
collect() { git -C "$SERVER" reflog expire --expire=now --all; git -C "$SERVER" gc -q --prune=now; }
# what a server turned down is on no branch, so jobs that share its record don't ask it
rm -f "$ROOT"/rec.jsonl*; ARENA_POLICY="$POLICY"; arena hook --record "$ROOT/rec.jsonl"; Z=$(git rev-parse HEAD); say "hook"
S=$(made S deploy/production/us/a 1); push -q origin main | grep exit; git push -q origin main:release/1
fresh_job $main $Z "2025-07-06 12:05:00"
clock "$CLOSED"; sed -i '1i# a remark' freezegate.toml; made E deploy/production/us/a 9 > /dev/null; push -q origin main | grep exit; git reset -q --hard $S
fresh_job refs/heads/release/1 $S "2025-07-12 12:05:00"
fresh_job $main $S "2025-07-12 12:06:00"
# a policy that needs a version which does not exist: what the message says is a way out is one, and then it is over
begin version "$POLICY"
S=$(made S deploy/production/us/a 1); git push -q origin main; fresh_job $main $Z "2025-07-06 12:05:00"
sed -i 's/^version = 1/&\nrequires = "9.9.9"/' freezegate.toml; E=$(made E docs/x 1); git push -q origin main; fresh_job $main $S "2025-07-06 12:10:00"
git revert --no-edit $E > /dev/null; F=$(git rev-parse HEAD); git push -q origin main; fresh_job $main $E "2025-07-06 12:20:00"
from=$(tr '\n' ' ' < "$A/o" | tr -s ' ' | sed -n 's/.*`--policy-from \([0-9a-f]*\)`.*/\1/p'); fresh_job $main $E "2025-07-06 12:21:00" --policy-from $from
G=$(made G deploy/production/us/a 2); git push -q origin main; fresh_job $main $F "2025-07-06 12:30:00"
# a refused commit of main that is forced away and gone: only if it had another policy does anything depend on it
begin refused "$POLICY"
S=$(made S deploy/production/us/a 1); git push -q origin main; fresh_job $main $Z "2025-07-06 12:05:00"
made E deploy/production/us/a 2 > /dev/null; git push -q origin main; fresh_job $main $S "$CLOSED"
git reset -q --hard $S; U=$(made U docs/x 1); git push -qf origin main; collect; fresh_job $main $S "2025-07-12 12:00:00" --fetch
sed -i 's/18:00/19:00/' freezegate.toml; made E deploy/production/us/a 3 > /dev/null; git push -q origin main; fresh_job $main $U "2025-07-14 15:00:00"
git reset -q --hard $U; V=$(made V docs/x 2); git push -qf origin main; collect; fresh_job $main $U "2025-07-19 12:00:00" --fetch
from=$(tr '\n' ' ' < "$A/o" | tr -s ' ' | sed -n 's/.*`--policy-from \([0-9a-f]*\)`.*/\1/p'); fresh_job $main $U "2025-07-19 12:01:00" --fetch --policy-from $from
W=$(made W docs/x 3); git push -q origin main; fresh_job $main $V "2025-07-19 12:02:00"
# a branch was deployed to staging, and is gone: what production has, staging's own state shows, though production is closed
environment=staging; begin staging "$POLICY"
S=$(made S deploy/staging/us/a 1); git push -q origin main; fresh_job $main $Z "2025-07-06 12:05:00"
git checkout -q -b f1; made T deploy/staging/us/b 1 > /dev/null; git push -q origin f1; fresh_job refs/heads/f1 $S "$CLOSED"; git checkout -q main
git push -q origin :f1; collect; V=$(made V deploy/staging/us/b 1); git push -q origin main; fresh_job $main $S "2025-07-09 22:00:00" --fetch
# and why no rollback is verified there is said
environment=production; begin rollback "$POLICY"
S=$(made S deploy/production/us/a 1); git push -q origin main; fresh_job $main $Z "2025-07-06 12:05:00"
git checkout -q -b f1; made U deploy/production/us/b 1 > /dev/null; git push -q origin f1; fresh_job refs/heads/f1 $S "2025-07-08 03:00:00"; git checkout -q main
V=$(made V deploy/production/us/b 1); git push -q origin main :f1; fresh_job $main $S "2025-07-08 04:00:00" --fetch
X=$(made X deploy/production/us/a bad); git push -q origin main; fresh_job $main $V "2025-07-08 05:00:00" --fetch; collect
git revert --no-edit $X > /dev/null; git push -q origin main; fresh_job $main $X "2025-07-08 20:00:00" --fetch
# a rename of an environment that was refused and taken back: the policy that has it is asked by its own name
begin rename "$POLICY"
S=$(made S docs/x 1); git push -q origin main; fresh_job $main $Z "2025-07-06 12:05:00"
sed -i 's/\[environments.production\]/[environments.prod]/' freezegate.toml; E=$(made E docs/x 2); git push -q origin main; fresh_job $main $S "$CLOSED"
git revert --no-edit $E > /dev/null; F=$(git rev-parse HEAD); git push -q origin main; fresh_job $main $E "2025-07-10 15:00:00"; fresh_job $main $E "2025-07-12 12:00:00"
# what the record allowed last is gone, and the policy wants to see more than that everything may have changed: the printed `--range` shows it
for key in '[environments.production]\nevidence = "required"' '[routes]\npaths = ["routes/**"]\nowners = ["{environment}-*"]\n[environments.production]'; do
  begin range "$(printf '%s\n' "$POLICY" | sed "s#\[environments.production\]#$key#")"
  S=$(made S deploy/production/us/a 1); git push -q origin main; fresh_job $main $Z "2025-07-06 12:05:00"
  put routes/r.yaml "kind: Ingress"; T=$(made T deploy/production/us/a 2); git push -q origin main; fresh_job $main $S "2025-07-06 12:10:00"
  git reset -q --hard $S; put routes/r.yaml "kind: Ingress"; U=$(made U deploy/production/us/a 3); git push -qf origin main; collect
  fresh_job $main $T "2025-07-06 12:20:00" --fetch; fresh_job $main $T "2025-07-06 12:20:00" --fetch --policy-from $S
  fresh_job $main $T "2025-07-06 12:20:00" --fetch --policy-from $S --range $S..$U
  V=$(made V deploy/production/us/a 4); git push -q origin main; fresh_job $main $U "2025-07-06 12:30:00" --fetch
done
# all keys of the roster ran out: that nobody can sign is said, and who can renew them
ssh-keygen -q -t ed25519 -N '' -C '' -f "$ROOT/key"
begin roster "$POLICY"'[approvers]
allowed_signers = "approvers"
[[lifts]]
level = "hard"
signed = ["any"]
'
echo "ada@example.com valid-before=\"20250701Z\" $(cut -d' ' -f1,2 "$ROOT/key.pub")" > approvers; commit roster; git push -q origin main; Z=$(git rev-parse HEAD)
S=$(made S deploy/production/us/a 1); git push -q origin main; fresh_job $main $Z "2025-07-06 12:05:00"
T=$(made T deploy/production/us/a 2); git push -q origin main; fresh_job $main $S "$CLOSED"; tr '\n' ' ' < "$A/o" | tr -s ' ' | grep -o 'nobody can sign.*valid now'
