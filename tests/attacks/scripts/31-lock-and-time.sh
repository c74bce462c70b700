# No time limit anywhere, and the decision is made while the record is locked: (a) one slow push stops everybody's; (b) a remote record that
# does not answer stops all pushes; (c) anybody who can read the record's file can hold the lock for ever.
# Each should end with an error that says what is waited for: (c) after 30 s, (b) after 60 s. PARTS: which of them are run.
. "$(dirname "$0")/lib.sh"
PARTS=${PARTS:-c b}
arena lock "--record $ROOT/lock/rec.jsonl"; put docs/x 1; commit docs; push origin main | tail -1
timed() { local s=$(date +%s) rc; timeout 100 git push -q origin main; rc=$?; echo "[exit $rc after $(( $(date +%s)-s )) s]"; }
case $PARTS in *c*)
say "c) flock on the record by a process that may only read it"; put deploy/staging/us/x 1; commit staging; push origin main | tail -1
( exec 9< $A/rec.jsonl; flock -s 9; exec sleep 90 ) & H=$!
sleep 1; put docs/y 1; commit docs2; timed; put deploy/staging/us/x 2; commit staging2; timed; kill $H; wait $H 2>/dev/null;;
esac
case $PARTS in *b*)
say "b) a remote that is silent"; python3 -c "
import socket,time
s=socket.socket(); s.bind(('127.0.0.1',0)); s.listen(9); open('$A/port','w').write(str(s.getsockname()[1])); time.sleep(200)" & H=$!
while [ ! -s $A/port ]; do sleep 0.1; done
hook "--record git://127.0.0.1:$(cat $A/port)/r:refs/freezegate/record"; put docs/z 1; commit docs3; timed; kill $H; wait $H 2>/dev/null;;
esac
