# "That state was not itself rolled back from" (docs/src/concepts/rollbacks.md). What was replaced longer ago than `[rollback] within`, 72 h, was forgotten, and with it that
# the newest change put it back: then that could be taken back as a rollback. The last job of each attack must be refused, that of a control allowed, unless it was taken back.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P="$AMERICA"'[environments.production]
[[targets]]
refs = ["refs/heads/main", "refs/heads/rel/*"]
paths = ["app/**"]
environment = "production"
'
job() { # MESSAGE TEXT TIME: app/a gets this text, upon what main has
  N=$(made "$1" app/a "$2"); deploy_job $main $LAST $N "$3"; LAST=$N
}
try() { begin a "$P" > /dev/null; say "$1"; LAST=$Z; }
MONDAY="2025-07-14 21:45:00"
try "control: the newest change goes back"
job X good "2025-06-01 12:00:00"; job B bad "2025-06-08 12:00:00"; job C other "2025-07-12 12:00:00"; job back bad "$MONDAY"
try "control: taken back within 72 h"
job X good "2025-07-12 11:00:00"; job B bad "2025-07-12 12:00:00"; job undo good "2025-07-12 13:00:00"; job back bad "$MONDAY"
try "control: taken back by what is older"
job X good "2025-06-01 12:00:00"; job B bad "2025-06-08 12:00:00"; put app/b 1; job undo good "2025-07-12 12:00:00"; rm app/b; job back bad "$MONDAY"
try "attack: taken back long ago, and brought again"
job X good "2025-06-01 12:00:00"; job B bad "2025-06-08 12:00:00"; job undo good "2025-06-15 12:00:00"
job again bad "2025-07-06 12:00:00"; job C other "2025-07-12 12:00:00"; job back bad "$MONDAY"
try "control: the undo is lost with its branch"
job X good "2025-06-01 12:00:00"; git checkout -q -b rel; R=$(made R app/a hotfix); git checkout -q main; deploy_job $rel $none $R "2025-06-08 12:00:00"
git branch -q -D rel; git push -q origin :$rel; git fetch -q --prune; git reflog expire --expire=now --all; git gc -q --prune=now
job B new "2025-06-15 12:00:00"; job C other "2025-07-12 12:00:00"; job back new "$MONDAY"
git cat-file -e $R 2>/dev/null && echo "it is still there"
