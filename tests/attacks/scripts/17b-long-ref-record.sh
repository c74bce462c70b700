# A record of N entries in refs/freezegate/record: one push of docs.
. "$(dirname "$0")/lib.sh"
N=${N:-20000}
arena refrec "--record refs/freezegate/record"
put deploy/production/us/x 1; commit one; O=$(git rev-parse HEAD); mv $SERVER/hooks/pre-receive $A/pr; git push -q origin main; mv $A/pr $SERVER/hooks/pre-receive
python3 $(dirname "$(readlink -f "$0")")/chain.py $N $O $O $(git rev-parse $O^{tree}) $(git rev-parse $O^{tree}) > $A/rec.jsonl
python3 - $A/rec.jsonl <<'PY' | git -C $SERVER fast-import --quiet --force
import sys
o=sys.stdout
o.write('reset refs/freezegate/record\n')
for i,l in enumerate(open(sys.argv[1]),1):
    m='%d allowed production\n\n%s'%(i,l); o.write('commit refs/freezegate/record\ncommitter freezegate <record@freezegate.invalid> %d +0000\ndata %d\n%s\n'%(1700000000+i,len(m),m))
PY
sed -i 's/exec faketime/exec nice -n 10 timeout 300 \/usr\/bin\/time -f "%M KiB, %U s user, %e s" -o "$GIT_DIR\/..\/time" faketime/' $SERVER/hooks/pre-receive
put docs/x 1; commit docs; clock "$CLOSED"; say "docs"; push origin main | tail -1; cat $A/time
put deploy/production/us/x 3; commit three; say "production, closed"; push origin main | tail -1;  cat $A/time
put deploy/production/us/x 4; commit four; say "once more"; push origin main | tail -1;  cat $A/time
