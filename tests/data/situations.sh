# Situations in which the program prints each of its codes: for `tests/situations.rs`, and to read by eye.
#
# A section for each code: a script of sh, run in an empty folder, after the first section. The text of its last command is looked at.
== before
# the same commits each time
export GIT_AUTHOR_DATE='2026-01-05T12:00:00Z' GIT_COMMITTER_DATE='2026-01-05T12:00:00Z'
# at another time than the rest
at() { time=$1; shift; FAKETIME=$time "$@"; }
policy() { { echo 'version = 1'; cat; } > freezegate.toml; }
usual() {
  policy <<END
[help]
contact = "#release-help"

[regions.us]
timezones  = ["America/New_York", "America/Los_Angeles"]
core_hours = ["Mon-Fri 08:00-18:00"]

[regions.eu]
timezones  = ["Europe/Berlin"]
core_hours = ["Mon-Fri 08:00-18:00"]

[environments.production]
duration = "10m"
settle   = "30m"

[environments.staging]
during_core_hours = "off"

[[targets]]
paths = ["deploy/{environment}/**"]

[[freezes]]
name     = "year end"
from     = "Dec 20 23:00"
until    = "Jan 5 09:00"
timezone = "UTC"
reason   = "half of the on-call rota is away"

[approvers]
allowed_signers = "approvers.allowed_signers"
groups = { oncall = ["ben@example.com"] }

[[lifts]]
level  = "hard"
signed = ["oncall"]
END
  echo 'ben@example.com namespaces="freezegate-grant" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKEvM9jN1nQ0kVbXkUqhjRQ7W9p8nY0m2u6vVqk1cJ5z' > approvers.allowed_signers
}
commit() { git add -A && git commit -qm "$1"; }
repository() {
  git init -q -b main . && git config freezegate.repository example.com/shop
  mkdir -p deploy/production deploy/staging && echo 1 > deploy/production/app.yaml
  "$@" && commit first
}
change() { mkdir -p "$(dirname "$1")"; echo "$2" > "$1"; commit change; }
ingress() {
  mkdir -p "deploy/$1"
  cat > "deploy/$1/$2.yaml" <<END
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: $2, namespace: $1 }
spec:
  ingressClassName: nginx
  rules:
    - host: login.example.com
      http:
        paths:
          - { path: $3, pathType: Prefix, backend: { service: { name: $4, port: { number: 80 } } } }
END
}
routed() {
  usual
  cat >> freezegate.toml <<END

[routes]
paths    = ["deploy/{environment}/**"]
overlap  = "soft"
takeover = "soft"
dead     = "soft"
END
}
== core-hours
repository usual
change deploy/production/app.yaml 2
freezegate check --range HEAD~..HEAD --ref refs/heads/main --at 2026-11-24T15:00:00Z
== freeze
repository usual
change deploy/production/app.yaml 2
freezegate check --range HEAD~..HEAD --ref refs/heads/main --at 2026-12-24T05:00:00Z
== outside-change-window
policy <<END
[regions.eu]
timezones = ["Europe/Berlin"]
[environments.production]
change_windows = [{ hours = "Tue 02:00-06:00", timezone = "Europe/Berlin" }, { hours = "Thu 20:00-23:00", timezone = "Europe/Berlin" }]
END
freezegate check production --at 2026-11-24T07:00:00Z
== window-too-short
usual
freezegate check production --region eu --at 2026-11-24T06:35:00Z
== stale-calendar
policy <<END
[regions.eu]
timezones = ["Europe/Berlin"]
[calendars.release]
dates = [2026-09-15]
[environments.production]
[[freezes]]
name     = "release week"
from     = "release -7d 00:00"
until    = "release +1d 00:00"
timezone = "UTC"
END
freezegate check production --at 2026-11-24T03:00:00Z
== target-mismatch
repository usual
change deploy/production/app.yaml 2
freezegate check staging --range HEAD~..HEAD --ref refs/heads/main --at 2026-11-28T12:00:00Z
== unknown-target
repository usual
change deploy/produciton/app.yaml 2
freezegate check --range HEAD~..HEAD --ref refs/heads/main --at 2026-11-28T12:00:00Z
== policy-change
repository usual
sed -i.bak '/eu/,/18:00/s/18:00/17:00/' freezegate.toml && rm freezegate.toml.bak
commit "shorter hours"
freezegate check --range HEAD~..HEAD --ref refs/heads/main --at 2026-11-28T12:00:00Z
== clock-behind
usual
at '2026-11-24 12:00:00' freezegate check staging --record record.jsonl > /dev/null
at '2026-11-24 11:00:00' freezegate check staging --record record.jsonl
== route-hijack
repository routed
ingress production login / login
commit login
ingress staging try /sso try
commit try
freezegate check --range HEAD~..HEAD --ref refs/heads/main --at 2026-11-28T12:00:00Z
== route-overlap
repository routed
ingress production login / login
commit login
ingress production other / other
commit other
freezegate check --range HEAD~..HEAD --ref refs/heads/main --at 2026-11-28T12:00:00Z
== route-takeover
repository routed
ingress production login / login
commit login
ingress production other /sso other
commit other
freezegate check --range HEAD~..HEAD --ref refs/heads/main --at 2026-11-28T12:00:00Z
== route-dead
repository routed
ingress production login / login
commit login
cat >> deploy/production/login.yaml <<END
          - { path: /, pathType: Prefix, backend: { service: { name: late, port: { number: 80 } } } }
