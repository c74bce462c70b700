# The same with targets of paths, and a later commit of docs on rel/1: the turned-down push of rel/1 changes lib/** alone; main's change is of app/**, on which state and ref are equal whether it landed or not: Landed::Yes (src/gate/landed.rs asks is_same(state, seen)
# before is_same(base, seen), and does not see that both are). So rel/1's old app counts as deployed after main's M. The last push of the attack must be refused as that of the control.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P="$AMERICA"'[environments.production]
[[targets]]
refs = ["refs/heads/main", "refs/heads/rel/*"]
paths = ["app/**"]
environment = "production"
[[targets]]
refs = ["refs/heads/main", "refs/heads/rel/*"]
paths = ["lib/**"]
environment = "production"
'
for what in control attack; do
  logged $what "$P" "--record $ROOT/rec.jsonl"; B=$(git rev-parse HEAD)
  put app/x old; commit R; R=$(git rev-parse HEAD); timed "2025-07-09 02:00:00" origin $R:refs/heads/rel/1
  git reset -q --hard $B; put app/x new; commit M; timed "2025-07-09 02:10:00" origin main
  git checkout -q -b r $R; put lib/y 1; commit "R and lib"; git checkout -q main
  [ $what = attack ] && { clock "2025-07-09 02:20:00"; git push --atomic origin r:refs/heads/rel/1 $B:refs/heads/main/x 2>&1 | grep -E 'rejected' | head -1; } 
  git checkout -q -b d $R; put docs/z 1; commit docs; timed "2025-07-09 02:25:00" origin d:refs/heads/rel/1; git checkout -q main
  put app/x newer; commit N; timed "2025-07-09 02:30:00" origin main
  git checkout -q $R -- app; commit "to R"; clock "$CLOSED"; push origin main | grep -E 'exit|rollback|refused|verified'
done
