# What lies between the last allowed commit and the newest can't be taken out of a branch by a push. One commit whose trailer names an unknown
# environment, or one with a tree that git would not have written and its revert, kept every later job from a decision. And a merge whose
# first parent is an orphan made a policy the first one, that nothing judges.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P="$AMERICA"'[environments.production]
[[targets]]
paths = ["deploy/{environment}/**"]
'
begin trailer "$P"; S=$(made s deploy/production/app good); deploy_job $main $Z $S "$OPEN" > "$A/said"; head -1 "$A/said"
put docs/readme 1; commit "$(printf 'evil\n\nEnvironment: nowhere')"; X=$(git rev-parse HEAD); deploy_job $main $S $X "$OPEN" > "$A/said"; head -1 "$A/said"
Q=$(made honest docs/readme 2); deploy_job $main $X $Q "$OPEN" > "$A/said"; head -1 "$A/said"
grep -o 'ignored, because' "$A/o" | head -1
begin "malformed tree" "$P"; S=$(made s deploy/production/app good); deploy_job $main $Z $S "$OPEN" > "$A/said"; head -1 "$A/said"
entry() { printf '100644 twice\0'; printf "$(git rev-parse HEAD:docs/readme | sed 's/../\\x&/g')"; }
tree=$({ git cat-file tree HEAD; entry; entry; } | git hash-object -t tree -w --stdin --literally)
B=$(git commit-tree -p HEAD -m evil "$tree"); R=$(git commit-tree -p "$B" -m revert "$S^{tree}"); git reset -q --hard "$R"
deploy_job $main $S $R "$OPEN" > "$A/said"; head -1 "$A/said"
Q=$(made honest docs/readme 2); deploy_job $main $R $Q "$OPEN" > "$A/said"; head -1 "$A/said"
begin "malformed folder of policies" "$P"; S=$(made s policies/notes good); deploy_job $main $Z $S "$OPEN" > "$A/said"; head -1 "$A/said"
policies=$({ git cat-file tree HEAD:policies; git cat-file tree HEAD:policies; } | git hash-object -t tree -w --stdin --literally)
tree=$(git ls-tree HEAD | sed "s/tree [0-9a-f]*\tpolicies/tree $policies\tpolicies/" | git mktree)
B=$(git commit-tree -p HEAD -m evil "$tree"); R=$(git commit-tree -p "$B" -m revert "$S^{tree}"); git reset -q --hard "$R"
deploy_job $main $S $R "$OPEN" > "$A/said"; head -1 "$A/said"
Q=$(made honest docs/readme 2); deploy_job $main $R $Q "$OPEN" > "$A/said"; head -1 "$A/said"
for first in orphan main; do
  begin "$first first" "$P"; S=$(made s deploy/production/app good); git push -q origin main
  git checkout -q --orphan o; git rm -q -rf .; put docs/other 1; commit orphan; O=$(git rev-parse HEAD); git checkout -q main
  case $first in orphan) parents="-p $O -p $S" ;; *) parents="-p $S -p $O" ;; esac
  M=$(git commit-tree $parents -m merge "$O^{tree}"); git push -q origin "$M:refs/heads/main"; git reset -q --hard "$M"
  printf 'version = 1\n[environments.production]\n[[targets]]\npaths = ["deploy/{environment}/**"]\n' > freezegate.toml
  X=$(made x deploy/production/app evil)
  git push -qf origin "$X:$main"; printf '{"before":"%s","after":"%s","ref":"%s","repository":{"default_branch":"main"}}' "$M" "$X" "$main" > "$A/event.json"
  GITHUB_ACTIONS=true GITHUB_EVENT_NAME=push GITHUB_SHA=$X GITHUB_REF=$main GITHUB_EVENT_PATH=$A/event.json GITHUB_ACTOR=eve GITHUB_RUN_ATTEMPT=1 \
    at "$CLOSED" $FG check production > "$A/o" 2>&1; echo "[exit $?]"; grep -E '^(refused|allowed|error)' "$A/o"
done
