//! What a piece of the screen means. Widgets name roles; only themes name colours.

macro_rules! roles {
    ($($variant:ident = $name:literal, $doc:literal;)+) => {
        /// What a piece of the screen means.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Role {
            $(#[doc = $doc] $variant,)+
        }

        impl Role {
            /// Every role.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in theme files.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What it is used for.
            pub fn describe(self) -> &'static str {
                match self { $(Self::$variant => $doc,)+ }
            }
        }
    };
}

roles! {
    Text = "text", "Ordinary text.";
    Muted = "muted", "What matters less: labels, units, rules' words.";
    Accent = "accent", "What the eye shall find: names on sheets, the active tab.";
    Heading = "heading", "Titles of columns and sections.";
    Selection = "selection", "The row under the cursor, where the keys go.";
    SelectionIdle = "selection-idle", "The row under the cursor of a pane without the keys.";
    Column = "column", "The column that column keys act on.";
    Mark = "mark", "Marked rows and their count.";
    Range = "range", "Rows that a range would mark.";
    Danger = "danger", "Errors, and what destroys.";
    Warning = "warning", "Warnings, and what deserves a second look.";
    Success = "success", "What went well.";
    Info = "info", "Events for information.";
    Audit = "audit", "Changes by administrators and users.";
    Border = "border", "Lines between panes and around sheets.";
    BorderFocus = "border-focus", "The line of the pane that has the keys.";
    Status = "status", "The status bar.";
    ReadWrite = "read-write", "The letters RW: acting is possible.";
    ReadOnly = "read-only", "The letters RO: acting is switched off.";
    Stale = "stale", "Old data, and the band that says so.";
    Disabled = "disabled", "What cannot be chosen.";
    Own = "own", "What the console itself did.";
    Forced = "forced", "Verbs that take work away without asking.";
    Key = "key", "Keys in hints and help.";
    Input = "input", "Text being typed.";
}

impl Role {
    /// The role with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.name() == name)
    }
}
