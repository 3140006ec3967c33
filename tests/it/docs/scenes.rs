//! What the lines of a document need around them, and what stands for the ids, names and addresses in them.

/// What is there before the lines of a block are run, and what stands there in place of what is printed.
#[derive(Debug)]
pub(super) struct Scene {
    /// Its name in the mark above the block.
    pub(super) name: &'static str,
    /// What a shell does before.
    pub(super) before: &'static str,
    /// Words of the document, and what the shell is given for them. [`HELPERS`] are at hand.
    pub(super) stand_ins: &'static [(&'static str, &'static str)],
    /// What is seen in the terminal, and what is pressed then; without it there is no terminal.
    pub(super) talk: &'static [(&'static str, &'static str)],
}

/// A block whose lines need nothing.
const NONE: Scene = Scene { name: "", before: "", stand_ins: &[], talk: &[] };

/// A console that is looked at and left.
const LEAVE: (&str, &str) = ("complete", "q");

/// The scenes that the marks name.
pub(super) const SCENES: &[Scene] = &[
    NONE,
    Scene { name: "a console", talk: &[LEAVE], ..NONE },
    Scene {
        name: "a password",
        stand_ins: &[("https://cs1.example.com", "$SIM_URL"), ("=kaya ", "=admin ")],
        talk: &[("assword", "{password}<enter>"), LEAVE],
        ..NONE
    },
    Scene {
        name: "an address",
        before: "export FORETOP_SERVER=\"$SIM_URL\" FORETOP_PASSWORD=\"$SIM_PASSWORD\"",
        ..NONE
    },
    Scene {
        name: "a first profile",
        talk: &[
            ("Number [1]:", "<enter>"),
            ("Name of the profile", "emea<enter>"),
            ("Addresses of the connection servers", "{url}<enter>"),
            ("User name, or DOMAIN\\name:", "admin<enter>"),
            ("Domain of the account:", "CORP<enter>"),
            ("in clear text", "<enter>"),
            ("Read-only at first", "<enter>"),
            ("Password of CORP\\admin on emea:", "{password}<enter>"),
        ],
        ..NONE
    },
    Scene { name: "a recording", talk: &[LEAVE, ("REPLAY", "q")], ..NONE },
    Scene {
        name: "a recorded run",
        before: "foretop --record problem.jsonl --profile emea",
        talk: &[LEAVE],
        ..NONE
    },
    // The block above is the script that the crontab names.
    Scene {
        name: "the script above",
        stand_ins: &[("/usr/local/bin/foretop-nightly", "$HOME/bin/above")],
        ..NONE
    },
    Scene {
        name: "a pipeline",
        stand_ins: &[
            ("cs1.example.com", "$SIM_URL"),
            ("svc-foretop", "admin"),
            ("${{ secrets.HORIZON_PASSWORD }}", "$SIM_PASSWORD"),
            ("${{ vars.HORIZON_FINGERPRINT }}", "$SIM_SHA256"),
        ],
        ..NONE
    },
    Scene {
        name: "sessions of a pod",
        stand_ins: &[("5f3a...", "$(session 1)"), ("77c0...", "$(session 3)")],
        ..NONE
    },
    Scene {
        name: "permissions",
        stand_ins: &[
            ("5f3a...", "$(permission e.ruiz)"),
            ("77c0...", "$(permission n.weber)"),
            ("9b21...", "$(permission d.haas)"),
        ],
        ..NONE
    },
    Scene { name: "the plan", stand_ins: &[("3f2a", "$(plan)")], ..NONE },
    Scene {
        name: "a job",
        before: "foretop sessions logoff --where 'state:disc idle>2d' --yes 2",
        stand_ins: &[("7f3a9c01", "$(job)")],
        ..NONE
    },
    Scene {
        name: "a job, also by its time",
        before: "foretop sessions logoff --where 'state:disc idle>2d' --yes 2",
        stand_ins: &[("7f3a9c01", "$(job)"), ("20260302T1400", "$(job | cut -c 1-13)")],
        ..NONE
    },
    Scene {
        name: "a job that was cut off",
        before: "until_told foretop sessions logoff --where 'state:disc idle>4h' --chunk 4 --pause 50m --yes 8",
        stand_ins: &[("20260302T140000Z-7f3a9c01", "$(job)"), ("7f3a9c01", "$(job)")],
        ..NONE
    },
    Scene {
        name: "a plan and a job that was cut off",
        before: "until_told foretop sessions disconnect --where 'state:conn pool:fin*' --chunk 5 --pause 50m --yes 9\n\
                 kept=$(job)\nforetop plan logoff --where 'state:disc idle<4h'",
        stand_ins: &[("3f2a", "$(plan)"), ("7f3a9c01", "$kept")],
        ..NONE
    },
    Scene {
        name: "a job without a terminal",
        before: "foretop sessions logoff --where 'state:disc idle>4h' --chunk 1 --pause 50m --yes 8 --detach",
        stand_ins: &[("7f3a9c01", "$(job)")],
        ..NONE
    },
];

/// What `before` and the stand-ins may use. `look` is the program, but not written down as one of the lines.
pub(super) const HELPERS: &str = r#"
look() { "$PROGRAM" "$@" 2>> "$HOME/looks"; }
endless() { : > "$HOME/endless"; . "$HOME/bin/seen"; }
until_told() { endless; "$@" || true; rm -f "$HOME/endless"; }
job() { ls "$XDG_STATE_HOME/foretop/jobs" | grep 'jsonl$' | tail -n 1 | cut -d . -f 1; }
plan() { ls "$XDG_STATE_HOME/foretop/plans" | grep 'json$' | tail -n 1 | cut -d . -f 1; }
permission() { look permissions list -o csv | grep "CORP.$1," | head -n 1 | cut -d , -f 1; }
session() { look sessions list --all-pods --where 'pod:lis1 state:disc idle>4h' -o csv | sed -n "$(($1 + 1))p" | cut -d , -f 1; }
"#;

/// How `$ID` is found: the session of a desktop that somebody is connected to, and in the cloud an image server.
pub(super) const ID: &str =
    "ID=$(look sessions list --where 'state:conn !type:app' -o csv | sed -n 2p | cut -d , -f 1)";
pub(super) const ID_IN_THE_CLOUD: &str =
    "ID=$(look image-servers list --name office -o csv | sed -n 2p | cut -d , -f 1)";

/// Blocks with command lines that are not run: the file, the beginning of the first line, and why not.
pub(super) const NOT_RUN: &[(&str, &str, &str)] =
    &[("docs/images.md", "foretop images list [--status S]", "a synopsis, of which each word is looked at")];
