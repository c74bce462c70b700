# A history (reflog or record) of N there-and-back pairs A, B1, A, B2, … with a change elsewhere each time, as a busy branch has: in the closed window
# every refused push compares all pairs of them, N x N trees, while it holds the lock of the record.
. "$(dirname "$0")/lib.sh"
# HISTORY=reflog or record: where it is known from.
N=${N:-100} HISTORY=${HISTORY:-reflog}
arena history "--record $ROOT/history/rec.jsonl"; [ $HISTORY = record ] || git -C $SERVER config core.logAllRefUpdates always
python3 - $N > $A/fi <<'PY'
import sys
n=int(sys.argv[1]); o=sys.stdout
def blob(s): return 'data %d\n%s\n'%(len(s),s)
pol=open('freezegate.toml').read()
o.write('reset refs/heads/main\n')
m=0
for i in range(n):
    for x in ('A','B%d'%i):
        m+=1
        o.write('commit refs/heads/main\nmark :%d\ncommitter E <e@e> %d +0000\n'%(m,1752000000+m)+blob('c'))
        o.write('M 100644 inline deploy/production/us/x\n'+blob(x)+'M 100644 inline docs/n\n'+blob(str(m))+'M 100644 inline freezegate.toml\n'+blob(pol))
PY
git fast-import --quiet --force --export-marks=$A/marks < $A/fi; git reset -q --hard
mv $SERVER/hooks/pre-receive $A/pr; git push -q -f origin main; mv $A/pr $SERVER/hooks/pre-receive
if [ $HISTORY = reflog ]; then mkdir -p $SERVER/logs/refs/heads
python3 - $A/marks $ROOT/history/server.git/logs/refs/heads/main <<'PY'
import sys
m=sorted((int(l.split()[0][1:]),l.split()[1]) for l in open(sys.argv[1]))
old='0'*40
with open(sys.argv[2],'w') as f:
    for i,h in m:
        f.write('%s %s E <e@e> %d +0000\tpush\n'%(old,h,1752030000+i)); old=h   # the night before
PY
else git log --reverse --format='%H %T' | python3 -c "
import sys,json,hashlib
prev=None; old=(None,None)
for i,l in enumerate(sys.stdin,1):
    new=l.split(); at='2025-07-09T%02d:%02d:%02dZ'%(i//600,i//10%60,i%10*6)   # the night before
    e={'schema':'freezegate/record/v1','sequence':i,'previous':prev,'run':'%016x'%i,'decided':{'at':at,'mode':'pre-receive','standing':'enforcement','decision':'allowed','reached':[{'environment':'production','region':'us','service':None}],'changes':[{'ref':'refs/heads/main','environments':['production'],'proposed':False,'base':'the remote ref','everything':False,'commit':new[0],'tree':new[1],'base_commit':old[0],'base_tree':old[1]}],'kinds':[],'findings':[],'reasons':[],'incident':None,'actor':None,'requesters':[],'signers':[],'spent':[],'policy':'0'*64,'tzdb':'2026e'}}
    body=json.dumps(e,separators=(',',':')); prev=hashlib.sha256(body.encode()).hexdigest(); old=new
    print(body[:-1]+',\"hash\":\"%s\"}'%prev)" > $A/rec.jsonl; fi
sed -i 's/exec faketime/ulimit -v '${LIMIT:-8000000}'; exec nice -n 10 timeout '${SEC:-300}' \/usr\/bin\/time -f "%M KiB, %U s user, %S s system, %e s" -o "$GIT_DIR\/..\/time" faketime/' $SERVER/hooks/pre-receive
put deploy/production/us/x 3; commit three; clock "$CLOSED"; say "N=$N: production, closed"; push origin main > $A/out 2>&1; tail -1 $A/out; cat $A/time
