# Owners locked out for good by two pushes in a closed window. 1: a target with `environment = "*"` ("closes" alone). 2: freezes alone ("An edit that only adds freezes is not compared, and opens
# nothing"): production is frozen from Monday to Thursday and staging from Thursday to Monday, and some hundred more close a minute here and there, by long lists of hours. From then on any edit
# but one that adds freezes takes more steps than the limit, counts as opened in every environment ("not compared"), and so waits for an hour at which all are open together, which never comes.
# EditSearch::leaves_a_way looks for an hour at which each environment alone is open. "An edit after which no later edit that opens something could pass is refused at any hour"
# (docs/src/threat-model.md), "blocks all later edits | exit status 2" (docs/src/concepts/policy-in-force.md). Push 2 must be refused, as no fix passed later.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
N=${N:-520} # 1.5 MB; each push of the attack takes some 10 s of processor time
last() { echo "main on the server: $(git -C "$SERVER" log -1 --format=%s main)"; }
heavy() { python3 - "$1" <<'P'
import sys
for i in range(int(sys.argv[1])):
    h=['"%s %02d:%02d-%02d:%02d"'%(d,3,m,3,m+1) for d in ('Mon','Tue','Wed','Thu','Fri','Sat','Sun') for m in range(0,58,3)]+['"Sun 02:%02d-02:%02d"'%(i%50,i%50+1),'"Sat 02:%02d-02:%02d"'%(i//50%50,i//50%50+1)]
    print('[[freezes]]\nname = "f%d"\ntimezone = "UTC"\nhours = [%s]\n'%(i,', '.join(h)))
P
}
try() { # NAME, how many heavy freezes
  logged "$1" "$POLICY" "--record $ROOT/rec.jsonl"
  printf '[[targets]]\npaths = ["shared/**"]\nenvironment = "*"\n' >> freezegate.toml; commit "1: a target"; timed "$CLOSED" origin main
  printf '[[freezes]]\nname = "a"\ntimezone = "UTC"\nfrom = "Mon 00:00"\nuntil = "Thu 00:00"\nenvironments = ["production"]\n[[freezes]]\nname = "b"\ntimezone = "UTC"\nfrom = "Thu 00:00"\nuntil = "Mon 00:00"\nenvironments = ["staging"]\n' >> freezegate.toml
  heavy $2 >> freezegate.toml; commit "2: freezes"; timed "$CLOSED" origin main; last; }
say "control: without the many freezes, each environment can be opened by itself"; try c 0
say "attack"; try a $N