END
commit late
freezegate check --range HEAD~..HEAD --ref refs/heads/main --at 2026-11-28T12:00:00Z
== rollback
repository usual
ask() { at "$1" freezegate check --range HEAD~..HEAD --ref refs/heads/main --record ../record.jsonl --enforce; }
change deploy/production/app.yaml 2 && ask '2026-11-28 12:00:00' > /dev/null
change deploy/production/app.yaml 3 && ask '2026-11-28 13:00:00' > /dev/null
git revert --no-edit HEAD > /dev/null
ask '2026-11-30 15:00:00'
== unreadable-file
printf 'version = 1\r\n' > freezegate.toml
freezegate check production
== syntax
echo 'version = = 1' > freezegate.toml
freezegate check production
== no-policy
freezegate check production
== empty-policy
policy < /dev/null
freezegate check production
== wrong-version
echo 'version = 2' > freezegate.toml
freezegate check production
== too-old
policy <<END
requires = "99.0"
[environments.production]
END
freezegate check production
== unknown-key
policy <<END
[environments.production]
region = ["us"]
[regions.us]
timezones = ["America/New_York"]
END
freezegate check production
== missing-key
policy <<END
[environments.production]
[regions.us]
core_hours = ["Mon-Fri 08:00-18:00"]
END
freezegate check production
== wrong-type
policy <<END
[environments.production]
aliases = "prod"
END
freezegate check production
== bad-value
policy <<END
[environments.production]
during_core_hours = "strict"
END
freezegate check production
== unknown-name
usual
freezegate check prodution
== unknown-zone
policy <<END
[environments.production]
[regions.us]
timezones = ["EST"]
END
freezegate check production
== duplicate-name
policy <<END
[environments.production]
aliases = ["staging"]
[environments.staging]
END
freezegate check production
== bad-name
policy <<END
[environments."pre production"]
END
freezegate check production
== bad-hours
policy <<END
[environments.production]
[regions.us]
timezones = ["America/New_York"]
core_hours = ["Mon..Fri 8-18"]
END
freezegate check production
== idle-holiday
policy <<END
[regions.eu]
timezones = ["Europe/Berlin"]
core_hours = ["Mon-Fri 08:00-18:00"]
holidays = ["public"]
[calendars.public]
dates = [2026-12-26, 2027-01-01]
valid_until = 2027-12-31
[environments.production]
END
freezegate lint
== inexact
usual
freezegate export gitlab production
printf '%s\n' BEGIN:VCALENDAR BEGIN:VEVENT 'SUMMARY:Second week' 'DTSTART;TZID=Europe/Berlin:20260105T080000' DURATION:PT10H 'RRULE:FREQ=WEEKLY;INTERVAL=2' END:VEVENT END:VCALENDAR > freezes.ics
freezegate import ics freezes.ics
freezegate export ics production
== invalid-time
policy <<END
[environments.production]
[[freezes]]
name = "end of month"
from = "day 31 00:00"
until = "+1d 09:00"
timezone = "UTC"
END
freezegate check production
== bad-duration
usual
freezegate check production --for 45
== bad-pattern
policy <<END
[environments.production]
[[targets]]
paths = ["deploy/(prod|staging)/.*"]
environment = "production"
END
freezegate check production
== too-large
{ echo 'version = 1'; i=0; while [ $i -lt 260 ]; do printf '[regions.r%s]\ntimezones = ["UTC"]\n' $i; i=$((i+1)); done; i=0; while [ $i -lt 200 ]; do printf '[environments.e%s]\n' $i; i=$((i+1)); done; } > freezegate.toml
freezegate check e1
== empty-set
policy <<END
[environments.production]
regions = []
END
freezegate check production
== contradiction
policy <<END
[environments.production]
[[lifts]]
level = "hard"
signed = []
END
freezegate check production
== bad-include
policy <<END
include = ["../org.toml"]
[environments.production]
END
freezegate check production
== bad-roster
policy <<END
[environments.production]
[approvers]
allowed_signers = "approvers.allowed_signers"
END
echo 'ben@example.com ssh-dss AAAA' > approvers.allowed_signers
freezegate check production
== bad-grant
usual
freezegate grant new --from freezegate.toml --reason "logins fail"
== not-in-fragment
usual
printf 'version = 1\n[environments.lab]\n' > stop.toml
freezegate check production --extra-freezes stop.toml
== invalid-usage
usual
freezegate check
== no-evidence
repository usual
freezegate check production --range HEAD~9..HEAD
== no-record
usual
freezegate check staging --record missing/record.jsonl
== broken-record
usual
freezegate check staging --record record.jsonl > /dev/null
freezegate check staging --record record.jsonl > /dev/null
sed 's/staging/stagimg/' record.jsonl > broken.jsonl
freezegate check staging --record broken.jsonl
== invalid-timestamp
usual
freezegate check production --at "2026-11-26 17:50"
== unwritable
usual
freezegate check production --format json --output missing/answer.json
== never-open
policy <<END
[environments.production]
change_windows = [{ hours = "Tue 02:00-02:05", timezone = "UTC" }]
duration = "10m"
END
freezegate lint
== rarely-open
policy <<END
[environments.production]
change_windows = [{ hours = "Tue 02:00-06:00", timezone = "UTC" }]
END
freezegate lint
== never-occurs
policy <<END
[environments.production]
[[freezes]]
name = "launch"
from = 2040-01-01T00:00:00
until = 2040-01-02T00:00:00
timezone = "UTC"
END
freezegate lint
== past-freeze
policy <<END
[environments.production]
[[freezes]]
name = "launch"
from = 2020-01-01T00:00:00
until = 2020-01-02T00:00:00
timezone = "UTC"
END
freezegate lint
== past-rollout
policy <<END
[environments.production]
rollout = [{ from = 2020-01-13, level = "hard" }]
[[freezes]]
name = "year end"
from = "Dec 20 00:00"
until = "Jan 5 00:00"
timezone = "UTC"
END
freezegate lint
== long-freeze
policy <<END
[environments.production]
[[freezes]]
name = "summer"
from = "Jun 1 00:00"
until = "Sep 15 00:00"
timezone = "UTC"
END
freezegate lint
== calendar-expires
policy <<END
[environments.production]
[calendars.release]
dates = [2020-09-15]
[[freezes]]
name     = "release week"
from     = "release -7d 00:00"
until    = "release +1d 00:00"
timezone = "UTC"
END
freezegate lint
== deprecated-zone
policy <<END
[environments.production]
[regions.ua]
timezones = ["Europe/Kiev"]
END
freezegate lint
== mixed-country-holidays
policy <<END
[environments.production]
[calendars.days]
dates = [2026-12-25]
valid_until = 2099-12-31
[regions.eu]
timezones = ["Europe/Berlin", "Europe/Paris"]
core_hours = ["Mon-Fri 08:00-18:00"]
holidays = ["days"]
END
freezegate lint
== unmatched-target
repository usual
cat >> freezegate.toml <<END
[[targets]]
paths       = ["charts/**"]
environment = "production"
END
freezegate lint --coverage
== uncovered-path
repository usual
change deploy/readme.txt 1
change charts/app.yaml 1
freezegate lint --coverage
== unused
policy <<END
[environments.production]
[services.billing]
END
freezegate lint
== not-liftable
policy <<END
[environments.production]
[[targets]]
paths = ["deploy/**"]
environment = "production"
END
freezegate lint
