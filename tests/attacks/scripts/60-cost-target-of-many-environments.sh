# Cost: N environments that are off, then an edit that adds a target of all of them for the policy's own file: time that grows with the square of N (debug build, N=1500 4 s, 3000 15 s, 6000 60 s), at any
# hour, by anybody. Should come: time that grows with N.
# N: how many.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"; TIMEFORMAT='[%U s user]'
N=${N:-4000}; arena a; clock "$CLOSED"
t() { time push origin main | sed 's/^remote: *//; s/ *$//' | grep -E 'refused|error\[|policy edit|allowed|exit' | cut -c1-110; }
say "1: environments"; for i in $(seq $N); do printf '[environments.x%s]\nduring_core_hours = "off"\n' $i; done >> freezegate.toml; commit environments; t
say "2: a target of all"; printf '[[targets]]\npaths = ["freezegate.toml"]\nenvironment = "*"\n' >> freezegate.toml; commit target; t
