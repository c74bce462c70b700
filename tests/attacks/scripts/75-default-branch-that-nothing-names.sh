# A CI provider that does not name the default branch (Jenkins), in a checkout without refs/remotes/origin/HEAD; and a record that knows no decision about the default branch. Each last line of a case must be a refusal, or exit 2, but of `second-name` and `judged` none.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
HOURS="$AMERICA"'[environments.production]
[[targets]]
refs = ["refs/heads/trunk", "refs/heads/main", "refs/heads/rel/*"]
paths = ["app/**"]
environment = "production"
'
trunk() {
  git branch -q -m main trunk; git push -q origin trunk; git -C "$SERVER" symbolic-ref HEAD refs/heads/trunk
  git push -q origin :main; git fetch -q --prune; git symbolic-ref --delete refs/remotes/origin/HEAD 2>/dev/null
}
jenkins() { # BRANCH PREVIOUS NEW TIME [arguments]
  local branch=$1 previous=$2 new=$3 time=$4; shift 4
  git fetch -q; git checkout -q "$new"; git symbolic-ref --delete refs/remotes/origin/HEAD 2>/dev/null
  JENKINS_URL=http://j BUILD_ID=3 BUILD_NUMBER=3 JOB_NAME=d GIT_URL=file://$SERVER GIT_COMMIT=$new GIT_PREVIOUS_SUCCESSFUL_COMMIT=$previous GIT_BRANCH=origin/$branch BRANCH_NAME=$branch \
    at "$time" $FG check production --record "$ROOT/rec.jsonl" "$@" > "$A/o" 2>&1
  echo "[git push exit $?]"; grep -E '^(refused|allowed|error)|cause|help' "$A/o" | tr '\n' '|'; echo; git checkout -q trunk
}
# a branch by the name of `main`, with a policy that closes nothing, where `trunk` is the default one
begin decoy "$HOURS"; trunk
put app/x 0; commit A; S=$(git rev-parse HEAD); git push -q origin trunk; jenkins trunk $Z $S "$OPEN" --fetch
git checkout -q -B lax $S; sed -i 's/^core_hours.*//' freezegate.toml; commit L; git push -q origin HEAD:main; git checkout -q trunk
put app/x evil; commit D; D=$(git rev-parse HEAD); git push -q origin trunk
jenkins trunk $S $D "$CLOSED"; jenkins trunk $S $D "$CLOSED" --fetch
rm -f "$ROOT"/rec.jsonl*; jenkins trunk $S $D "$CLOSED"; jenkins trunk $S $D "$CLOSED" --fetch
git checkout -q $D; at "$CLOSED" $FG check production --enforce --range $S..$D --ref refs/heads/trunk > "$A/o" 2>&1; echo "[git push exit $?]"; git checkout -q trunk
# `master` beside `main`: jobs go on
begin second-name "$HOURS"; put app/x 0; commit A; S=$(git rev-parse HEAD); git push -q origin main HEAD:master HEAD:trunk; git branch -q trunk
jenkins main $Z $S "$OPEN" --fetch; jenkins main $S $S "$OPEN"
# a branch with a policy of its own, of which nothing says that it is not the default one
begin own-policy "$HOURS"; trunk
put app/x 0; commit A; S=$(git rev-parse HEAD); git push -q origin trunk; jenkins trunk $Z $S "$OPEN" --fetch
git checkout -q -B w $S; put app/x 1; sed -i 's/^core_hours.*//' freezegate.toml; commit R; R=$(git rev-parse HEAD); git push -q origin HEAD:rel/1; git checkout -q trunk
jenkins rel/1 $S $R "$OPEN"
git checkout -q -B w $R; put app/x evil; commit D; D=$(git rev-parse HEAD); git push -q origin HEAD:rel/1; git checkout -q trunk
jenkins rel/1 $R $D "$CLOSED"; rm -f "$ROOT"/rec.jsonl*; jenkins rel/1 $R $D "$CLOSED"
# jobs for a release branch alone: an edit on main that no job judged, or that one refused
for how in unjudged refused; do
  begin "edit $how" "$HOURS"
  put app/x 0; commit A; S=$(git rev-parse HEAD); deploy_job refs/heads/rel/1 $none $S "$OPEN"
  git checkout -q main; sed -i 's/^core_hours.*//' freezegate.toml; commit "P [skip ci]"; P=$(git rev-parse HEAD); git push -q origin main
  if [ $how = refused ]; then commit "M"; P2=$(git rev-parse HEAD); deploy_job refs/heads/main $P $P2 "$CLOSED"; fi
  git checkout -q -B w $S; put app/x evil; commit D; D=$(git rev-parse HEAD); git checkout -q main
  deploy_job refs/heads/rel/1 $S $D "$CLOSED"
done
# the command that the warning prints brings the edit into force, once it may
begin "judged" "$HOURS"
put app/x 0; commit A; S=$(git rev-parse HEAD); deploy_job refs/heads/rel/1 $none $S "$OPEN"
git checkout -q main; sed -i 's/18:00/12:00/' freezegate.toml; commit P; P=$(git rev-parse HEAD); git push -q origin main; git fetch -q
git checkout -q -B w $S; put app/x 1; commit D; D=$(git rev-parse HEAD); git checkout -q main
deploy_job refs/heads/rel/1 $S $D "2025-07-09 20:00:00"
printed=$(tr '\n' ' ' < "$A/o" | grep -oE '`freezegate check --range [^`]*`' | tr -d '`'); echo "printed: ${printed:0:24}"
at "2025-07-10 04:00:00" $FG ${printed#freezegate } --enforce --record "$ROOT/rec.jsonl" > "$A/o2" 2>&1; echo "[git push exit $?]"
deploy_job refs/heads/rel/1 $S $D "2025-07-10 20:00:00"
