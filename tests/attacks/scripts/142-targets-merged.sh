# The counterpart of 134: main and rel/* each have a target of the same paths, and so a history of its own. In core hours one target with the refs of both takes their place, which "opened nothing", and the next push brings to main what
# rel/1 alone ever had, as a rollback. Refs that come together count as opened for rollbacks now. No push of the attack may pass.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P="$AMERICA"'[environments.production]
[[targets]]
refs = ["refs/heads/main"]
paths = ["app/**"]
environment = "production"
[[targets]]
refs = ["refs/heads/rel/*"]
paths = ["app/**"]
environment = "production"
'
MERGED="$AMERICA"'[environments.production]
[[targets]]
refs = ["refs/heads/main", "refs/heads/rel/*"]
paths = ["app/**"]
environment = "production"
'
for what in control attack; do
  logged $what "$P" "--record $ROOT/rec.jsonl"
  put app/x 1; commit M1; timed "2025-07-09 02:00:00" origin main
  git checkout -q -b rel; put app/x "what rel alone has"; commit R1; timed "2025-07-09 02:10:00" origin HEAD:refs/heads/rel/1; git checkout -q main
  put app/x 2; commit M2; timed "2025-07-09 02:20:00" origin main
  if [ $what = attack ]; then printf '%s' "$MERGED" > freezegate.toml; commit merged; clock "2025-07-09 21:40:00"; push origin main | grep -E '^\[|refused|edit (opens|closes)|opens'; fi
  put app/x "what rel alone has"; commit "R1 on main"; clock "$CLOSED"; push origin main | grep -E '^\[|refused:|verified|rollback'
done
