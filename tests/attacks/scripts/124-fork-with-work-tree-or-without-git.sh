# 116 closed for a bare fork only. (a) A fork on the server that has a work tree (`git clone SHOP FORK`, receive.denyCurrentBranch=updateInstead, or core.worktree): name_of (src/gate/lifts.rs) still takes origin's
# address as its name, so with one record for both hooks what the fork's own policy allowed is a state of SHOP's main. (b) A bare fork at SHOP's path without `.git` (/srv/shop beside /srv/shop.git): name_of_address drops
# `.git`, so both are one repository. The last push of each attack must be refused, as that of the control (the fork has a name of its own).
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
last() { echo "main on the server: $(git -C "$S1" log -1 --format=%s main)"; }
try() { # NAME, how, names
  logged "$1" "$POLICY" "--record $ROOT/rec.jsonl"; S1=$SERVER
  put deploy/production/us/app first; commit first; timed "$OPEN" origin main > /dev/null
  case $2 in
    tree) F=$A/fork; git clone -q "$S1" "$F"; git -C "$F" config receive.denyCurrentBranch updateInstead; SERVER=$F/.git;;
    worktree) F=$A/fork.git; git clone -q --bare "$S1" "$F"; mkdir "$A/out"; git -C "$F" config core.bare false; git -C "$F" config core.worktree "$A/out"; git -C "$F" config receive.denyCurrentBranch ignore; SERVER=$F;;
    path) F=$A/server; git clone -q --bare "$S1" "$F"; SERVER=$F;;
  esac
  hook "--record $ROOT/rec.jsonl"; SERVER=$S1; git remote add fork "$F"
  [ "$3" ] && git -C "$F" config freezegate.repository fork
  git checkout -q -b fork; sed -i '/^core_hours/d' freezegate.toml; commit "a policy of the fork"; echo "to the fork, in open time: its own policy"; timed "2025-07-06 12:01:00" fork HEAD:refs/heads/main
  git checkout -q main; put deploy/production/us/app good; commit good; echo "to the server, in open time: good"; timed "2025-07-06 12:02:00" origin main
  put deploy/production/us/app evil; commit evil; E=$(git rev-parse HEAD); echo "in closed hours. control: evil to the server"; timed "$CLOSED" origin $E:refs/heads/main; last
  git checkout -q fork; put deploy/production/us/app evil; commit "evil there"; echo "to the fork: evil, good"; timed "2025-07-09 21:47:00" fork HEAD:refs/heads/main
  put deploy/production/us/app good; commit "good there"; timed "2025-07-09 21:48:00" fork HEAD:refs/heads/main
  echo "the same commits to a branch of no environment"; timed "2025-07-09 21:49:00" origin HEAD:refs/heads/notes
  echo "evil to the server"; timed "2025-07-09 21:50:00" origin $E:refs/heads/main; last
}
for how in tree worktree path; do
say "attack: $how"; try a $how ""
say "control: $how, with a name"; try b $how names
done
