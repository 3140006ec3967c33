//! One session, kept small: 250,000 of them must fit easily.

/// No object.
pub(crate) const NONE: u32 = u32::MAX;
/// The user is at work: there is no last input to count from.
pub(crate) const ACTIVE: i64 = i64::MAX;

/// `session_state` of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Connected,
    Disconnected,
    Pending,
}

impl State {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Connected => "CONNECTED",
            Self::Disconnected => "DISCONNECTED",
            Self::Pending => "PENDING",
        }
    }
}

/// `session_protocol` of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Blast,
    Pcoip,
    Rdp,
    Console,
}

impl Protocol {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Blast => "BLAST",
            Self::Pcoip => "PCOIP",
            Self::Rdp => "RDP",
            Self::Console => "CONSOLE",
        }
    }
}

/// What a session runs on; numbers are indexes into the estate's machines and hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seat {
    /// A machine of a pool.
    Machine { machine: u32 },
    /// A physical machine outside any pool.
    Console { machine: u32 },
    /// A desktop on an RDS host.
    RdsDesktop { host: u32 },
    /// Applications on an RDS host; one bit for each application of the farm.
    Application { host: u32, applications: u16 },
}

/// Yes-or-no facts of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Flags(u16);

impl Flags {
    /// Refuses a polite logoff.
    pub(crate) const LOCKED: Self = Self(1);
    /// Its agent is stuck: it accepts a logoff and stays.
    pub(crate) const GHOST: Self = Self(2);
    pub(crate) const UNAUTHENTICATED: Self = Self(4);
    /// Exempt from idle limits.
    pub(crate) const FOREVER: Self = Self(8);
    /// A logoff, reset or restart is under way.
    pub(crate) const LEAVING: Self = Self(16);
    /// A disconnect is under way.
    pub(crate) const DROPPING: Self = Self(32);
    /// Its agent is too old to report version, idle time, last duration and gateway.
    pub(crate) const OLD: Self = Self(64);
    /// Ended; waits to be swept out.
    pub(crate) const GONE: Self = Self(128);
    /// Was disconnected at least once.
    pub(crate) const DROPPED: Self = Self(256);

    pub(crate) fn contains(self, flag: Self) -> bool {
        self.0 & flag.0 != 0
    }

    pub(crate) fn insert(&mut self, flag: Self) {
        self.0 |= flag.0;
    }

    pub(crate) fn remove(&mut self, flag: Self) {
        self.0 &= !flag.0;
    }

    pub(crate) fn set(&mut self, flag: Self, on: bool) {
        if on { self.insert(flag) } else { self.remove(flag) }
    }
}

/// One session. Times are epoch milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    /// Grows with every session ever created.
    pub(crate) serial: u32,
    pub(crate) user: u32,
    /// Who logged in at the broker; [`NONE`] for console sessions.
    pub(crate) broker_user: u32,
    pub(crate) seat: Seat,
    pub(crate) state: State,
    pub(crate) protocol: Protocol,
    pub(crate) flags: Flags,
    pub(crate) start: i64,
    /// Since when it has its state.
    pub(crate) since: i64,
    /// How long the connection before this one lasted, in milliseconds.
    pub(crate) last_duration: i64,
    /// When the user last touched something, or [`ACTIVE`].
    pub(crate) last_input: i64,
    /// When it was last disconnected.
    pub(crate) dropped_at: i64,
    pub(crate) client: Client,
    /// Index into the world's gateways; `u8::MAX` for none.
    pub(crate) gateway: u8,
    /// Index into the estate's versions.
    pub(crate) agent: u16,
}

/// The device the user sits at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Client {
    /// Index into the world's clients; `u8::MAX` for none.
    pub(crate) kind: u8,
    pub(crate) version: u16,
    pub(crate) number: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_stays_small() {
        assert!(size_of::<Session>() <= 104, "{}", size_of::<Session>());
    }

    #[test]
    fn flags_are_independent() {
        let mut flags = Flags::default();
        flags.insert(Flags::LOCKED);
        flags.set(Flags::GHOST, true);
        flags.remove(Flags::LOCKED);
        assert!(flags.contains(Flags::GHOST) && !flags.contains(Flags::LOCKED));
    }
}
