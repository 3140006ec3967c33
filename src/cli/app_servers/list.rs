//! App servers: the list, and choosing from it.

use crate::{
    api::{Listing, RequestClass},
    cli::{
        args::{AppServerListArgs, Format, ServerTargetArgs},
        cloud::{self, is_whole, of},
        interrupt::Interrupts,
        reach::Reached,
        run::{Stop, Streams, warn},
    },
    core::cloud::{CloudFilter, CloudList, app_server_fields},
    domain::{AppServer, AppServerId, AppServerQuery, Text},
    error::Error,
};

fn filter(text: Option<&str>) -> Result<CloudFilter, Error> {
    CloudFilter::parse(text.unwrap_or_default(), app_server_fields())
        .map_err(|error| Error::usage(format!("--where: {}", error.message)))
}

/// Reads all app servers.
pub(super) async fn read(
    class: RequestClass,
    reached: &Reached,
    interrupts: &Interrupts,
) -> Result<Listing<AppServer>, Stop> {
    let query = AppServerQuery::default();
    let read = interrupts.or(Box::pin(reached.estate.app_servers(class, &query))).await?;
    Ok(read.map_err(|fault| of(reached, fault))?)
}

/// The rows as the core knows them.
pub(super) fn book(listing: Listing<AppServer>) -> CloudList<AppServer> {
    CloudList { rows: listing.rows, complete: listing.complete, unreadable: listing.unreadable }
}

/// What is to be listed, understood.
#[derive(Debug)]
pub(super) struct Wish {
    filter: CloudFilter,
    format: Format,
}

impl Wish {
    pub(super) fn new(args: &AppServerListArgs) -> Result<Self, Error> {
        Ok(Self { filter: filter(args.filter.as_deref())?, format: args.output.format })
    }

    /// Reads and prints.
    pub(super) async fn print(
        &self,
        reached: &Reached,
        interrupts: &Interrupts,
        streams: &mut Streams<'_>,
    ) -> Result<u8, Stop> {
        let listing = read(RequestClass::Poll, reached, interrupts).await?;
        let whole = is_whole(&listing, "app servers", streams);
        let book = book(listing);
        if let Some(words) = book.unheard(&self.filter) {
            warn(streams, &words);
        }
        cloud::print_list(&book.app_servers(&self.filter), self.format, reached.settings.ascii, streams)?;
        whole?;
        Ok(0)
    }
}

/// Which app servers are meant, understood.
#[derive(Debug)]
pub(super) struct Choice {
    names: Vec<String>,
    ids: Vec<AppServerId>,
    filter: Option<CloudFilter>,
}

impl Choice {
    pub(super) fn new(args: ServerTargetArgs) -> Result<Self, Error> {
        let parsed = args.filter.as_deref().map(|text| filter(Some(text))).transpose()?;
        Ok(Self {
            names: args.names,
            ids: args.id.iter().map(|id| AppServerId::from(id.as_str())).collect(),
            filter: parsed,
        })
    }

    /// Whether it takes a whole list to know what is meant.
    pub(super) fn needs_all(&self) -> bool {
        self.filter.is_some() || !self.names.is_empty()
    }

    /// The ids of those that are meant. A name must be that of one server.
    pub(super) fn among(&self, book: &CloudList<AppServer>) -> Result<Vec<AppServerId>, Error> {
        let mut ids = self.ids.clone();
        for name in &self.names {
            let is = |known: Option<&Text>| known.is_some_and(|known| *known == *name.as_str());
            let found: Vec<&AppServer> = book
                .rows
                .iter()
                .filter(|server| is(server.name.as_ref()) || is(server.machine_name.as_ref()))
                .collect();
            match found.as_slice() {
                [one] => ids.push(one.id.clone()),
                [] => {
                    let words = format!("no app server is called {}", Text::clean(name));
                    return Err(Error::usage(words).hint(nearest_name(book, name)));
                }
                more => {
                    let list: Vec<String> = more.iter().map(|server| server.id.to_string()).collect();
                    let words = format!("{} app servers are called {}", more.len(), Text::clean(name));
                    return Err(Error::usage(words).hint(format!("name one by --id: {}", list.join(" "))));
                }
            }
        }
        if let Some(words) = self.filter.as_ref().and_then(|filter| book.unheard(filter)) {
            return Err(Error::usage(format!("--where: {words}")).hint("nothing was sent"));
        }
        let matching = self.filter.iter().flat_map(|filter| book.app_servers(filter));
        ids.extend(matching.map(|server| server.id.clone()));
        Ok(ids)
    }
}

/// What to do about a name that no app server has. Names differ by case alone for whoever typed them.
fn nearest_name(book: &CloudList<AppServer>, wanted: &str) -> String {
    let names = book.rows.iter().filter_map(|server| server.name.as_ref()).map(Text::as_str);
    let distance = |name: &&str| strsim::damerau_levenshtein(&name.to_lowercase(), &wanted.to_lowercase());
    match names.min_by_key(distance) {
        Some(near) => format!("did you mean {near}? see `foretop app-servers list`; nothing was sent"),
        None => "see `foretop app-servers list`; nothing was sent".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(id: &str, name: &str) -> AppServer {
        AppServer { name: Some(name.into()), ..AppServer::new(id.into()) }
    }

    fn chosen(names: &[&str], ids: &[&str], filter: Option<&str>) -> Result<Vec<AppServerId>, Error> {
        let mut third = server("s-3", "aps-2");
        third.machine_name = Some("APS3".into());
        let rows = vec![server("s-1", "aps-1"), server("s-2", "aps-2"), third];
        let own = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let args = ServerTargetArgs { names: own(names), id: own(ids), filter: filter.map(str::to_owned) };
        Choice::new(args)?.among(&CloudList { rows, complete: true, unreadable: 0 })
    }

    #[test]
    fn a_name_is_that_of_one_server_or_nothing_is_done() {
        assert_eq!(
            chosen(&["aps-1", "APS3"], &["s-9"], None).unwrap(),
            ["s-9".into(), "s-1".into(), "s-3".into()]
        );
        assert_eq!(chosen(&[], &[], Some("name:aps-2")).unwrap().len(), 2);
        let error = chosen(&["aps-2"], &[], None).unwrap_err();
        assert!(error.advice().unwrap().contains("--id: s-2 s-3"), "{error}");
        assert!(chosen(&["aps"], &[], None).unwrap_err().to_string().contains("no app server is called aps"));
        assert!(chosen(&[], &[], Some("colour:red")).is_err());
    }
}
