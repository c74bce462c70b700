# 100,000 entries: what one decision costs then (file), and what one costs in the closed window, when the rollback is looked at.
. "$(dirname "$0")/lib.sh"
N=${N:-100000}
arena longrec "--record $ROOT/longrec/rec.jsonl"
mv $SERVER/hooks/pre-receive $A/pr
put deploy/production/us/x 1; commit one; O=$(git rev-parse HEAD); put deploy/production/us/x 2; commit two; W=$(git rev-parse HEAD); git push -q origin main; mv $A/pr $SERVER/hooks/pre-receive
python3 $(dirname "$(readlink -f "$0")")/chain.py $N $W $O $(git rev-parse $W^{tree}) $(git rev-parse $O^{tree}) > $A/rec.jsonl; ls -l $A/rec.jsonl
at "$CLOSED" $FG record verify $A/rec.jsonl
sed -i 's/exec faketime/ulimit -v '${LIMIT:-8000000}'; exec nice -n 10 timeout '${SEC:-300}' \/usr\/bin\/time -f "%M KiB, %U s user, %e s" -o "$GIT_DIR\/..\/time" faketime/' $SERVER/hooks/pre-receive
put docs/x 1; commit docs; clock "$CLOSED"; say "docs"; push origin main | tail -1; cat $A/time
put deploy/production/us/x 3; commit three; say "production, closed"; push origin main | tail -1;  cat $A/time
put deploy/production/us/x 4; commit four; say "once more"; push origin main | tail -1;  cat $A/time
