# The same hole as phantom-merged.sh the other way round, in core hours: a rollback that the hook allowed and git turned down (--atomic), merged with `-s ours` and an edit of docs, counts as landed, and what is there as
# what put the bad state back. From then on the honest rollback of the bad state is refused ("rolled back from"), against docs/src/concepts/rollbacks.md. The last push of the attack must be allowed, as that of the control.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P="$AMERICA"'[environments.production]
[[targets]]
refs = ["refs/heads/main", "refs/heads/rel/*"]
paths = ["app/**"]
environment = "production"
'
for what in control attack; do
logged b "$P" "--record $ROOT/rec.jsonl"; say $what
put app/x 0; commit S0; timed "2025-07-09 02:00:00" origin main; timed "2025-07-09 02:05:00" origin HEAD:refs/heads/rel/1; S=$(git rev-parse HEAD)
put app/x bad; commit B; B=$(git rev-parse HEAD); timed "2025-07-09 02:10:00" origin main
if [ $what = attack ]; then git revert --no-edit HEAD >/dev/null; R=$(git rev-parse HEAD); clock "2025-07-09 15:00:00"; git push --atomic origin $R:refs/heads/main $S:refs/heads/main/x 2>&1 | grep -E "rollback|rejected|allowed" | head -4
git reset -q --hard $B; git merge -q -s ours --no-commit $R >/dev/null; put docs/readme 2; commit M; timed "2025-07-09 15:10:00" origin main; fi
git checkout -q $S -- app; commit honest; clock "2025-07-09 15:20:00"; push origin main
done
