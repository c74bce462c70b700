# The record is kept in a branch, as docs/src/use/ci.md says. An edit of the policy that "closes" alone, a target with `refs = ["refs/heads/*"]`, selects that branch, and passes. From then
# on every job is exit status 2 at any hour, the one that takes the edit back too, and the message proposes what is done already. Each job after the edit must pass.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P="$AMERICA"'[environments.production]
[[targets]]
paths = ["deploy/**"]
environment = "production"
'
job() { # OLD NEW TIME RECORD
  git push -qf origin $2:main; rm -rf "$A/job"; git clone -q "file://$SERVER" "$A/job"; git -C "$A/job" checkout -q $2
  printf '{"before":"%s","after":"%s","ref":"%s","repository":{"default_branch":"main"}}' $1 $2 $main > "$A/event.json"
  ( cd "$A/job"; export GITHUB_ACTIONS=true GITHUB_EVENT_NAME=push GITHUB_SHA=$2 GITHUB_REF=$main GITHUB_EVENT_PATH=$A/event.json GITHUB_ACTOR=eve GITHUB_RUN_ATTEMPT=1
    at "$3" $FG check production --record "$4" --fetch > "$A/o" 2>&1; echo "[git push exit $?]"; grep -E '^(refused|allowed|error|policy edit)|= help|--record|the `refs`' "$A/o" )
}
for T in 'refs = ["refs/heads/*"]\nenvironment = "production"' 'refs = ["refs/heads/f*"]\npaths = ["never/**"]\nenvironment = "production"'; do
  begin a "$P" > /dev/null; say "$T"; R=origin:refs/heads/freezegate-record
  S=$(made S deploy/a 1); job $Z $S "2025-07-06 12:00:00" $R
  printf "[[targets]]\n$T\n" >> freezegate.toml; E=$(made E deploy/a 2); echo "the edit"; job $S $E "2025-07-06 12:10:00" $R
  git revert --no-edit $E > /dev/null; F=$(git rev-parse HEAD); echo "taken back"; job $E $F "2025-07-06 12:20:00" $R
  G=$(made G deploy/a 3); echo "the next change"; job $F $G "2025-07-06 12:30:00" $R
  echo "another branch of its own, as the message says"; job $F $G "2025-07-06 12:40:00" origin:refs/heads/freezegate-record-2
done
