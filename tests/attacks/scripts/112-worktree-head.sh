# The bare repository has a linked work tree (`git worktree add`, as servers that check a branch out do). Whoever pushes chooses the path: SERVER/worktrees/NAME, or the work tree itself,
# is the same repository, but its HEAD is that of the work tree. The hook takes that branch for the default one: main is then no default branch, and the policy is that of the other branch,
# which whoever may push can write. "nobody who pushes gets past it"; "The policy of the default branch applies to every ref". The last push of each attack must be refused (or exit 2).
. "$(dirname "$0")/lib.sh"
try() { logged "$1" "$2" "--record $ROOT/rec.jsonl"; git -C "$SERVER" worktree add -q -b docs "$A/wt" main; put deploy/production/us/app evil; commit evil; E=$(git rev-parse HEAD); }
last() { echo "main on the server: $(git -C "$SERVER" log -1 --format=%s main)"; }
try a "$POLICY"
echo "control: to the repository"; timed "$CLOSED" "$SERVER" $E:refs/heads/main; last
echo "attack: to its work tree";   timed "$CLOSED" "$A/wt" $E:refs/heads/main; last
try b "$POLICY"
echo "attack: to SERVER/worktrees/wt"; timed "$CLOSED" "$SERVER/worktrees/wt" $E:refs/heads/main; last
# A target that names main, in a policy that somebody may override only with a signature: the branch of the work tree gets a policy of the attacker's, as any branch may.
try c "$(printf '%s' "$POLICY" | sed 's/^paths/refs = ["refs\/heads\/main"]\n&/')"
git -C "$SERVER" config receive.denyCurrentBranch updateInstead # the server checks out what is pushed to docs
echo "control: to SERVER/worktrees/wt, with the policy of docs as it was"; timed "$CLOSED" "$SERVER/worktrees/wt" $E:refs/heads/main; last
git checkout -q -b docs origin/main; sed -i 's/^core_hours.*//' freezegate.toml; commit "a policy on docs"
echo "a policy for docs, in closed hours: other branches may have any policy"; timed "$CLOSED" "$SERVER" HEAD:refs/heads/docs; last
echo "attack"; timed "$CLOSED" "$SERVER/worktrees/wt" $E:refs/heads/main; last
