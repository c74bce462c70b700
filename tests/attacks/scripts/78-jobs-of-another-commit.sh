# Jobs that judge one commit and deploy another, and requests that deploy. Each case begins in open time and ends with what must not be allowed.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
POLICY_OF_MIGRATIONS='version = 1
[regions.us]
timezones = ["UTC"]
[environments.production]
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
'
job() { # CHECKED_OUT VARIABLES [arguments of check]
  local tip=$1 variables=$2; shift 2; git checkout -q "$tip"
  env $variables faketime -f "$CLOSED" $FG check "$@" --record "$ROOT/rec.jsonl" > "$A/o" 2>&1
  echo "[git push exit $?]"; grep -E '^(refused|allowed|error|warning)| = help' "$A/o" | tr '\n' '|'; echo; git checkout -q main
}
github() { # EVENT REF SHA JSON: the variables of a job
  printf '%s' "$4" > "$A/event.json"
  echo "GITHUB_ACTIONS=true GITHUB_EVENT_NAME=$1 GITHUB_SHA=$3 GITHUB_REF=$2 GITHUB_EVENT_PATH=$A/event.json GITHUB_ACTOR=eve GITHUB_RUN_ATTEMPT=1"
}
# a branch is deleted: the job has the default branch checked out, which was refused
begin deleted "$POLICY_OF_MIGRATIONS"
git rm -q -r freezegate.toml docs; R=$(made R app/a 0); git reset -q --hard $Z
S=$(made S app/a 0); deploy_job $main $Z $S "2025-06-20 12:00:00"; deploy_job $rel $none $R "2025-06-21 12:00:00"
M=$(made M migrations/m evil); deploy_job $main $S $M "$CLOSED"
git push -q origin :$rel
job $M "$(github push $main $M "{\"before\":\"$R\",\"after\":\"$none\",\"ref\":\"$rel\",\"deleted\":true,\"repository\":{\"default_branch\":\"main\"}}")" production
# the target of a merged pull request is checked out, its head is judged
begin target-event "$POLICY_OF_MIGRATIONS"
S=$(made S app/a 0); deploy_job $main $Z $S "2025-06-20 12:00:00"
git checkout -q -b a $S; made PA migrations/m evil > /dev/null; git checkout -q -b b $S; PB=$(made PB app/a 1)
git checkout -q main; git merge -q --no-ff -m A a; MA=$(git rev-parse HEAD); deploy_job $main $S $MA "$CLOSED"
git merge -q --no-ff -m B b; MB=$(git rev-parse HEAD); git push -q origin main; git fetch -q
EVENT="{\"action\":\"closed\",\"pull_request\":{\"merged\":true,\"base\":{\"sha\":\"$MA\",\"ref\":\"main\"},\"head\":{\"sha\":\"$PB\",\"ref\":\"b\"}},\"repository\":{\"default_branch\":\"main\"}}"
job $MB "$(github pull_request_target $main $MB "$EVENT")" production
# who pushes replaces the variables of the pipeline: the commit, and with it the environment
begin other-commit "$POLICY"
S=$(made S deploy/production/us/a 0); deploy_job $main $Z $S "2025-07-06 12:00:00"
D=$(made D docs/x 1); git push -q origin $D:refs/heads/docs; git reset -q --hard $S
R=$(made R deploy/production/us/a evil); git push -q origin main; git fetch -q
for name in staging production; do
  job $R "GITLAB_CI=true CI_PIPELINE_SOURCE=push CI_COMMIT_SHA=$D CI_COMMIT_BEFORE_SHA=$S CI_COMMIT_BRANCH=main CI_DEFAULT_BRANCH=main CI_ENVIRONMENT_NAME=$name GITLAB_USER_LOGIN=eve CI_PROJECT_PATH=a/b"
done
# a request that names an environment takes back what another branch deployed
begin request "$POLICY_OF_MIGRATIONS"
S=$(made S app/a 0); deploy_job $main $Z $S "2025-07-06 12:00:00"
git checkout -q -b r; R=$(made R migrations/m good); git checkout -q main; deploy_job $rel $none $R "2025-07-07 23:00:00"
git checkout -q -b b $S; PB=$(made PB app/a 1); git push -q origin b; git fetch -q
EVENT="{\"pull_request\":{\"base\":{\"sha\":\"$S\",\"ref\":\"main\"},\"head\":{\"sha\":\"$PB\",\"ref\":\"b\"}},\"repository\":{\"default_branch\":\"main\"}}"
job $PB "$(github pull_request refs/pull/1/merge $PB "$EVENT")" production
