# The job of a pull request names an environment, so that it deploys there. What it brought was no state: a job of main, compared with what main deployed last, took a
# migration back in its freeze. And a grant for one use could be used for ever. The last job of each attack must be refused, that of a control allowed.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P='version = 1
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
'
request_job() { # COMMIT TIME [arguments of check]: a job of a request into main; it deploys to $environment, if that is set
  local new=$1 time=$2; shift 2; git push -qf origin "$new:refs/heads/request"; git fetch -q; git checkout -q "$new"
  printf '{"pull_request":{"base":{"sha":"%s","ref":"main"},"head":{"sha":"%s","ref":"request"}},"repository":{"default_branch":"main"}}' "$Z" "$new" > "$A/event.json"
  GITHUB_ACTIONS=true GITHUB_EVENT_NAME=pull_request GITHUB_SHA=$new GITHUB_REF=refs/pull/1/merge GITHUB_EVENT_PATH=$A/event.json GITHUB_ACTOR=eve GITHUB_RUN_ATTEMPT=1 \
    at "$time" $FG check ${environment-production} --record "$ROOT/rec.jsonl" "$@" > "$A/o" 2>&1
  echo "[git push exit $?]"; grep -E '^(refused|allowed|error|warning)' "$A/o" | tr '\n' '|'; echo; git checkout -q main
}
requested() { # NAME: main deployed S, and a request with a migration M comes upon it
  begin a "$P" > /dev/null; say "$1"
  S=$(made S app/a 0); deploy_job $main $Z $S "2025-07-06 12:00:00"
  git checkout -q -b request; M=$(made M migrations/m 1); git checkout -q main
}
requested "control: the request is only checked"
environment= request_job $M "2025-07-06 13:00:00"; N=$(made N app/a 1); deploy_job $main $S $N "$CLOSED"
requested "attack: main takes back what the request deployed"
request_job $M "2025-07-06 13:00:00"; N=$(made N app/a 1); deploy_job $main $S $N "$CLOSED"
requested "attack: another request takes it back"
request_job $M "2025-07-06 13:00:00"; git checkout -q -b other $S; N=$(made N app/a 1); git checkout -q main; request_job $N "$CLOSED"
requested "control: the job of main runs again, as a rollback"
request_job $M "2025-07-07 13:00:00"; deploy_job $main $S $S "$CLOSED"
requested "attack: the request is no state of main"
request_job $M "2025-07-06 13:00:00"; git merge -q request; deploy_job $main $S $M "$CLOSED"
requested "control: main brings the migration as well, when that may go"
request_job $M "2025-07-06 13:00:00"; git merge -q request; deploy_job $main $S $M "2025-07-06 14:00:00"; N=$(made N app/a 1); deploy_job $main $M $N "$CLOSED"
