//! The default keymap (`screens.md section 1`): of each context what is its own, then what it shares with others.

use super::{Command as C, Context as X};

/// Keys, what they do, and short words for the hint line where they are worth a place there.
pub(super) struct Entry {
    /// The keys, separated by blanks, as [`crate::core::key::Key`] displays them.
    pub(super) keys: &'static str,
    pub(super) command: C,
    pub(super) hint: Option<&'static str>,
}

/// The keys of a context.
pub(super) struct Sheet {
    pub(super) context: X,
    /// Its own, the hints in the order in which they are worth knowing.
    pub(super) own: &'static [Entry],
    /// What it shares with others.
    pub(super) shared: &'static [&'static [Entry]],
}

const fn bind(keys: &'static str, command: C) -> Entry {
    Entry { keys, command, hint: None }
}

const fn hint(keys: &'static str, command: C, hint: &'static str) -> Entry {
    Entry { keys, command, hint: Some(hint) }
}

const fn sheet(context: X, own: &'static [Entry], shared: &'static [&'static [Entry]]) -> Sheet {
    Sheet { context, own, shared }
}

/// Row by row.
const ROWS: &[Entry] =
    &[bind("j", C::MoveDown), bind("Down", C::MoveDown), bind("k", C::MoveUp), bind("Up", C::MoveUp)];

/// Column by column; in a tree, closing and opening.
const COLUMNS: &[Entry] = &[
    bind("h", C::ColumnLeft),
    bind("Left", C::ColumnLeft),
    bind("l", C::ColumnRight),
    bind("Right", C::ColumnRight),
];

/// Page by page.
const PAGES: &[Entry] = &[
    bind("PgDn", C::MovePageDown),
    bind("PgUp", C::MovePageUp),
    bind("Ctrl-d", C::MoveHalfDown),
    bind("Ctrl-u", C::MoveHalfUp),
];

/// To the ends of a list.
const ENDS: &[Entry] = &[
    bind("g g", C::MoveFirst),
    bind("Home", C::MoveFirst),
    bind("G", C::MoveLast),
    bind("End", C::MoveLast),
];

/// Between what is on the screen at once.
const PANES: &[Entry] = &[bind("Shift-Tab", C::PaneNext), bind(":", C::PromptCommand), bind("Esc", C::Back)];

/// Between tabs and the lists that `g` begins.
const TABS: &[Entry] = &[
    bind("g j", C::Jobs),
    bind("g t", C::TabNext),
    bind("g T", C::TabPrevious),
    bind("1", C::TabSessions),
    bind("2", C::TabPermissions),
    bind("3", C::TabImages),
    bind("g w", C::WhoAmI),
    bind("g o", C::Governor),
];

/// What only an estate of Workspace has.
const CLOUD_TABS: &[Entry] = &[bind("4", C::AppServers), bind("g a", C::AppServers), bind("g b", C::Builds)];

/// Between views.
const VIEWS: &[Entry] = &[
    bind("-", C::GoLast),
    bind("[", C::GoBack),
    bind("]", C::GoForward),
    bind("5", C::View5),
    bind("6", C::View6),
    bind("7", C::View7),
    bind("8", C::View8),
    bind("9", C::View9),
];

/// How the screen looks, and a copy of it.
const LOOKS: &[Entry] = &[
    bind("z s", C::ScreenDump),
    bind("z a", C::ToggleAscii),
    bind("z u", C::ToggleUtc),
    bind("z b", C::ToggleMeasure),
    bind("z t", C::Themes),
];

/// Rows for the clipboard, where no single column can be chosen.
const COPY: &[Entry] = &[bind("c", C::CopyRows), bind("C", C::CopyRows)];

/// What all lists of a tab have.
const TABLE: &[Entry] = &[bind("Ctrl-r", C::Refresh), bind("Ctrl-c", C::Quit)];

/// What sheets have.
const SHEET: &[Entry] = &[bind("?", C::Help), bind("Ctrl-c", C::Back)];

/// What has to do with the terminal.
const TERMINAL: &[Entry] = &[bind("Ctrl-l", C::Redraw), bind("Ctrl-z", C::Suspend)];

/// The default keymap. Enter opens, it never fires; a destructive verb takes a chord and a sheet.
pub(super) const SHEETS: &[Sheet] = &[
    sheet(
        X::Sessions,
        &[
            hint("Space", C::MarkToggle, "mark"),
            hint("*", C::MarkAllShown, "all shown"),
            hint("/", C::PromptFilter, "filter"),
            hint("a", C::ActionMenu, "act"),
            hint("m", C::Message, "msg"),
            hint("Enter", C::OpenDetail, "detail"),
            hint("?", C::Help, "help"),
            hint("v", C::MarkRange, "range"),
            hint("u", C::MarkClear, "clear"),
            hint("M", C::MarkedOnly, "marked only"),
            hint("e", C::EventSize, "events"),
            hint("p", C::Freeze, "freeze"),
            hint(",", C::MarkSame, "same as cell"),
            hint("b", C::Facets, "break down"),
            hint("Tab", C::PaneNext, "pane"),
            hint("q", C::Quit, "leave"),
            bind("d", C::OpenDetail),
            bind("Ctrl-Space", C::MarkRange),
            bind("~", C::MarkInvert),
            bind("g v", C::MarkRestore),
            bind("g p", C::Pods),
            bind("P", C::ScopeToggle),
            bind("z c", C::Columns),
            bind("g c", C::Diff),
            bind("t", C::Timeline),
            bind("y", C::RawRecord),
            bind("+", C::MarkWhere),
            bind("_", C::UnmarkWhere),
            bind("}", C::MarkNext),
            bind("{", C::MarkPrevious),
            bind("!", C::FlaggedOnly),
            bind("c", C::CopyCell),
            bind("C", C::CopyRows),
            bind("U", C::SortUser),
            bind("S", C::SortState),
            bind("A", C::SortAge),
            bind("O", C::SortColumn),
        ],
        &[ROWS, COLUMNS, PAGES, ENDS, PANES, TABS, CLOUD_TABS, VIEWS, LOOKS, TABLE, TERMINAL],
    ),
    sheet(
        X::Events,
        &[
            hint("f", C::EventFollow, "follow"),
            hint("e", C::EventNextError, "next error"),
            hint("w", C::EventNextWarning, "next warning"),
            hint("L", C::EventLevel, "level"),
            hint("/", C::PromptFilter, "filter"),
            hint("z", C::EventSize, "zoom"),
            hint("Enter", C::EventGoto, "to session"),
            hint("Tab", C::PaneNext, "table"),
            hint("?", C::Help, "help"),
            hint("d", C::EventDetail, "explain"),
            bind("1", C::TabSessions),
            bind("2", C::TabPermissions),
            bind("3", C::TabImages),
            bind("g j", C::Jobs),
            bind("E", C::EventPreviousError),
            bind("W", C::EventPreviousWarning),
            bind("+", C::EventFold),
            bind("q", C::Back),
        ],
        &[ROWS, PAGES, ENDS, PANES, CLOUD_TABS, TABLE, TERMINAL],
    ),
    // The chord's second key.
    sheet(
        X::ActionMenu,
        &[
            hint("l", C::Logoff, "log off"),
            hint("w", C::WarnLogoff, "warn first"),
            hint("f", C::LogoffForced, "forced"),
            hint("d", C::Disconnect, "disconnect"),
            hint("r", C::Restart, "restart"),
            hint("x", C::Reset, "reset"),
            hint("m", C::Message, "message"),
            hint("Esc", C::Back, "cancel"),
            bind("Enter", C::Accept),
            bind("q", C::Back),
        ],
        &[ROWS, SHEET],
    ),
    sheet(X::Planning, &[hint("Esc", C::Back, "cancel"), bind("q", C::Back)], &[SHEET, TERMINAL]),
    // Digits are typed into the number.
    sheet(
        X::PlanSheet,
        &[
            hint("Enter", C::Accept, "start once the number is typed"),
            hint("y", C::Confirm, "start, if no number is asked"),
            hint("Tab", C::PlanTargets, "list"),
            hint("h", C::PlanHidden, "hidden ones"),
            hint("g", C::PlanGuard, "guard"),
            hint("p", C::PlanPace, "pace"),
            hint("w", C::PlanSave, "save plan"),
            bind("t", C::PlanTicket),
            bind("o", C::PlanInclude),
            hint("Esc", C::Back, "cancel"),
            bind("q", C::Back),
        ],
        &[ROWS, PAGES, SHEET, TERMINAL],
    ),
    // Letters are typed into the text, or choose when another field has the focus.
    sheet(
        X::Composer,
        &[
            hint("Ctrl-o", C::ComposerReview, "review and send"),
            hint("Tab", C::ComposerNext, "next field"),
            hint("Ctrl-t", C::ComposerTemplate, "template"),
            hint("Ctrl-n", C::ComposerPreview, "next preview"),
            hint("Esc", C::Back, "cancel"),
            bind("Ctrl-c", C::Back),
        ],
        &[TERMINAL],
    ),
    sheet(
        X::JobSheet,
        &[
            hint("f", C::JobForce, "forced"),
            hint("v", C::JobVerify, "verify"),
            hint("x", C::JobReset, "listed"),
            hint("R", C::JobRetry, "retry"),
            hint("m", C::JobCorrect, "tell them"),
            hint("Enter", C::JobTargets, "names"),
            hint("s", C::JobStop, "stop"),
            hint("Space", C::JobPause, "pause"),
            hint("<", C::JobSlower, "pace"),
            bind(">", C::JobFaster),
            hint("E", C::JobExport, "export"),
            hint("c", C::JobCopy, "copy note"),
            hint("q", C::Back, "close"),
            bind("g b", C::Builds),
            bind("h", C::JobHold),
            bind("-", C::JobShorten),
            bind("+", C::JobLengthen),
            bind("X", C::JobCancel),
            bind("r", C::JobResume),
            bind("Esc", C::Back),
            bind("?", C::Help),
        ],
        &[ROWS, PAGES, TABLE, TERMINAL],
    ),
    sheet(
        X::JobList,
        &[
            hint("Enter", C::Accept, "open"),
            hint("r", C::JobResume, "go on with it"),
            hint("Ctrl-r", C::Refresh, "read again"),
            hint("q", C::Back, "close"),
            bind("Esc", C::Back),
            bind("?", C::Help),
            bind("Ctrl-c", C::Quit),
        ],
        &[ROWS, PAGES, TERMINAL],
    ),
    sheet(
        X::RecordSheet,
        &[
            hint("Enter", C::JobTargets, "names"),
            hint("r", C::JobResume, "go on with it"),
            hint("E", C::JobExport, "export"),
            hint("c", C::JobCopy, "copy note"),
            hint("Ctrl-r", C::Refresh, "read again"),
            hint("q", C::Back, "close"),
            bind("Esc", C::Back),
            bind("?", C::Help),
            bind("Ctrl-c", C::Quit),
        ],
        &[ROWS, PAGES, TERMINAL],
    ),
    // Digits are typed.
    sheet(
        X::ResumeSheet,
        &[
            hint("Enter", C::Accept, "go on once the number is typed"),
            hint("y", C::Confirm, "go on, if no number is asked"),
            hint("Esc", C::Back, "cancel"),
            bind("q", C::Back),
        ],
        &[ROWS, PAGES, SHEET, TERMINAL],
    ),
    sheet(
        X::Detail,
        &[
            hint("a", C::ActionMenu, "act"),
            hint("m", C::Message, "msg"),
            hint("t", C::Timeline, "timeline"),
            hint("y", C::RawRecord, "raw"),
            hint("c", C::CopyShown, "copy"),
            hint("q", C::Back, "close"),
            bind("Esc", C::Back),
            bind("d", C::Back),
            bind("Enter", C::Back),
            bind("Ctrl-r", C::Refresh),
        ],
        &[ROWS, PAGES, SHEET, TERMINAL],
    ),
    sheet(
        X::Permissions,
        &[
            hint("Space", C::MarkToggle, "mark"),
            hint("a", C::ChangeMenu, "change"),
            hint("Enter", C::OpenPermission, "detail"),
            hint("/", C::PromptFilter, "filter"),
            hint("r", C::Regroup, "regroup"),
            hint("?", C::Help, "help"),
            hint("*", C::MarkAllShown, "all shown"),
            hint("u", C::MarkClear, "clear"),
            hint("e", C::EventSize, "events"),
            hint("Tab", C::PaneNext, "pane"),
            hint("q", C::Quit, "leave"),
            bind("d", C::OpenPermission),
            bind("g p", C::Pods),
        ],
        &[ROWS, PAGES, ENDS, PANES, TABS, COPY, VIEWS, LOOKS, TABLE, TERMINAL],
    ),
    sheet(
        X::PermissionDetail,
        &[
            hint("a", C::ChangeMenu, "change"),
            hint("q", C::Back, "close"),
            bind("d", C::Back),
            bind("Enter", C::Back),
            bind("Esc", C::Back),
        ],
        &[ROWS, PAGES, SHEET, TERMINAL],
    ),
    sheet(
        X::Images,
        &[
            hint("Enter", C::OpenNode, "open/close"),
            hint("a", C::ChangeMenu, "change"),
            hint("d", C::NodeDetail, "detail"),
            hint("s", C::NodeSessions, "its sessions"),
            hint("/", C::PromptFilter, "filter"),
            hint("?", C::Help, "help"),
            hint("Space", C::MarkToggle, "mark"),
            hint("u", C::MarkClear, "clear"),
            hint("e", C::EventSize, "events"),
            hint("Tab", C::PaneNext, "pane"),
            hint("q", C::Quit, "leave"),
            bind("z R", C::UnfoldAll),
            bind("z M", C::FoldAll),
            bind("g p", C::Pods),
        ],
        &[ROWS, COLUMNS, PAGES, ENDS, PANES, TABS, COPY, VIEWS, LOOKS, TABLE, TERMINAL],
    ),
    sheet(
        X::ImageDetail,
        &[
            hint("a", C::ChangeMenu, "change"),
            hint("q", C::Back, "close"),
            bind("d", C::Back),
            bind("Enter", C::Back),
            bind("Esc", C::Back),
        ],
        &[ROWS, PAGES, SHEET, TERMINAL],
    ),
    sheet(
        X::ImageServers,
        &[
            hint("Enter", C::OpenCloudDetail, "detail"),
            hint("a", C::ChangeMenu, "build"),
            hint("g b", C::Builds, "builds"),
            hint("/", C::PromptFilter, "filter"),
            hint("?", C::Help, "help"),
            hint("e", C::EventSize, "events"),
            hint("Tab", C::PaneNext, "pane"),
            hint("q", C::Quit, "leave"),
            bind("d", C::OpenCloudDetail),
            bind("4", C::AppServers),
            bind("g a", C::AppServers),
        ],
        &[ROWS, PAGES, ENDS, PANES, TABS, COPY, VIEWS, LOOKS, TABLE, TERMINAL],
    ),
    sheet(
        X::AppGroups,
        &[
            hint("Space", C::MarkToggle, "mark"),
            hint("a", C::ChangeMenu, "change"),
            hint("Enter", C::OpenCloudDetail, "detail"),
            hint("/", C::PromptFilter, "filter"),
            hint("?", C::Help, "help"),
            hint("*", C::MarkAllShown, "all shown"),
            hint("u", C::MarkClear, "clear"),
            hint("e", C::EventSize, "events"),
            hint("Tab", C::PaneNext, "pane"),
            hint("q", C::Quit, "leave"),
            bind("d", C::OpenCloudDetail),
        ],
        &[ROWS, PAGES, ENDS, PANES, TABS, CLOUD_TABS, COPY, VIEWS, LOOKS, TABLE, TERMINAL],
    ),
    sheet(
        X::AppServers,
        &[
            hint("Space", C::MarkToggle, "mark"),
            hint("a", C::ChangeMenu, "drain, reboot"),
            hint("Enter", C::OpenCloudDetail, "detail"),
            hint("/", C::PromptFilter, "filter"),
            hint("?", C::Help, "help"),
            hint("*", C::MarkAllShown, "all shown"),
            hint("u", C::MarkClear, "clear"),
            hint("e", C::EventSize, "events"),
            hint("Tab", C::PaneNext, "pane"),
            hint("q", C::Quit, "leave"),
            bind("d", C::OpenCloudDetail),
        ],
        &[ROWS, PAGES, ENDS, PANES, TABS, CLOUD_TABS, COPY, VIEWS, LOOKS, TABLE, TERMINAL],
    ),
    sheet(
        X::CloudDetail,
        &[
            hint("a", C::ChangeMenu, "change"),
            hint("q", C::Back, "close"),
            bind("d", C::Back),
            bind("Enter", C::Back),
            bind("Esc", C::Back),
        ],
        &[ROWS, PAGES, SHEET, TERMINAL],
    ),
    sheet(
        X::Builds,
        &[
            hint("Enter", C::OpenCloudDetail, "detail"),
            hint("Ctrl-r", C::Refresh, "read again"),
            hint("q", C::Back, "close"),
            bind("d", C::OpenCloudDetail),
            bind("Esc", C::Back),
        ],
        &[ROWS, PAGES, ENDS, SHEET, TERMINAL],
    ),
    // The chord's second key.
    sheet(
        X::ChangeMenu,
        &[
            hint("b", C::ImageBuild, "build"),
            hint("d", C::ServerDrain, "drain"),
            hint("u", C::ServerUndrain, "undrain"),
            hint("o", C::ServerReboot, "reboot"),
            hint("h", C::ServerRebootHard, "reboot hard"),
            hint("n", C::ChangeNew, "new"),
            hint("v", C::ChangeNewVersion, "new version"),
            hint("g", C::ChangeNewTag, "new tag"),
            hint("s", C::ChangeNewAsset, "new asset"),
            hint("e", C::ChangeEdit, "edit"),
            hint("r", C::ChangeReplace, "replace"),
            hint("t", C::ChangeMove, "move tag"),
            hint("x", C::ChangeDelete, "delete"),
            hint("Esc", C::Back, "cancel"),
            bind("Enter", C::Accept),
            bind("q", C::Back),
        ],
        &[ROWS, SHEET],
    ),
    // Letters are typed into the field, or choose from a list.
    sheet(
        X::Form,
        &[
            hint("Ctrl-o", C::FormReview, "review"),
            hint("Tab", C::FormNext, "next field"),
            hint("Esc", C::Back, "cancel"),
            bind("Shift-Tab", C::FormPrevious),
            bind("PgDn", C::MovePageDown),
            bind("PgUp", C::MovePageUp),
            bind("Ctrl-c", C::Back),
        ],
        &[TERMINAL],
    ),
    // Digits and words are typed.
    sheet(
        X::ChangeSheet,
        &[
            hint("Enter", C::Accept, "start once the number or the words are typed"),
            hint("y", C::Confirm, "start, if nothing is asked"),
            hint("Esc", C::Back, "cancel"),
            bind("Down", C::MoveDown),
            bind("Up", C::MoveUp),
            bind("PgDn", C::MovePageDown),
            bind("PgUp", C::MovePageUp),
            bind("Ctrl-c", C::Back),
        ],
        &[TERMINAL],
    ),
    sheet(
        X::ChangeJobSheet,
        &[
            hint("R", C::JobRetry, "retry failed"),
            hint("s", C::JobStop, "stop"),
            hint("E", C::JobExport, "export"),
            hint("c", C::JobCopy, "copy note"),
            hint("q", C::Back, "close"),
            hint("g b", C::Builds, "builds"),
            bind("Esc", C::Back),
            bind("?", C::Help),
            bind("Ctrl-c", C::Quit),
        ],
        &[ROWS, PAGES, TERMINAL],
    ),
    sheet(
        X::EventDetail,
        &[
            hint("Enter", C::EventGoto, "to session"),
            hint("q", C::Back, "close"),
            bind("d", C::Back),
            bind("Esc", C::Back),
        ],
        &[ROWS, PAGES, SHEET, TERMINAL],
    ),
    sheet(
        X::Pods,
        &[
            hint("P", C::ScopeToggle, "this pod or all"),
            hint("q", C::Back, "close"),
            bind("Ctrl-r", C::Refresh),
            bind("Esc", C::Back),
        ],
        &[ROWS, PAGES, SHEET, TERMINAL],
    ),
    sheet(
        X::WhoAmI,
        &[hint("q", C::Back, "close"), bind("Enter", C::Back), bind("Esc", C::Back)],
        &[ROWS, PAGES, SHEET, TERMINAL],
    ),
    sheet(
        X::Governor,
        &[hint("q", C::Back, "close"), bind("Enter", C::Back), bind("Esc", C::Back)],
        &[ROWS, PAGES, SHEET, TERMINAL],
    ),
    sheet(
        X::Columns,
        &[
            hint("Enter", C::ColumnKeep, "keep"),
            hint("Space", C::ColumnToggle, "show"),
            hint("<", C::ColumnEarlier, "left"),
            hint(">", C::ColumnLater, "right"),
            hint("+", C::ColumnWider, "wider"),
            bind("-", C::ColumnNarrower),
            bind("=", C::ColumnAuto),
            hint("Esc", C::Back, "as before"),
            bind("q", C::Back),
        ],
        &[ROWS, PAGES, ENDS, SHEET, TERMINAL],
    ),
    sheet(
        X::Facets,
        &[
            hint("Enter", C::FacetOnly, "only"),
            hint("x", C::FacetExclude, "exclude"),
            hint("h", C::FacetPrevious, "facet"),
            hint("Space", C::FacetMark, "mark all"),
            bind("l", C::FacetNext),
            hint("s", C::FacetSort, "count or lift"),
            hint("a", C::ActionMenu, "act"),
            hint("b", C::FacetClose, "close"),
            hint("Esc", C::Back, "table"),
            hint("?", C::Help, "help"),
            bind("Right", C::FacetNext),
            bind("Left", C::FacetPrevious),
            bind("m", C::Message),
            bind("u", C::MarkClear),
            bind("g v", C::MarkRestore),
            bind("/", C::PromptFilter),
            bind(":", C::PromptCommand),
            bind("Tab", C::PaneNext),
            bind("Shift-Tab", C::PaneNext),
            bind("q", C::Back),
            bind("Ctrl-r", C::Refresh),
            bind("Ctrl-c", C::Back),
        ],
        &[ROWS, PAGES, ENDS, TERMINAL],
    ),
    sheet(
        X::Diff,
        &[
            hint("Enter", C::DiffGoto, "to session"),
            hint("Ctrl-r", C::DiffAgain, "until now"),
            hint("q", C::Back, "close"),
            bind("Esc", C::Back),
            bind(":", C::PromptCommand),
        ],
        &[ROWS, PAGES, ENDS, SHEET, TERMINAL],
    ),
    sheet(
        X::Timeline,
        &[
            hint("c", C::CopyShown, "copy"),
            hint("q", C::Back, "close"),
            bind("t", C::Back),
            bind("Esc", C::Back),
        ],
        &[ROWS, PAGES, SHEET, TERMINAL],
    ),
    sheet(
        X::Raw,
        &[
            hint("c", C::CopyShown, "copy"),
            hint("q", C::Back, "close"),
            bind("y", C::Back),
            bind("Esc", C::Back),
        ],
        &[ROWS, PAGES, SHEET, TERMINAL],
    ),
    sheet(
        X::Themes,
        &[
            hint("Enter", C::ThemeKeep, "keep"),
            hint("Tab", C::ThemePair, "light/dark"),
            hint("Esc", C::Back, "as before"),
            bind("q", C::Back),
        ],
        &[ROWS, PAGES, ENDS, SHEET, TERMINAL],
    ),
    // Letters are typed into the search.
    sheet(
        X::Help,
        &[
            hint("Esc", C::Back, "close"),
            bind("Enter", C::Back),
            bind("Down", C::MoveDown),
            bind("Up", C::MoveUp),
            bind("Ctrl-c", C::Back),
        ],
        &[PAGES],
    ),
    sheet(
        X::Leave,
        &[
            hint("w", C::JobWait, "wait, then leave"),
            hint("s", C::JobStop, "stop after what is out, leave"),
            hint("d", C::JobDetach, "detach: leave, another process goes on"),
            hint("Esc", C::Back, "stay"),
            bind("q", C::Back),
            bind("Ctrl-c", C::Back),
        ],
        &[],
    ),
];
