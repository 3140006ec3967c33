//! What can be done to app servers (`workspace.md section 9.3`): no jobs, only statuses that change in time.

use super::life::Work;
use super::{Workspace, WorkspaceRefusal};

/// A power action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Power {
    Reboot,
    HardReboot,
    Start,
    Stop,
}

impl Power {
    /// The machine's status and the task while it is carried out.
    fn under_way(self) -> (&'static str, &'static str) {
        match self {
            Self::Reboot => ("REBOOT", "rebooting"),
            Self::HardReboot => ("HARD_REBOOT", "rebooting_hard"),
            Self::Start => ("SHUTOFF", "powering-on"),
            Self::Stop => ("ACTIVE", "powering-off"),
        }
    }
}

/// How long a server that runs needs until its agent has registered, in seconds.
const REGISTERS: [f64; 2] = [3.0, 10.0];

impl Workspace {
    /// The positions of servers by id; nothing is done when one is unknown or busy. A failed call says nothing of
    /// what was done in the cloud; here it was nothing.
    pub(super) fn wanted(&self, ids: &[String], idle: bool) -> Result<Vec<usize>, WorkspaceRefusal> {
        let mut found = Vec::new();
        for id in ids {
            let at = self.servers.iter().position(|server| server.id == *id);
            let at = at.ok_or(WorkspaceRefusal::Unknown)?;
            if idle && self.servers[at].task.is_some() {
                return Err(WorkspaceRefusal::WrongState);
            }
            found.push(at);
        }
        Ok(found)
    }

    /// Begins a power action. A server that is there already (running for a start, off for a stop) is passed over;
    /// one that is off cannot be rebooted.
    pub(crate) fn power(&mut self, ids: &[String], power: Power) -> Result<(), WorkspaceRefusal> {
        let wanted = self.wanted(ids, true)?;
        let off = |at: &usize| self.servers[*at].vm_status == "SHUTOFF";
        if matches!(power, Power::Reboot | Power::HardReboot) && wanted.iter().any(off) {
            return Err(WorkspaceRefusal::WrongState);
        }
        let skip = |at: &usize| match power {
            Power::Start => !off(at),
            Power::Stop => off(at),
            Power::Reboot | Power::HardReboot => false,
        };
        let begin: Vec<usize> = wanted.into_iter().filter(|at| !skip(at)).collect();
        let now = self.now;
        for at in begin {
            let (vm_status, task) = power.under_way();
            if power != Power::Start {
                self.empty_server(at);
            }
            let server = &mut self.servers[at];
            server.vm_status = vm_status;
            server.task = Some(task);
            server.registered = false;
            server.updated = now;
            server.task_number += 1;
            let number = server.task_number;
            let last = u8::from(power == Power::Stop);
            self.schedule(self.world().power_seconds, Work::Power(at, number, last));
        }
        Ok(())
    }

    /// Step 0: the machine runs; step 1: it is off; step 2: its agent has registered.
    pub(super) fn power_goes_on(&mut self, at: usize, number: u32, step: u8) {
        let now = self.now;
        let Some(server) = self.servers.get_mut(at).filter(|server| server.task_number == number) else {
            return;
        };
        server.updated = now;
        match step {
            0 => {
                server.vm_status = "ACTIVE";
                server.task = None;
                self.schedule(REGISTERS, Work::Power(at, number, 2));
            }
            1 => {
                server.vm_status = "SHUTOFF";
                server.task = None;
            }
            _ => server.registered = true,
        }
    }

    /// Keeps new sessions away, or lets them in again.
    pub(crate) fn maintain(&mut self, ids: &[String], maintained: bool) -> Result<(), WorkspaceRefusal> {
        for at in self.wanted(ids, false)? {
            self.servers[at].maintained = maintained;
            self.servers[at].updated = self.now;
        }
        Ok(())
    }

    /// Renames, describes or maintains one server.
    pub(crate) fn change_server(
        &mut self,
        id: &str,
        name: Option<String>,
        description: Option<String>,
        maintained: Option<bool>,
    ) -> Result<(), WorkspaceRefusal> {
        let now = self.now;
        let found = self.servers.iter_mut().find(|server| server.id == id);
        let server = found.ok_or(WorkspaceRefusal::Unknown)?;
        server.name = name.unwrap_or_else(|| std::mem::take(&mut server.name));
        server.description = description.unwrap_or_else(|| std::mem::take(&mut server.description));
        server.maintained = maintained.unwrap_or(server.maintained);
        server.updated = now;
        Ok(())
    }
}
