# Somebody tries the line of the CI step by hand, and so makes the record's first entry, as advice. The first job then knew no state, and trusted no policy: exit 2, until somebody found `--range`.
# The first job must be judged as by a new record, and edits of the policy with it: the last job of each case says 0, 0, 1.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P="$AMERICA"'[environments.production]
[[targets]]
paths = ["app/**"]
environment = "production"
'
for by in nobody hand; do
  begin a "$P" > /dev/null; say "$by"; S=$(git rev-parse HEAD)
  [ $by = hand ] && { at "2025-07-09 01:00:00" $FG check production --record "$ROOT/rec.jsonl" > "$A/o" 2>&1; grep -E '^(allowed|refused)' "$A/o"; }
  N=$(made N app/x 1); deploy_job $main $S $N "2025-07-09 02:00:00"
  M=$(made M app/x 2); deploy_job $main $N $M "2025-07-09 02:10:00"
  put app/x 3; sed -i '/^core_hours/d' freezegate.toml; commit "weaker"; deploy_job $main $M $(git rev-parse HEAD) "$CLOSED"
done
