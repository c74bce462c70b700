# A push that pre-receive allowed and git then turned down (--atomic beside a ref that can't be made: no setting of the server is needed) makes a state, if a later merge (-s ours, with an
# edit of docs, which reaches nothing and is not recorded) has its commit as an ancestor: Evidence::of (src/gate/landed.rs) says Landed::Yes. What production never had comes in core hours
# as a "verified rollback". The last push of each attack must be refused, as that of the control.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P="$AMERICA"'[environments.production]
[[targets]]
refs = ["refs/heads/main", "refs/heads/rel/*"]
paths = ["app/**"]
environment = "production"
[[targets]]
refs = ["refs/tags/v*"]
environment = "production"
'
start() { logged "$1" "$P" "--record $ROOT/rec.jsonl"
  put app/x 0; commit S0; timed "2025-07-09 02:00:00" origin main
  timed "2025-07-09 02:05:00" origin HEAD:refs/heads/rel/1; S=$(git rev-parse HEAD)
  put app/x evil; commit E; E=$(git rev-parse HEAD); }
phantom() { clock "2025-07-09 02:10:00"; git push --atomic origin $E:refs/heads/$1 $S:refs/heads/main/x 2>&1 | grep -E 'rejected|error' | head -3; git -C "$SERVER" log --oneline -1 $1; }
last() { put app/x 2; commit S1; timed "2025-07-09 02:30:00" origin HEAD:$1; put app/x evil; commit "the evil, never deployed"; clock "$CLOSED"; push origin HEAD:$1; }
start control; phantom main; git reset -q --hard $S; put docs/readme 2; commit docs; timed "2025-07-09 02:20:00" origin main; last main
start attack; phantom main; git reset -q --hard $S; git merge -q -s ours --no-commit $E; put docs/readme 2; commit M; timed "2025-07-09 02:20:00" origin main; last main
start other-branch; phantom rel/1; git reset -q --hard $S; git merge -q -s ours --no-commit $E; put docs/readme 2; commit M; timed "2025-07-09 02:20:00" origin HEAD:rel/1; last main
