# Anybody made a branch above the one that is to hold the record, before its first entry: nothing could be recorded then.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
quiet() { push "$@" | grep -E '^\[git push'; }
say "above the record"; arena above --record refs/heads/fg/record; clock "2025-07-13 12:00:00"
quiet origin HEAD:refs/heads/fg; quiet origin HEAD:refs/heads/FG; quiet origin HEAD:refs/heads/fg/record/x; quiet origin HEAD:refs/heads/fgx
echo "production, open"; put deploy/production/us/a 1; commit p; quiet origin main
