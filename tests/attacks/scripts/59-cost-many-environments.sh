# Cost: N environments that are off (which "close only", at any hour; 30 bytes each), then a push that reaches all of them (also at any hour). From then on each refused push of production costs the server
# time that grows with the square of N (debug build, N=2000: 15 to 34 s). Should come: seconds at most, growing with N; the same answers as with few.
# N: how many.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"; TIMEFORMAT='[%U s user]'
N=${N:-2000}; arena a --record "$ROOT/record.jsonl"
clock "2025-07-08 05:00:00"; put deploy/production/us/a 1; commit s; push -q origin main >/dev/null
clock "2025-07-09 05:00:00"; put deploy/production/us/a 2; commit s2; push -q origin main >/dev/null; clock "$CLOSED"
t() { time push origin main | sed 's/^remote: *//; s/ *$//'  | grep -E 'refused|error\[|allowed|rollback|exit' | cut -c1-110; }
say "1: production, before"; put deploy/production/us/a evil; commit e; t; git reset -q --hard HEAD~
say "2: the policy"; for i in $(seq $N); do printf '[environments.s%s]\nduring_core_hours = "off"\n' $i; done >> freezegate.toml; commit environments; t
say "3: the push that reaches all"; for i in $(seq $N); do mkdir -p deploy/s$i/us; echo 1 > deploy/s$i/us/x; done; commit all; t
say "4: production, refused"; put deploy/production/us/a evil; commit e; t; git reset -q --hard HEAD~
say "5: production, back"; put deploy/production/us/a 1; commit back; t
