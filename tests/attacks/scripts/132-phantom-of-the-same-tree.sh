# 108 with an empty commit: a push of rel/1 from R to R' (the same tree; a target without paths is reached by any move), allowed in open time and turned down by git, is Landed::Yes, as the ref holds that tree anyway. So R counts as what
# was deployed after main's M, and main goes from what comes next (N) to R in core hours as a "verified rollback", though the state before N was M. The last push of the attack must be refused as that of the control.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P="$AMERICA"'[environments.production]
[[targets]]
refs = ["refs/heads/main", "refs/heads/rel/*"]
environment = "production"
'
for what in control attack; do
  logged $what "$P" "--record $ROOT/rec.jsonl"; B=$(git rev-parse HEAD)
  put app/x old; commit R; R=$(git rev-parse HEAD); timed "2025-07-09 02:00:00" origin $R:refs/heads/rel/1
  git reset -q --hard $B; put app/x new; commit M; timed "2025-07-09 02:10:00" origin main
  git checkout -q -b r $R; git commit -q --allow-empty -m "R, an empty commit"; git checkout -q main
  [ $what = attack ] && { clock "2025-07-09 02:20:00"; git push --atomic origin r:refs/heads/rel/1 $B:refs/heads/main/x 2>&1 | grep -E 'rejected' | head -1; }
  put app/x newer; commit N; timed "2025-07-09 02:30:00" origin main
  git checkout -q $R -- app; commit "to R"; clock "$CLOSED"; push origin main | grep -E 'exit|rollback|refused|verified'
done
