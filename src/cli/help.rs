//! Examples and explanations below the help texts.

pub(super) const TOP: &str = "\
Examples:
  foretop                                the console on the default profile
  foretop --demo                         the console on a simulated estate of about 5,000 sessions
  foretop config init                    set up a profile for your own servers
  foretop doctor                         say what is wrong when something is
  foretop --profile emea --read-only     look, but never act
  foretop --record problem.jsonl         record the run for a bug report, with other names
  foretop sessions list --where 'state:disc idle>4h'

Exit codes:
  0  everything asked for was done
  1  an unexpected error
  2  wrong arguments or configuration
  3  partly done
  4  refused by a guard, a limit, a missing confirmation or read-only
  5  not authenticated or not permitted
  6  unreachable

Environment:
  FORETOP_PROFILE, FORETOP_CONFIG, FORETOP_LOG
  FORETOP_SERVER, FORETOP_DOMAIN, FORETOP_USERNAME, FORETOP_PASSWORD, FORETOP_PIN_SHA256
  NO_COLOR";

pub(super) const REPLAY: &str = "\
The screens are those of the recorded run, in their size, with other names in place of the real ones. The
last line says that it is a replay. Keys: Space halts, n goes to the next key, + and - change the
speed, q leaves. A recording that was cut off is played as far as it goes.

Examples:
  foretop --record problem.jsonl --profile emea
  foretop replay problem.jsonl --speed 4
  foretop replay problem.jsonl --screens > screens.txt";

pub(super) const CONFIG: &str = "\
Examples:
  foretop config init
  foretop config path
  foretop config check && foretop config show --profile emea";

pub(super) const CONFIG_INIT: &str = "\
On a terminal it asks for what is not given. Without one nothing is asked: --name, the address, the
account and where its password comes from must be given then, and a certificate that nobody here
trusts is an error which names its fingerprint. The connection is tested, and nothing is changed on
the server. What is in the file stays, with its comments; a profile of that name is never replaced.

Examples:
  foretop config init
  foretop config init --name emea --server cs1.example.com --username 'CORP\\a.kaya' \\
      --password-command 'pass show emea' --read-only
  foretop config init --workspace --name cloud --region cn-north-4 --access-key AKEXAMPLE \\
      --secret-key-env CLOUD_SK --no-test";

pub(super) const CONFIG_SHOW: &str = "\
The first of these that says something wins: command line, environment, profile, top of the file,
default. Of a password only the kind of its source is printed.

Examples:
  foretop config show --profile emea
  foretop config show --json | jq -r '.values[] | select(.from == \"profile\") | .key'";

pub(super) const DOCTOR: &str = "\
Each line begins with ok, note, warn or FAIL; an arrow says what to do. Nothing is changed.
The exit code is 0 when nothing fails, otherwise that of the first failure: 2 the configuration,
5 the account was refused, 6 a server cannot be reached or is not trusted, 1 something else.
A password is only asked for when standard input is a terminal.

Examples:
  foretop doctor --profile emea
  foretop doctor --offline
  foretop doctor --json | jq '.checks[] | select(.status == \"fail\")'";

pub(super) const COMPLETIONS: &str = "\
Examples:
  foretop completions bash > ~/.local/share/bash-completion/completions/foretop
  foretop completions fish > ~/.config/fish/completions/foretop.fish";

pub(super) const MAN: &str = "\
Examples:
  foretop man | man -l -
  foretop man --out ~/.local/share/man/man1 && man foretop-sessions-logoff";

pub(super) const JOBS: &str = "\
Examples:
  foretop jobs                           the jobs on record, the newest first
  foretop jobs show 7f3a9c01 -o csv      each target: unsent, sent without answer or answered
  foretop jobs stop 7f3a9c01             end a job that goes on without a terminal
  foretop jobs verify                    ends with 1 when the record is not as it was written";

pub(super) const APP_SERVERS: &str = "\
Examples:
  foretop app-servers list --profile cloud --where maintenance:draining
  foretop app-servers drain aps-office-01 aps-office-02 --yes 2 --wait
  foretop app-servers reboot aps-office-01 --yes 1 --wait";

pub(super) const APP_SERVERS_DRAIN: &str = "\
Nobody is thrown out: a server is drained when its last session has ended by itself. With --wait the
exit code is 0 only when no session is left on any of them, and 3 when some are left at the deadline;
the report says how many. The same command waits again.

Examples:
  foretop app-servers drain aps-office-01 --yes 1 --wait --deadline 2h
  foretop app-servers drain --where 'group:office' --dry-run";

