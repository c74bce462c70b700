# "What the job of a request brought there is never a state to roll back to" (docs/src/use/ci.md, Which base). It is one: Judged::then (src/gate/history/states.rs) counts states of proposals as judged for all.
# A request that was never merged (its job may have deployed nothing) and that main replaced since comes to main, by a tag, by another branch, in core hours as a verified rollback.
# The last job of each attack must be refused, as that of each control (no job of the request named an environment).
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
HOURS="$AMERICA"'[environments.production]
[[targets]]
refs = ["refs/heads/main", "refs/heads/rel/*"]
paths = ["app/**"]
environment = "production"
[[targets]]
refs = ["refs/tags/v*"]
environment = "production"
'
as_job() { # NAME REF EVENT SHA TIME [arguments]
  local name=$1 ref=$2 new=$4 time=$5; printf '%s' "$3" > "$A/event.json"; shift 5; git push -qf origin "$new:refs/heads/request"; git fetch -q; git checkout -q "$new"
  GITHUB_ACTIONS=true GITHUB_EVENT_NAME=$name GITHUB_SHA=$new GITHUB_REF=$ref GITHUB_EVENT_PATH=$A/event.json GITHUB_ACTOR=eve GITHUB_RUN_ATTEMPT=1 \
    at "$time" $FG check ${environment-production} --record "$ROOT/rec.jsonl" "$@" > "$A/o" 2>&1
  echo "[git push exit $?]"; grep -E '^(refused|allowed|error|warning)' "$A/o" | tr '\n' '|'; echo; git checkout -q main; }
request() { as_job pull_request refs/pull/1/merge "{\"pull_request\":{\"base\":{\"sha\":\"$2\",\"ref\":\"main\"},\"head\":{\"sha\":\"$1\",\"ref\":\"request\"}},\"repository\":{\"default_branch\":\"main\"}}" $1 "$3"; }
queue() { as_job merge_group refs/heads/gh-readonly-queue/main/pr-1 "{\"merge_group\":{\"head_sha\":\"$1\",\"base_sha\":\"$2\",\"base_ref\":\"refs/heads/main\"},\"repository\":{\"default_branch\":\"main\"}}" $1 "$3"; }
for by in request queue; do for to in main tag rel; do for what in control attack; do
  begin a "$HOURS" > /dev/null; say "$what: $by, then $to"
  S=$(made S app/x 0); deploy_job $main $Z $S "2025-07-09 02:00:00" > /dev/null
  git checkout -q -b request; R=$(made R app/x evil); git checkout -q main
  if [ $what = attack ]; then $by $R $S "2025-07-09 02:10:00"; else environment= $by $R $S "2025-07-09 02:10:00"; fi > /dev/null
  M=$(made M app/x 2); deploy_job $main $S $M "2025-07-09 02:20:00" > /dev/null
  case $to in main) N=$(made N app/x evil); deploy_job $main $M $N "$CLOSED";; tag) deploy_job refs/tags/v1 $none $R "$CLOSED";; rel) deploy_job $rel $none $R "$CLOSED";; esac
  grep -E '  rollback' "$A/o"
done; done; done
