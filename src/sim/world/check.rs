//! Checks of a world beyond its syntax: names that lead nowhere, shares of nothing, impossible numbers.

use std::collections::HashSet;
use std::ops::Range;

use toml::Spanned;

use super::{CheckedWorld, Name, Weighted, World, WorldError};
use crate::sim::names::Pattern;
use crate::sim::nearest::nearest;

/// The line of a place in the text, from 1.
pub(super) fn line_of(text: &str, span: &Range<usize>) -> usize {
    text.bytes().take(span.start).filter(|byte| *byte == b'\n').count() + 1
}

/// Looks for mistakes that the types cannot show.
pub(super) struct Checker<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a str,
}

impl Checker<'_> {
    pub(super) fn fail<T>(&self, span: &Range<usize>, message: String) -> Result<T, WorldError> {
        Err(WorldError::Invalid { file: self.file.to_owned(), line: line_of(self.text, span), message })
    }

    /// A mistake without a place of its own is reported at the line where `key` first stands.
    pub(super) fn fail_at<T>(&self, key: &str, message: &str) -> Result<T, WorldError> {
        let at = self.text.find(key).unwrap_or(0);
        self.fail(&(at..at), message.to_owned())
    }

    pub(super) fn known(&self, what: &str, name: &Name, known: &[&str]) -> Result<(), WorldError> {
        if known.contains(&name.get_ref().as_str()) {
            return Ok(());
        }
        let hint = nearest(name.get_ref(), known.iter().copied())
            .map_or(String::new(), |near| format!("; did you mean `{near}`?"));
        self.fail(&name.span(), format!("there is no {what} `{}`{hint}", name.get_ref()))
    }

    fn pattern(&self, pattern: &Spanned<String>) -> Result<(), WorldError> {
        if Pattern::parse(pattern.get_ref()).is_some() {
            return Ok(());
        }
        self.fail(
            &pattern.span(),
            format!("`{}` has no place for a number: write `{{n}}` or `{{n:4}}` once", pattern.get_ref()),
        )
    }

    pub(super) fn run(&self, world: &World) -> Result<(), WorldError> {
        let groups: Vec<&str> = world.access_groups.iter().map(|group| group.name.as_str()).collect();
        let pods: Vec<&str> = world.pods.iter().map(|pod| pod.name.as_str()).collect();
        if world.access_groups.iter().filter(|group| group.root).count() != 1 {
            return self.fail_at("access_groups", "exactly one access group must have `root = true`");
        }
        if world.pods.iter().filter(|pod| pod.local).count() != 1 {
            return self.fail_at("pods", "exactly one pod must have `local = true`");
        }
        if world.pods.iter().any(|pod| pod.connection_servers.is_empty()) {
            return self.fail_at("connection_servers", "a pod needs at least one connection server");
        }
        if world.gateways.is_empty() {
            return self.fail_at("gateways", "a world needs at least one gateway");
        }
        self.unique("pools", world.pools.iter().map(|pool| pool.name.as_str()))?;
        self.unique("farms", world.farms.iter().map(|farm| farm.name.as_str()))?;
        for pool in &world.pools {
            self.known("access group", &pool.access_group, &groups)?;
            pool.pod.as_ref().map_or(Ok(()), |pod| self.known("pod", pod, &pods))?;
            self.pattern(&pool.machines)?;
            self.agents(&pool.agents)?;
        }
        for farm in &world.farms {
            self.known("access group", &farm.access_group, &groups)?;
            farm.pod.as_ref().map_or(Ok(()), |pod| self.known("pod", pod, &pods))?;
            self.pattern(&farm.hosts)?;
            self.agents(&farm.agents)?;
            if farm.sessions_per_host == 0 || farm.desktop_percent > 100 || farm.applications.is_empty() {
                return self.fail(
                    &farm.hosts.span(),
                    "a farm needs sessions_per_host above 0, desktop_percent up to 100 and an application"
                        .to_owned(),
                );
            }
        }
        for console in &world.consoles {
            self.known("access group", &console.access_group, &groups)?;
            self.pattern(&console.machines)?;
            self.agents(&console.agents)?;
        }
        let shares: u64 = (world.pools.iter().map(|pool| u64::from(pool.share)))
            .chain(world.farms.iter().map(|farm| u64::from(farm.share)))
            .chain(world.consoles.iter().map(|console| u64::from(console.share)))
            .sum();
        if shares == 0 {
            return self.fail_at("share", "no pool, farm or console has a share of the sessions");
        }
        for client in &world.clients {
            self.pattern(&client.names)?;
            self.agents(&client.versions)?;
        }
        self.images(world)
    }

    fn agents(&self, agents: &[Weighted]) -> Result<(), WorldError> {
        if agents.iter().map(|agent| u64::from(agent.weight)).sum::<u64>() > 0 {
            return Ok(());
        }
        self.fail_at("weight", "a list of versions needs at least one with a weight above 0")
    }

    pub(super) fn unique<'a>(
        &self,
        what: &str,
        names: impl Iterator<Item = &'a str>,
    ) -> Result<(), WorldError> {
        let mut seen = HashSet::new();
        for name in names {
            if !seen.insert(name) {
                return self.fail_at(name, &format!("two {what} are called `{name}`"));
            }
        }
        Ok(())
    }

    /// Percentages, rates and delays that make sense.
    pub(super) fn numbers(&self, world: &CheckedWorld) -> Result<(), WorldError> {
        let (mix, rates, delays) = (&world.mix, &world.rates, &world.delays);
        let percents = [
            ("disconnected", mix.disconnected),
            ("pending", mix.pending),
            ("idle", mix.idle),
            ("locked_disconnected", mix.locked_disconnected),
            ("locked_connected", mix.locked_connected),
            ("ghosts_disconnected", mix.ghosts_disconnected),
            ("ghosts_connected", mix.ghosts_connected),
            ("unauthenticated", mix.unauthenticated),
            ("duplicates", mix.duplicates),
            ("old_agents", mix.old_agents),
            ("forever_applications", mix.forever_applications),
            ("brokered_elsewhere", world.world.brokered_elsewhere),
            ("on_two_pods", world.world.on_two_pods),
        ];
        if let Some((name, value)) = percents.iter().find(|(_, value)| !(0.0..=100.0).contains(value)) {
            return self.fail_at(name, &format!("`{name}` is a percentage from 0 to 100, not {value}"));
        }
        let amounts = [
            ("logon", rates.logon),
            ("logoff", rates.logoff),
            ("disconnect", rates.disconnect),
            ("reconnect", rates.reconnect),
            ("go_idle", rates.go_idle),
            ("come_back", rates.come_back),
            ("trouble", rates.trouble),
            ("event_database", delays.event_database),
            ("access_token_minutes", delays.access_token_minutes),
            ("refresh_token_minutes", delays.refresh_token_minutes),
            ("history_hours", delays.history_hours),
            ("per_session", world.users.per_session),
        ];
        if let Some((name, value)) = amounts.iter().find(|(_, value)| !(0.0..=1e6).contains(value)) {
            return self.fail_at(name, &format!("`{name}` must be from 0 to a million, not {value}"));
        }
        let ranges = [
            ("pending", delays.pending),
            ("disconnect", delays.disconnect),
            ("logoff", delays.logoff),
            ("reset", delays.reset),
            ("restart", delays.restart),
        ];
        let wrong = |[from, to]: [f64; 2]| !(0.0..=1e6).contains(&from) || !(from..=1e6).contains(&to);
        if let Some((name, _)) = ranges.iter().find(|(_, range)| wrong(*range)) {
            return self
                .fail_at(name, &format!("`{name}` must be two numbers of seconds, the smaller first"));
        }
        Ok(())
    }
}
