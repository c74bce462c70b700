# "If merging is deploying ..., leave out --dry-run and run the step in the merge queue" (docs/src/use/ci.md): such a job names no environment, and then a grant for one use is never used up (Lifting::only_proposed,
# CheckRequest::is_only_proposed, src/gate/request.rs), and counts without a record. What was merged with it, and taken back, is merged again with it. The last job of each case must be refused.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT/keys"; [ -f "$ROOT/keys/sam" ] || ssh-keygen -q -t ed25519 -N '' -C sam -f "$ROOT/keys/sam"
P='version = 1
[regions.us]
timezones = ["UTC"]
[environments.production]
[[freezes]]
name = "f"
from = 2025-07-08T00:00:00
until = 2025-07-19T00:00:00
timezone = "UTC"
[[targets]]
paths = ["app/**"]
environment = "production"
[approvers]
allowed_signers = "approvers"
[[lifts]]
level = "hard"
signed = ["any"]
'
queue() { # HEAD BASE TIME [arguments]
  local new=$1 base=$2 time=$3; shift 3; git push -qf origin "$new:refs/heads/q"; git fetch -q; git checkout -q "$new"
  printf '{"merge_group":{"head_sha":"%s","base_sha":"%s","base_ref":"refs/heads/main"},"repository":{"default_branch":"main"}}' "$new" "$base" > "$A/event.json"
  GITHUB_ACTIONS=true GITHUB_EVENT_NAME=merge_group GITHUB_SHA=$new GITHUB_REF=refs/heads/gh-readonly-queue/main/pr-1 GITHUB_EVENT_PATH=$A/event.json GITHUB_ACTOR=eve GITHUB_RUN_ATTEMPT=1 \
    at "$time" $FG check $environment $record "$@" > "$A/o" 2>&1
  echo "[git push exit $?]"; grep -E '^(refused|allowed|error|overridden)|not count' "$A/o" | tr '\n' '|'; echo; git checkout -q main; }
try() { begin a "$P" > /dev/null; say "$1"; environment=$2; record=$3
  echo "sam@example.com $(cut -d' ' -f1,2 "$ROOT/keys/sam.pub")" > approvers; git config freezegate.repository shop; commit roster; S=$(made S app/a 0); git push -q origin main; git fetch -q
  N=$(made N app/a 1); at "2025-07-08 12:00:00" $FG grant new production --range $S..$N --ref $main --repository shop --reason "logins fail" --requester zoe@example.com --output "$A/n.toml" 2> /dev/null
  at "2025-07-08 12:00:00" $FG grant sign "$A/n.toml" --key "$ROOT/keys/sam" 2> /dev/null
  queue $N $S "2025-07-08 12:01:00"; queue $N $S "2025-07-08 12:02:00" --grant "$A/n.toml"; git push -q origin main; git fetch -q
  git revert --no-edit HEAD > /dev/null; R=$(git rev-parse HEAD); git push -q origin main; git fetch -q
  put app/a 1; commit N2; queue $(git rev-parse HEAD) $R "2025-07-08 12:30:00" --grant "$A/n.toml"; }
begin a "$P" > /dev/null; say "control: jobs that deploy main"; environment=production
echo "sam@example.com $(cut -d' ' -f1,2 "$ROOT/keys/sam.pub")" > approvers; git config freezegate.repository shop; S=$(made S app/a 0); deploy_job $main $Z $S "2025-07-07 12:00:00" > /dev/null
N=$(made N app/a 1); at "2025-07-08 12:00:00" $FG grant new production --range $S..$N --ref $main --repository shop --reason "logins fail" --requester zoe@example.com --output "$A/n.toml" 2> /dev/null
at "2025-07-08 12:00:00" $FG grant sign "$A/n.toml" --key "$ROOT/keys/sam" 2> /dev/null; deploy_job $main $S $N "2025-07-08 12:02:00" --grant "$A/n.toml"
git revert --no-edit HEAD > /dev/null; R=$(git rev-parse HEAD); deploy_job $main $N $R "2025-07-08 12:10:00"
put app/a 1; commit N2; deploy_job $main $R $(git rev-parse HEAD) "2025-07-08 12:30:00" --grant "$A/n.toml"
try "with a record" "" "--record $ROOT/rec.jsonl"
try "without one" "" ""
