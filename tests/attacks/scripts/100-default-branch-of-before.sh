# GitLab: "If a variable contradicts the checkout, the other variables or the record, the exit status is 2" (docs/src/threat-model.md). After the default branch was renamed, the record knows
# the policies of both names for ever, and CI_DEFAULT_BRANCH may name either: with the old one, the policy of before the rename is in force, and a freeze on main counts for nothing.
# The branch of the old name, which nothing protects any more, is made again by whoever may push. The last job of each case must not pass.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P='version = 1
[regions.us]
timezones = ["UTC"]
[environments.production]
[[targets]]
refs = ["refs/heads/main", "refs/heads/master"]
paths = ["app/**"]
environment = "production"
'
job() { # BRANCH OLD NEW TIME DEFAULT [arguments]
  local b=$1 old=$2 new=$3 t=$4 d=$5; shift 5; git push -qf origin "$new:refs/heads/$b" 2>/dev/null; rm -rf "$A/job"; git clone -q "file://$SERVER" "$A/job" 2>/dev/null
  ( cd "$A/job"; git checkout -q "$new"; git remote set-head origin -d 2>/dev/null; git config freezegate.repository shop
  GITLAB_CI=true CI_PIPELINE_SOURCE=push CI_COMMIT_SHA=$new CI_COMMIT_BEFORE_SHA=$old CI_COMMIT_BRANCH=$b CI_DEFAULT_BRANCH=$d CI_ENVIRONMENT_NAME=production GITLAB_USER_LOGIN=eve CI_PROJECT_PATH=a/b \
    at "$t" $FG check --record "$ROOT/rec.jsonl" "$@" > "$A/o" 2>&1; echo "[git push exit $?]" ); grep -E '^(refused|allowed|error)|policy  ' "$A/o"; }
start() { begin a "$P" > /dev/null; say "$1"; git push -q origin main:master
  S=$(made S app/a 0); job master $Z $S "2025-07-01 12:00:00" master
  # renamed: the first job of main names the policy that is trusted, as the message says
  R=$(made R app/a 1); job main $S $R "2025-07-02 12:00:00" main --policy-from $S
  git -C "$SERVER" symbolic-ref HEAD refs/heads/main; git push -q origin :master
  printf '[[freezes]]\nname = "emergency"\nfrom = 2025-07-07T00:00:00\nuntil = 2025-07-09T00:00:00\ntimezone = "UTC"\n' >> freezegate.toml; F=$(made F docs/f 1); job main $R $F "2025-07-06 12:00:00" main
  E=$(made E app/a evil); }
start "control"; job main $F $E "2025-07-07 12:00:00" main
start "attack: the old name"; git push -q origin $S:refs/heads/master; job main $F $E "2025-07-07 12:00:00" master
start "attack: the same with --fetch"; git push -q origin $S:refs/heads/master; job main $F $E "2025-07-07 12:00:00" master --fetch