pub(super) const APP_SERVERS_REBOOT: &str = "\
Sessions on the servers end, and what is not saved in them is lost: --dry-run says how many. A server
on which more sessions run than were planned for is held back. A reboot is accepted by the cloud without
a word about its end; with --wait the exit code is 0 only when each was seen to start and to run again.

Examples:
  foretop app-servers reboot aps-office-01 --dry-run
  foretop app-servers reboot --hard --id 4f1c... --yes 1 --wait --deadline 5m";

pub(super) const IMAGE_SERVERS: &str = "\
Examples:
  foretop image-servers list --profile cloud
  foretop image-servers recreate-image 7023... --name office-2026-04 --dry-run
  foretop image-servers jobs --status RUNNING";

pub(super) const RECREATE_IMAGE: &str = "\
An order is written down before it leaves, and the cloud's job when it is known. A build cannot be
cancelled; it goes on when this program ends. With --wait the exit code is 0 only for SUCCESS.

Examples:
  foretop image-servers recreate-image 7023... --name office-2026-04 --sysprep --yes 1 --wait
  foretop image-servers recreate-image 7023... --name office-2026-04 --yes 1 -o json";

pub(super) const IMAGE_JOBS: &str = "\
Examples:
  foretop image-servers jobs --kind CREATE_SERVER_IMAGE --status RUNNING
  foretop image-servers jobs show 6973... -o json";

pub(super) const SESSIONS: &str = "\
Examples:
  foretop sessions list --where 'user:alvarez*'
  foretop sessions logoff --where 'state:disc idle>4h pool:fin-*' --dry-run
  foretop sessions logoff --where 'state:disc idle>4h pool:fin-*' --yes 35";

pub(super) const LIST: &str = "\
Examples:
  foretop sessions list --where 'state:disc idle>4h' --sort -idle
  foretop sessions list --columns user,machine,idle -o csv
  foretop sessions list -o json | jq -r '.[].user_name'";

pub(super) const ACTION: &str = "\
Nothing is sent without a confirmation: --yes N, or, on a terminal, the number typed when asked.
N is the number of sessions that will be sent; when it has become another one, nothing is sent
and the exit code is 4.

Examples, shown for logoff:
  foretop sessions logoff --where 'state:disc idle>4h' --dry-run
  foretop sessions logoff --where 'state:disc idle>4h' --max 50 --ticket INC-48213 --yes 35
  foretop sessions logoff --id 5f3a... --id 77c0... --yes 2 -o json";

pub(super) const PLAN: &str = "\
The plan is a file with a frozen list of sessions. It names its estate and is refused by another one,
may be applied once, by anybody who may read it, and expires. Guard and sessions are checked again
before each call.

Examples:
  foretop plan logoff --where 'state:disc idle>4h' --ticket INC-48213
  foretop plan logoff --forced --id 5f3a... --expires 8h -o inc-48213.json";

pub(super) const APPLY: &str = "\
Examples:
  foretop apply 3f2a --dry-run
  foretop apply 3f2a --yes 35
  foretop apply ./inc-48213.json --max 50 --yes 35 -o json";

pub(super) const MESSAGE: &str = "\
A message needs a confirmation as every other verb: --yes N, or the number typed when asked.

Examples:
  foretop sessions message --severity warning --text 'Restart at 15:00' --where 'host:RDS-04'
  foretop sessions message --text 'Please log off' --id 5f3a... --yes 1";

pub(super) const EVENTS: &str = "\
Examples:
  foretop events --since 15m --where 'severity:error'
  foretop events --follow -o jsonl
  foretop events explain ADMIN_DESKTOP_SESSION_LOGOFF_FAILED";

pub(super) const WHOAMI: &str = "\
Answers are yes, no with the privilege that is missing, or unknown where the server does not say
(before release 2209): then the server decides when it is tried.

Examples:
  foretop whoami --profile emea
  foretop whoami -o json | jq '.rights[] | select(.answer == \"no\")'";

pub(super) const SIM: &str = "\
When it is ready it prints one line of JSON with url, username, domain and password, and nothing
else to standard output. It ends with Ctrl-C.

Examples:
  foretop sim --world small --seed 7
  foretop sim --listen 127.0.0.1:8443 --tls --clock x60 --fault throttle=5/10s

Faults, as NAME[=VALUE][@PATH][:COUNT]: latency=200ms, throttle=5/10s, status=500, drop=0.5,
truncate=0.5, garbage, new-enum, missing-fields, slow-drip=50ms, token-expiry=60, refuse-refresh,
no-event-db, down, pod-down=FRA1. @sessions limits one to paths with `sessions` in them, :3 to
three answers.";

pub(super) const IMAGES: &str = "\
Examples:
  foretop images list
  foretop images tags move win11-office/prod --to v24.4 --dry-run
  foretop images versions list win11-office --where 'is:unused' -o json";

