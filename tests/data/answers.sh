# Answers and words that they have to have: for `tests/answers.rs`. All of a script's output is looked at, its blanks and line ends as one blank.
#
# A section for each: a script of sh, run in an empty folder, after the first section, on a Saturday; `? ` words that it prints, `! ` words that it must not.
== before
export GIT_AUTHOR_DATE='2026-01-05T12:00:00Z' GIT_COMMITTER_DATE='2026-01-05T12:00:00Z'
export GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.com GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@example.com
at() { time=$1; shift; FAKETIME=$time "$@"; }
policy() { { echo 'version = 1'; cat; } > freezegate.toml; }
commit() { git add -A && git commit -qm "$@"; }
begin() { git init -q -b main . && git config user.email ada@example.com && git config freezegate.repository example.com/shop; }
change() { mkdir -p "$(dirname "$1")"; echo "$2" > "$1"; }
key() { ssh-keygen -q -t ed25519 -N '' -C '' -f "$1"; }
two() {
  policy <<END
[environments.production]
[environments.staging]
during_core_hours = "off"
[[targets]]
paths = ["deploy/prod/**"]
environment = "production"
[[targets]]
paths = ["deploy/staging/**"]
environment = "staging"
$(cat)
END
  begin; change deploy/prod/app 1; change deploy/staging/app 1; commit first
}
weekend() {
  cat <<END
[[freezes]]
name = "weekend"
from = "Fri 18:00"
until = "Mon 06:00"
timezone = "UTC"
environments = ["production"]
END
}
signed() {
  key ben; key ada
  { printf 'ben@example.com '; cat ben.pub; printf 'ada@example.com '; cat ada.pub; } > approvers.allowed_signers
  cat <<END
[approvers]
allowed_signers = "approvers.allowed_signers"
groups = { oncall = ["ben@example.com"], leads = ["ada@example.com"] }
[[lifts]]
level = "hard"
signed = ["oncall"]
END
}
== a freeze of some kinds, of a change by name
{ weekend; echo 'kinds = ["migration"]'; } | two
freezegate check production; freezegate next production; freezegate check production --kind config
? clock Sat 12:00 UTC, closed Fri 27 Nov 18:00 to Mon 30 Nov 06:00 stops only migration; if this is another kind, add `--kind KIND` opens
? closed by freeze weekend, Fri 18:00 to Mon 06:00 UTC, hard freezegate.toml:13 stops only migration; if this is another kind
? allowed: `production` may change now
== a freeze of some kinds that is met by its kind
{ weekend; echo 'kinds = ["migration"]'; } | two
freezegate check production --kind migration
? refused: production is frozen
! stops only
== a freeze of some kinds, of changed files
{ weekend; echo 'kinds = ["migration"]'; } | two
change deploy/prod/app 2; commit second
freezegate check --range HEAD~..HEAD --kind config
freezegate status
? stops only migration; if these files are another kind, add `kind` to their target freezegate.toml:5
? stops only migration; for another kind, run `freezegate check production --kind KIND`
== what `next` takes and answers
freezegate next -h; freezegate check -h
? exit status: 0 answered, also if it never opens; 2 no answer
? Read this record, a file or a ref as for `check`
? exit status: 0 allowed, or refused with --dry-run; 1 refused, 2 no decision
== several environments that are never open together
policy <<END
[environments.production]
change_windows = [{ hours = "Mon 06:00-07:00", timezone = "UTC" }]
[environments.db]
change_windows = [{ hours = "Tue 06:00-07:00", timezone = "UTC" }]
END
freezegate next production db; freezegate check production db
? never: `production` and `db` are not open at the same time within 400 days; if each opens alone, change them one by one
? opens never: `production` and `db` are not open at the same time
== a window that is followed by others
policy <<END
[environments.production]
[[freezes]]
name = "one"
from = "Fri 18:00"
until = "Sun 06:00"
timezone = "UTC"
[[freezes]]
name = "other"
from = "Sun 05:00"
until = "Mon 06:00"
timezone = "UTC"
END
freezegate check production
? opens Mon 06:00 UTC, in 1 d 18 h; closed until then
! others close it too
== a policy edit and a change in one push
{ weekend; signed; } | two
sed -i 's/Mon 06:00/Sun 06:00/' freezegate.toml; change deploy/prod/app 2; commit both
freezegate check --range HEAD~..HEAD --ref refs/heads/main
? if you push the edit of `freezegate.toml` on its own (`freezegate explain policy-change`); that edit needs an override
? edit allows production: starts Sun 06:00-06:00 UTC, 24 h a week; freeze `weekend`; hard
! once you fix
== a trailer that names another environment
{ weekend; } | two
change deploy/prod/app 2; git add -A; git commit -qm second -m 'Environment: staging'
freezegate check --range HEAD~..HEAD
? fix amend the trailer: `Environment: production` meant both? amend the trailer: `Environment: staging, production`
== a trailer of an earlier commit that names another environment
{ weekend; } | two
change deploy/prod/app 2; git add -A; git commit -qm second -m 'Environment: staging'; change deploy/prod/app 3; commit third
freezegate check --range HEAD~2..HEAD
? and `reword` it: `Environment: production` meant both?
== a job that reaches more than it names
{ weekend; } | two
change deploy/staging/app 2; commit second
freezegate check production --enforce --range HEAD~..HEAD --ref refs/heads/main
at '2026-11-25 12:00:00' freezegate check production --declared-only --enforce --range HEAD~..HEAD --ref refs/heads/main
? its share? add `--declared-only`: another job then judges the rest
? allowed: `production` may change now
? not judged staging (--declared-only)
== a name that is new
policy <<END
[environments.production]
[[targets]]
paths = ["deploy/{environment}/**"]
END
begin; commit first; change deploy/acceptance/app 1; commit second
freezegate check --range HEAD~..HEAD
? new? define it first, in a push of its own
== a target without files
{ weekend; } | two
sed -i 's,deploy/prod/,deploy/prd/,' freezegate.toml
freezegate lint --allow not-liftable
? warning[unmatched-target]: the target matches no tracked file --> freezegate.toml:5:1
== a grant for any change
{ weekend; signed; } | two
freezegate grant new production --any-change --incident INC-7 --reason 'login down' --output fix.grant
? to a check by hand, as often as needed until it expires: `freezegate check production
! uses it up
== a grant for one change
{ weekend; signed; } | two
change deploy/prod/app 2; commit second
freezegate grant new --range HEAD~..HEAD --ref refs/heads/main --reason 'login down' --requester cleo@example.com --output fix.grant
freezegate check --range HEAD~..HEAD --ref refs/heads/main --grant fix.grant --enforce
? to a check by hand, which uses it up: `freezegate check --range
? warning: grant
? can't be used here: it is single use, and this gate keeps no record: give `--record FILE`
== a grant that the requester alone could sign
{ weekend; signed; } | two
freezegate grant new production --any-change --incident INC-7 --reason 'login down' --requester ben@example.com
? warning: nobody is left who may sign for `oncall`: you (`ben@example.com`) request the grant; ask someone else to request it
== a grant for a command
{ weekend; signed; } | two
freezegate grant new production --reason 'login down' --output fix.grant --requester cleo@example.com -- true
freezegate grant sign fix.grant --key ben 2> signed; cat signed
freezegate grant verify fix.grant --repository example.com/shop
? start it by the refused command, with `--record FILE --grant fix.grant` before its `--`
! a signer pushes the change
== a key outside the roster
{ weekend; signed; } | two
key cleo
freezegate grant new production --any-change --incident INC-7 --reason 'login down' --output fix.grant
freezegate grant sign fix.grant --key cleo 2>&1 | sed 's/SHA256:[^ ]*/FINGERPRINT/'
? warning: this signature does not count: your key FINGERPRINT is not in the roster `approvers.allowed_signers` signed: fix.grant
== what is not a key
{ weekend; signed; } | two
echo '# Shop' > README.md
freezegate grant new production --any-change --incident INC-7 --reason 'login down' --output fix.grant
freezegate grant sign fix.grant --key README.md
? `README.md` is not an SSH key
! ssh-keygen made no signature
== a private key in the roster
{ weekend; signed; } | two
printf 'ben@example.com ' > approvers.allowed_signers; cat ben >> approvers.allowed_signers
freezegate check production
? error[bad-roster]: the roster `approvers.allowed_signers`: it holds a private key
! no key can be read
== what is not a grant
{ weekend; signed; } | two
printf '# Shop\n\nIt sells [things](a.md), in `shops`.\n- and more\n' > README.md
freezegate grant sign README.md --key ben
? error[bad-grant]: this is not a grant
! error[syntax]
== a reason that is left as it was printed
{ weekend; } | two
freezegate stop production --for 1h --reason "…"; freezegate stop production --for 1h --incident "INC-…"
? `--reason` is `…`, which is a placeholder
? `--incident` is `INC-…`, which is a placeholder
== a slip in the name of an option that there is not
{ weekend; } | two
freezegate check --enviroment prod
? name environments without an option: 'freezegate check production'
== an environment in place of a path
{ weekend; } | two
freezegate where production
? see there is no such path; for the environment: `freezegate check production`
== a push without a policy
begin; change a 1; commit first; git init -q --bare -b main ../server.git
git remote add origin ../server.git; freezegate hook install > /dev/null; git push -q origin main
? `freezegate hook install --policy FILE`
! name it with `--policy FILE`
== no decision that matches
{ echo; } | two
freezegate check production --record record.jsonl > /dev/null; freezegate check staging --record record.jsonl > /dev/null
freezegate record show record.jsonl --refused
? 0 of 2 decisions match
! allowed
== the end of a push that nobody may override
{ weekend; } | two
git init -q --bare -b main ../server.git; git remote add origin ../server.git; git push -q origin main; git fetch -q
freezegate hook install > /dev/null; change deploy/prod/app 2; commit second; git push -q origin main
? advice only: `git push --no-verify` leaves the decision to the server
! with grant
== the end of a push that a grant may override
{ weekend; signed; } | two
git init -q --bare -b main ../server.git; git remote add origin ../server.git; git push -q origin main; git fetch -q
freezegate hook install > /dev/null; change deploy/prod/app 2; commit second; git push -q origin main
? with grant `git push --no-verify -o "$(freezegate grant push-option FILE)"`
== a grant for a stop that was not read
{ signed; } | two
git init -q --bare -b main ../server.git; git remote add origin ../server.git; git push -q origin main; git fetch -q
freezegate stop production --for 2h --incident INC-7 --reason 'login down' --stops origin > /dev/null
freezegate grant new production --any-change --incident INC-7 --reason 'login down' --requester cleo@example.com --stops origin --output fix.grant > /dev/null 2>&1
freezegate grant sign fix.grant --key ben 2>&1 | sed -n '/^signed:/,$p'
freezegate grant verify fix.grant
echo; freezegate grant verify fix.grant --stops origin
? see whether it is valid: `freezegate grant verify fix.grant --stops origin`
? undecided:
? not checked here: the stop, as no stops were read; add `--stops origin`
? valid:
! write a new grant
== a stop by too few digits
{ signed; } | two
git init -q --bare -b main ../server.git; git remote add origin ../server.git; git push -q origin main
freezegate stop production --for 2h --incident INC-7 --reason 'login down' --stops origin > /dev/null
freezegate resume 061 --stops origin
? `061` is too short: give at least 4 digits of the stop's id
== a warning about a grant that nothing needs
{ weekend; signed; } | two
freezegate grant new production --any-change --incident INC-7 --reason 'login down' --output fix.grant > /dev/null 2>&1
at '2026-11-25 12:00:00' freezegate check production --grant fix.grant
? allowed: `production` may change now
! not valid
== hours are told with their own zone, and a calendar that has ended opens nothing
policy <<END
[environments.production]
[environments.billing]
change_windows = [{ hours = "Tue,Thu 06:00-07:00", timezone = "Europe/Berlin" }]
[calendars.release]
dates = [2025-09-15]
valid_until = 2025-12-31
[[freezes]]
name = "release week"
from = "release -7d 00:00"
until = "release +1d 00:00"
timezone = "UTC"
environments = ["production"]
END
begin; commit one
freezegate status
? closed by outside the change windows Tue,Thu 06:00-07:00 Berlin, hard
? closed: production
? opens when the calendar is updated
! not within 400 days
== a time without an offset
policy <<END
[environments.production]
END
freezegate check production --at 2026-03-04T17:50 --timezone America/New_York
? write `2026-03-04T17:50:00Z` for UTC, or `2026-03-04T17:50:00-05:00` for New York
== a grant of which a signature is missing
{ weekend; signed | sed 's/signed = .*/signed = ["oncall", "leads"]/'; } | two
change deploy/prod/app 2; commit second
freezegate grant new --range HEAD~..HEAD --ref refs/heads/main --reason 'login down' --requester cleo@example.com --output fix.grant > /dev/null 2>&1
freezegate grant sign fix.grant --key ben 2> /dev/null
freezegate check --range HEAD~..HEAD --ref refs/heads/main --grant fix.grant --record record.jsonl
? override `freezegate grant sign fix.grant --key KEY` by one of `leads` (ada@example.com) completes grant
! grant new
! ask oncall
== a grant that nobody could keep the use of
{ weekend; signed; } | two
change deploy/prod/app 2; commit second
freezegate grant new --range HEAD~..HEAD --ref refs/heads/main --reason 'login down' --requester cleo@example.com --output fix.grant > /dev/null 2>&1
freezegate grant sign fix.grant --key ben 2> /dev/null
freezegate check --range HEAD~..HEAD --ref refs/heads/main --grant fix.grant --enforce
? override add `--record origin:refs/heads/freezegate-record`, which grant
! grant ask
== an override without a record, where it is enforced
{ weekend; signed; } | two
change deploy/prod/app 2; commit second
freezegate check --range HEAD~..HEAD --ref refs/heads/main --enforce
freezegate check --range HEAD~..HEAD --ref refs/heads/main --enforce --record record.jsonl
? needs 1 signature: oncall (not author, requester, pusher). It permits any change for the incident. To permit only this change, run this again with `--record origin:refs/heads/freezegate-record`: that prints the command
? the record `record.jsonl` is in the work tree, which the change controls
? outside the work tree, or in `origin:refs/heads/freezegate-record`
== an incident that is enough
{ weekend; printf '[[lifts]]\nlevel = "hard"\nsigned = []\nincident = true\n'; } | two
change deploy/prod/app 2; commit second
freezegate check --range HEAD~..HEAD --ref refs/heads/main --enforce
freezegate check production
freezegate grant new production --any-change --incident INC-7 --reason 'login down' --output fix.grant > /dev/null 2>&1
freezegate grant verify fix.grant
? add `--incident INC-… --record origin:refs/heads/freezegate-record`: the incident is enough; it is recorded
? add `--incident INC-… --record record.jsonl`: the incident is enough; it is recorded
? signed by nobody, as it needs no signature
! no valid signature yet
== a grant that is over before it is signed
{ weekend; signed; } | two
freezegate grant new production --any-change --incident INC-7 --reason 'login down' --requester cleo@example.com --output fix.grant > /dev/null 2>&1
at '2026-11-28 14:00:00' freezegate grant sign fix.grant --key ben
? expired 1 h ago
? request a new one: ask again what is refused, and use the command that it prints
! you are signing
