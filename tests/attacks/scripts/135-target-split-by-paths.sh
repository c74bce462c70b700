# Production went S1 (app 1, db 1), S2 (app 2, db 2), S3 (app 2, db 3). In core hours somebody makes two targets of `paths = ["app/**", "db/**"]`, which "opens nothing"; the next push brings app 1 beside db 3, which
# production never had, as a rollback: on which paths a change has to go back is said by today's targets that it reaches (src/gate/history/of_move.rs). With a record, and with a reflog alone. No push of the attack may pass.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P="$AMERICA"'[environments.production]
[[targets]]
paths = ["app/**", "db/**"]
environment = "production"
'
SPLIT="$AMERICA"'[environments.production]
[[targets]]
paths = ["app/**"]
environment = "production"
[[targets]]
paths = ["db/**"]
environment = "production"
'
for keep in record reflog; do
  for what in control attack; do
    rec=; [ $keep = record ] && rec="--record $ROOT/rec.jsonl"
    logged t "$P" "$rec"; say "$keep, $what"
    put app/x 1; put db/schema 1; commit S1; timed "2025-07-09 02:00:00" origin main
    put app/x 2; put db/schema 2; commit S2; timed "2025-07-09 02:10:00" origin main
    put db/schema 3; commit S3; timed "2025-07-09 02:20:00" origin main
    if [ $what = attack ]; then printf '%s' "$SPLIT" > freezegate.toml; commit split; GIT_COMMITTER_DATE="2025-07-09 21:40:00 +0000"; clock "2025-07-09 21:40:00"; push origin main | grep -E '^\[|refused|opens|allows'; fi
    put app/x 1; commit "app of S1, db of S3"; clock "$CLOSED"; push origin main | grep -E '^\[|refused:|verified|overridden'
  done
done