pub(super) const IMAGES_LIST: &str = "\
--status, --clone-type, --image-type and --vcenter are asked of the server; --where looks at what it answers.

Examples:
  foretop images list --image-type VDI_DESKTOP
  foretop images list --where 'os:win11 is:trouble'
  foretop images list -o json | jq -r '.[] | select(.sessions == 0) | .name'";

pub(super) const IMAGES_CREATE: &str = "\
Nothing is sent without a confirmation: --yes N, or, on a terminal, the key when asked.

Example:
  foretop images create win11-office win11-dev --operating-system WINDOWS_11 --source UPLOADED \\
      --status AVAILABLE --description 'Office 365' --yes 2";

pub(super) const IMAGES_CHANGE: &str = "\
Nothing is sent without a confirmation: --yes N, or, on a terminal, the key when asked. --dry-run prints
what would be sent, what follows from it, and what is to be expected of the server.

Examples:
  foretop images update win11-office --description 'September' --yes 1
  foretop images delete old-stream --dry-run
  foretop images versions delete win11-office/v24.1 --yes 1";

pub(super) const IMAGES_TAGS: &str = "\
Examples:
  foretop images tags list win11-office
  foretop images tags move win11-office/prod --to v24.4 --dry-run
  foretop images tags move win11-office/prod --to v24.4 --ticket CHG-771 --yes 1";

pub(super) const PERMISSIONS: &str = "\
Examples:
  foretop permissions list --where 'covers:finance can:reset'
  foretop permissions can 'CORP\\t.lee' reset fin-w11
  foretop permissions create --principal 'CORP\\t.lee' --role 'Help Desk Administrators' --access-group Finance --yes 1";

pub(super) const PERMISSIONS_LIST: &str = "\
MSG message and disconnect, OFF log off, RST restart and reset, PSH push image, IMG change images,
PRM change permissions: Y yes, F only for sessions of the federation, - no, ? not known.
In the column !: D the name no longer resolves, A a user is full administrator directly.

Fields of --where: principal, role, group, covers, kind, can, flag, id.

Examples:
  foretop permissions list --where 'kind:user can:permissions'
  foretop permissions list --where 'flag:dead' -o json | jq -r '.[].id'";

pub(super) const PERMISSIONS_CREATE: &str = "\
One permission for each --principal, all in one go; each has its own outcome.

Examples:
  foretop permissions create --principal 'CORP\\t.lee' --role 'Help Desk Administrators' \\
      --access-group Finance --dry-run
  foretop permissions create --principal 'CORP\\a' --principal 'CORP\\b' --role Auditors \\
      --access-group Root --yes 2

Over Workspace each account may use each app group; who may already is held back. N is the number
of pairs that will be sent.
  foretop permissions create --app-group Office --user t.lee --user kaya --yes 2
  foretop permissions create --app-group Office --app-group CAD --user-group Design=5f3a... --yes 2";

pub(super) const PERMISSIONS_DELETE: &str = "\
Deleting a permission of your own, or the last full administrator, asks for words as well:
--confirm 'delete my own permission', --confirm 'delete the last administrator', or for both at once
--confirm 'delete my own permission and the last administrator'. --dry-run shows which.

Examples:
  foretop permissions delete 5f3a... 77c0... --yes 2
  foretop permissions delete --where 'flag:dead' --dry-run

Over Workspace ids and --where are those of authorizations, or accounts and app groups are named:
  foretop permissions delete --app-group Office --user t.lee --yes 1
  foretop permissions delete --where 'group:cad kind:user' --dry-run";

pub(super) const PERMISSIONS_REPLACE: &str = "\
There is no way to change a permission. The new one is created first; the old one is deleted only
when the new one is there. What is not named stays as it was.

Examples:
  foretop permissions replace 5f3a... --role 'Inventory Administrators' --yes 2
  foretop permissions replace 5f3a... --access-group Finance --dry-run";

pub(super) const PERMISSIONS_CAN: &str = "\
The exit code is the answer: 0 yes, 4 no, 3 not known. 2 is a mistake in the question, 5 and 6
mean that it could not be asked.

TARGET is the name or id of a pool, farm, machine, session or access group, or a user who has
sessions; when a name means several things, put pool:, farm:, machine:, session:, user: or group:
before it. `manage` goes with images or permissions.

Groups are followed as far as the server tells them; where it does not, a no becomes unknown. The
server's own view is asked for beside it, from release 2309 on.

Examples:
  foretop permissions can 'CORP\\t.lee' reset fin-w11
  foretop permissions can t.lee manage permissions && echo may";
