# What refs held before a record began was no state of its history: a change that was rolled back to that came back in a closed window, as a rollback
# to the state before, by another branch or tag of the same target.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P="$AMERICA"'[environments.production]
[[targets]]
paths = ["deploy/{environment}/**"]
refs  = ["refs/heads/main", "refs/heads/rel/*", "refs/tags/v*"]
'
SUNDAY="2025-07-06 12:"
MONDAY="2025-07-07 16:00:00"
begin_with() { # CASE CONTENT
  rm -f "$ROOT"/rec.jsonl*; ARENA_POLICY=$P; arena "$1"; say "$1"; rm "$SERVER/hooks/pre-receive"
  G=$(made good deploy/production/a "$2"); git push -q origin main; B=$(made bad deploy/production/a bad)
}
# the branch or tag that holds what is gone back to is older than the hook
begin_with "older branch" good; hook "--record $ROOT/rec.jsonl"
timed "${SUNDAY}10:00" origin "$B:refs/heads/rel/1"; timed "${SUNDAY}20:00" origin "+$G:refs/heads/rel/1"
timed "$MONDAY" origin "$B:refs/heads/rel/1"; timed "$MONDAY" origin "$B:refs/heads/main"
begin_with "older tag" good; git push -q origin "$G:refs/tags/v1"; hook "--record $ROOT/rec.jsonl"
git checkout -q --detach "$G"; D=$(made again docs/readme again)
timed "${SUNDAY}10:00" origin "$B:refs/tags/v2"; timed "${SUNDAY}20:00" origin "$D:refs/tags/v3"; timed "$MONDAY" origin "$B:refs/tags/v4"
# it came with the first policy
begin_with "first policy" good; git -C "$SERVER" update-ref -d refs/heads/main; hook "--record $ROOT/rec.jsonl"
timed "${SUNDAY}00:00" origin "$G:refs/heads/main"; timed "${SUNDAY}10:00" origin "$B:refs/heads/rel/1"; timed "${SUNDAY}20:00" origin "+$G:refs/heads/rel/1"
timed "$MONDAY" origin "$B:refs/heads/rel/1"; timed "$MONDAY" origin "$B:refs/heads/main"
# what a branch held before its own first state, after another came
begin_with "own base" good; hook "--record $ROOT/rec.jsonl"; C=$(made other deploy/production/a other)
timed "${SUNDAY}10:00" origin "$C:refs/heads/rel/1"; timed "${SUNDAY}20:00" origin "$B:refs/heads/main"; timed "${SUNDAY}30:00" origin "+$G:refs/heads/main"
timed "$MONDAY" origin "$B:refs/heads/main"
# a real rollback stays one
begin_with control older; hook "--record $ROOT/rec.jsonl"; C=$(made other deploy/production/a other)
timed "${SUNDAY}10:00" origin "$B:refs/heads/rel/1"; timed "${SUNDAY}20:00" origin "$C:refs/heads/rel/1"; timed "$MONDAY" origin "+$B:refs/heads/rel/1"
