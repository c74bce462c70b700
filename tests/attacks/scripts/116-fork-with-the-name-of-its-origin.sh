# "A record of several repositories keeps their states apart, by the name that grants use" (docs/src/introduction.md). A fork that is made on the server by `git clone --bare SHOP FORK` has
# remote.origin.url = SHOP, and so counts as SHOP itself: if both hooks keep one record, what is allowed in the fork, by the fork's own policy, is a state of SHOP's main. Whoever may push to the
# fork brings SHOP's production to what it never had, in closed hours, as a rollback. The last push of the attack must be refused, as that of the control (where the fork has a name of its own).
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
last() { echo "main on the server: $(git -C "$S1" log -1 --format=%s main)"; }
try() { # NAME, names
  logged "$1" "$POLICY" "--record $ROOT/rec.jsonl"; S1=$SERVER
  put deploy/production/us/app first; commit first; timed "$OPEN" origin main > /dev/null
  git clone -q --bare "$S1" "$A/fork.git"; SERVER=$A/fork.git; hook "--record $ROOT/rec.jsonl"; SERVER=$S1; git remote add fork "$A/fork.git"
  [ "$2" ] && git -C "$A/fork.git" config freezegate.repository fork
  git checkout -q -b fork; sed -i '/^core_hours/d' freezegate.toml; commit "a policy of the fork"; echo "to the fork, in open time: its own policy"; timed "2025-07-06 12:01:00" fork HEAD:refs/heads/main
  git checkout -q main; put deploy/production/us/app good; commit good; echo "to the server, in open time: good"; timed "2025-07-06 12:02:00" origin main
  put deploy/production/us/app evil; commit evil; E=$(git rev-parse HEAD); echo "in closed hours. control: evil to the server"; timed "$CLOSED" origin $E:refs/heads/main; last
  git checkout -q fork; put deploy/production/us/app evil; commit "evil there"; echo "to the fork: evil, good"; timed "2025-07-09 21:47:00" fork HEAD:refs/heads/main
  put deploy/production/us/app good; commit "good there"; timed "2025-07-09 21:48:00" fork HEAD:refs/heads/main
  echo "the same commits to a branch of no environment"; timed "2025-07-09 21:49:00" origin HEAD:refs/heads/notes
  echo "evil to the server"; timed "2025-07-09 21:50:00" origin $E:refs/heads/main; last
}
say "attack"; try a ""
say "control: with a name"; try b names
