# 20 KB of targets of staging (which "close only", so that anyone may push them at any hour): from then on each edit of the policy costs the server most of a minute of processor
# time (debug build), and then counts as "opens: every environment, hard; not compared", even an edit that adds one freeze and nothing else: a stop can't be pushed in a closed window.
# Growth (lint, debug, user time): 60 targets (5 KB) 8 s, 120 (10 KB) 40 s, 240 (20 KB) 45 s and the limit. N: how many.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
N=${N:-240}; arena cost; clock "$CLOSED"
t() { local s=$(date +%s); times > $A/t0; push origin main | grep -E 'refused|error\[|policy edit|  opens|allowed|not compared|exit' | cut -c1-110; echo "[$(($(date +%s)-s)) s wall]"; }
say "1: the targets"; for i in $(seq $N); do printf '[[targets]]\npaths = ["**/a%s/**"]\nexcept = ["**/b/**/c*d*e%s/**"]\nenvironment = "staging"\n' $i $i >> freezegate.toml; done; commit many; ls -l freezegate.toml | cut -d' ' -f5; t
say "2: one freeze more, in the closed window"; printf '[[freezes]]\nname = "stop"\nfrom = 2025-07-09T21:00:00\nuntil = 2025-07-11T00:00:00\ntimezone = "UTC"\n' >> freezegate.toml; commit stop; t
