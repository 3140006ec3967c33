use std::{
    fs, io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use jiff::Timestamp;

use super::{disk::Disk, *};
use crate::{
    core::{
        bulk::{
            Evidence, Finding, Plan, Target,
            journal::{Author, Standing, Work},
        },
        fixtures::start,
    },
    domain::{Outcome, Session, Text, Verb},
};

/// A disk that has room for so many bytes, then none. It takes what still fits, as real ones do.
#[derive(Debug)]
struct SmallDisk {
    room: AtomicUsize,
    /// Whether it fails to synchronise too.
    breaks: bool,
}

impl SmallDisk {
    fn with_room(room: usize) -> Arc<Self> {
        Arc::new(Self { room: AtomicUsize::new(room), breaks: false })
    }

    fn full() -> io::Error {
        // ENOSPC.
        io::Error::from_raw_os_error(28)
    }
}

impl Disk for SmallDisk {
    fn write(&self, mut file: &fs::File, bytes: &[u8]) -> io::Result<usize> {
        let room = self.room.load(Ordering::SeqCst);
        let taken = room.min(bytes.len());
        if taken == 0 {
            return Err(Self::full());
        }
        io::Write::write_all(&mut file, &bytes[..taken])?;
        self.room.store(room - taken, Ordering::SeqCst);
        Ok(taken)
    }

    fn sync(&self, _file: &fs::File) -> io::Result<()> {
        if self.breaks { Err(Self::full()) } else { Ok(()) }
    }
}

fn author() -> Author {
    Author { operator: "CORP\\ada".into(), user: "ada".into(), host: "jump1".into(), pid: 7 }
}

fn plan(targets: usize) -> Plan {
    let target =
        |number| Target { session: Session::new(format!("s{number}").into()), hidden: false, pod: None };
    Plan {
        id: "7f3a".into(),
        verb: Verb::Logoff,
        message: None,
        to_send: (0..targets).map(target).collect(),
        held_back: Vec::new(),
        made_at: start(),
        data_at: start(),
        retry_of: None,
        terms: crate::core::bulk::Terms::default(),
    }
}

/// The opening of a plan that no other has: all have one id, as short ids repeat, and each is made at a moment of its own.
fn opening(targets: usize) -> Opening {
    static MADE: AtomicUsize = AtomicUsize::new(0);
    let made = MADE.fetch_add(1, Ordering::SeqCst);
    let made_at = start() - jiff::SignedDuration::from_millis(i64::try_from(made).unwrap());
    Opening {
        at: start(),
        by: author(),
        estate: "prod https://cs1".into(),
        ticket: Some("INC-1".into()),
        work: Work::Sessions(Arc::new(Plan { made_at, ..plan(targets) })),
    }
}

fn now() -> Timestamp {
    start()
}

fn words(text: &str) -> Text {
    Text::clean(text)
}

fn journals(state: &Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = fs::read_dir(state.join("jobs")) else {
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "jsonl")).collect()
}

/// A whole job: two requests for two targets each.
async fn carry_out(journal: &mut Journal) -> Result<(), JournalError> {
    for places in [vec![0, 1], vec![2, 3]] {
        journal.intent(now(), places.clone(), words("logoff")).await?;
        let outcomes = places.into_iter().map(|place| (place, Outcome::Accepted)).collect();
        journal.outcomes(now(), outcomes).await?;
    }
    journal.note(now(), words("waited")).await
}

#[tokio::test]
async fn a_job_is_told_from_its_beginning_to_its_end() {
    let state = tempfile::tempdir().unwrap();
    let store = JournalStore::new(state.path());
    assert!(store.list().await.unwrap().is_empty());
    let mut journal = store.open(opening(4)).await.unwrap();
    assert_eq!(journal.id(), "20260302T140000Z-7f3a");
    carry_out(&mut journal).await.unwrap();
    let running = store.read("7f3a").await.unwrap();
    assert_eq!((running.state(), running.recovered.tally().answered), ("running", 4));
    journal.closed(now(), false, None).await.unwrap();
    let ended = store.read("20260302").await.unwrap();
    assert_eq!((ended.state(), ended.recovered.ended.is_some()), ("finished", true));
    let verification = store.verify().await.unwrap();
    assert!(verification.is_good() && verification.good == 2 && verification.unknown.is_empty());
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_written_is_private() {
    use std::os::unix::fs::PermissionsExt;

    let state = tempfile::tempdir().unwrap();
    let folder = state.path().join("foretop");
    let journal = JournalStore::new(&folder).open(opening(1)).await.unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&folder.join("jobs"))), (0o700, 0o700));
    assert_eq!(mode(&folder.join("audit.jsonl")), 0o600);
    assert_eq!(mode(&folder.join("jobs").join(format!("{}.jsonl", journal.id()))), 0o600);
}

#[tokio::test]
async fn a_plan_is_started_once_unless_all_of_it_was_held_back() {
    let state = tempfile::tempdir().unwrap();
    let store = JournalStore::new(state.path());
    let opening = opening(2);
    let held = |place| (place, Outcome::HeldBack("gone already".into()));
    assert_eq!(store.started(opening.work.clone()).await.unwrap(), None);
    let mut journal = store.open(opening.clone()).await.unwrap();
    let first = journal.id().to_owned();
    let refused = |result: Result<Journal, JournalError>| match result {
        Err(JournalError::Started { journal, .. }) => journal,
        other => panic!("{:?}", other.map(|journal| journal.id().to_owned())),
    };
    assert_eq!(refused(store.open(opening.clone()).await), first, "while it runs");
    journal.outcomes(now(), vec![held(0), held(1)]).await.unwrap();
    journal.closed(now(), false, None).await.unwrap();

    // Nothing was sent, and nothing is left that could be: it may be started again.
    assert_eq!(store.started(opening.work.clone()).await.unwrap(), None);
    let mut journal = store.open(opening.clone()).await.unwrap();
    let second = journal.id().to_owned();
    journal.outcomes(now(), vec![held(0)]).await.unwrap();
    journal.closed(now(), true, None).await.unwrap();
    assert_eq!(refused(store.open(opening.clone()).await), second, "the rest can be gone on with");
    let mut journal = store.reopen(&second, author(), now()).await.unwrap();
    journal.intent(now(), vec![1], words("logoff")).await.unwrap();
    journal.outcomes(now(), vec![held(1)]).await.unwrap();
    journal.closed(now(), false, None).await.unwrap();
    assert_eq!(refused(store.open(opening.clone()).await), second, "something was sent");
    store.open(super::tests::opening(2)).await.unwrap();
    store.check().await.unwrap();
    assert_eq!(journals(state.path()).len(), 3, "trying leaves nothing behind");
}

#[tokio::test]
async fn journals_of_one_id_in_one_second_have_names_of_their_own() {
    let state = tempfile::tempdir().unwrap();
    let store = JournalStore::new(state.path());
    let first = store.open(opening(1)).await.unwrap();
    let second = store.open(opening(1)).await.unwrap();
    assert_eq!(second.id(), format!("{}-2", first.id()));
    let error = store.read("7f3a").await.unwrap_err();
    assert!(matches!(&error, JournalError::Ambiguous { ids, .. } if ids.len() == 2), "{error}");
    assert_eq!(store.read(first.id()).await.unwrap().id, first.id());
    assert!(matches!(store.read("77").await, Err(JournalError::NotFound(_))));
    assert!(matches!(store.read("../x").await, Err(JournalError::NotFound(_))));
}

#[tokio::test]
async fn a_plan_with_a_hostile_id_stays_in_the_folder() {
    let state = tempfile::tempdir().unwrap();
    let mut opening = opening(1);
    opening.work = Work::Sessions(Arc::new(Plan { id: "../../x\u{1b}/y".into(), ..plan(1) }));
    let journal = JournalStore::new(state.path()).open(opening).await.unwrap();
    assert_eq!(journal.id(), "20260302T140000Z-xy");
}

#[tokio::test]
async fn a_running_job_is_not_taken_up_and_one_that_was_cut_off_is() {
    let state = tempfile::tempdir().unwrap();
    let store = JournalStore::new(state.path());
    let mut journal = store.open(opening(4)).await.unwrap();
    journal.intent(now(), vec![0], words("logoff")).await.unwrap();
    let error = store.reopen("7f3a", author(), now()).await.unwrap_err();
    assert!(matches!(error, JournalError::Running(_)), "{error}");
    drop(journal);
    let interrupted = store.read("7f3a").await.unwrap();
    assert!(interrupted.is_interrupted() && interrupted.state() == "interrupted");
    let again = store.reopen("7f3a", author(), now()).await.unwrap();
    let recovered = again.recovered();
    assert_eq!((recovered.unanswered().len(), recovered.unsent().len(), recovered.resumed.len()), (1, 3, 1));
}

/// Wherever the disk fills up, nothing is claimed that is not so, and the chain stays whole.
#[tokio::test]
async fn a_disk_that_fills_up_at_any_byte_is_told_and_costs_no_truth() {
    let begun = {
        let state = tempfile::tempdir().unwrap();
        drop(JournalStore::new(state.path()).open(opening(4)).await.unwrap());
        let journal = fs::metadata(&journals(state.path())[0]).unwrap().len();
        (journal + fs::metadata(state.path().join("audit.jsonl")).unwrap().len()) as usize
    };
    for room in (0..begun + 1700).step_by(7) {
        let state = tempfile::tempdir().unwrap();
        let disk = SmallDisk::with_room(room);
        let store = JournalStore::on(state.path(), Arc::clone(&disk) as Arc<dyn Disk>);
        let opened = store.open(opening(4)).await;
        assert_eq!(opened.is_ok(), room >= begun, "room {room} of {begun}");
        let mut journal = match opened {
            Ok(journal) => journal,
            Err(error) => {
                assert!(error.is_full() && error.to_string().contains("No space left"), "{error}");
                assert!(journals(state.path()).is_empty(), "nothing is left of a job that did not start");
                // The disk has room again: the next one starts, and the chain has a torn line at most.
                disk.room.store(1 << 20, Ordering::SeqCst);
                drop(store.open(opening(4)).await.unwrap());
                assert!(store.verify().await.unwrap().is_good(), "room {room}");
                continue;
            }
        };
        let carried = carry_out(&mut journal).await;
        let told = journal.recovered();
        if let Err(error) = &carried {
            assert!(error.is_full(), "{error}");
        }
        disk.room.store(1 << 20, Ordering::SeqCst);
        drop(journal);
        let journal = store.reopen("7f3a", author(), now()).await.unwrap();
        let recovered = journal.recovered();
        assert_eq!(recovered.standings, told.standings, "room {room}");
        assert!(recovered.damage.is_empty(), "room {room}: {:?}", recovered.damage);
        journal.closed(now(), true, None).await.unwrap();
        let read = store.read("7f3a").await.unwrap().recovered;
        assert!(read.damage.is_empty(), "room {room}: {:?}", read.damage);
        assert_eq!(read.standings, told.standings);
        assert!(store.verify().await.unwrap().is_good());
    }
}

#[tokio::test]
async fn a_writer_that_failed_goes_on_with_a_line_of_its_own() {
    for taken in 0..200 {
        let state = tempfile::tempdir().unwrap();
        let disk = SmallDisk::with_room(1 << 20);
        let store = JournalStore::on(state.path(), Arc::clone(&disk) as Arc<dyn Disk>);
        let mut journal = store.open(opening(4)).await.unwrap();
        for room in [taken, taken / 2, 3] {
            disk.room.store(room, Ordering::SeqCst);
            drop(journal.intent(now(), vec![0], words("logoff")).await);
        }
        disk.room.store(1 << 20, Ordering::SeqCst);
        journal.intent(now(), vec![1], words("logoff")).await.unwrap();
        let read = store.read("7f3a").await.unwrap().recovered;
        assert!(read.damage.is_empty(), "taken {taken}: {:?}", read.damage);
        assert_eq!(read, journal.recovered());
        assert_eq!(read.standings[2], Standing::Unsent);
    }
}

#[tokio::test]
async fn a_disk_that_cannot_promise_anything_starts_no_job() {
    let state = tempfile::tempdir().unwrap();
    let disk = Arc::new(SmallDisk { room: AtomicUsize::new(1 << 20), breaks: true });
    let store = JournalStore::on(state.path(), disk as Arc<dyn Disk>);
    assert!(store.open(opening(1)).await.unwrap_err().is_full());
    assert!(journals(state.path()).is_empty());
}

#[tokio::test]
async fn a_folder_that_cannot_be_one_is_named_with_the_systems_words() {
    let state = tempfile::tempdir().unwrap();
    // Rights do not stop the administrator, under whom tests may run; a file in the way stops everybody.
    fs::write(state.path().join("jobs"), "").unwrap();
    let error = JournalStore::new(state.path()).open(opening(1)).await.unwrap_err().to_string();
    assert!(error.contains("jobs") && error.starts_with("cannot create"), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_without_rights_starts_no_job() {
    use std::os::unix::fs::PermissionsExt;

    let state = tempfile::tempdir().unwrap();
    let folder = state.path().join("foretop");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o500)).unwrap();
    if fs::write(folder.join("probe"), "").is_ok() {
        // The administrator may do everything.
        return;
    }
    let error = JournalStore::new(&folder).open(opening(1)).await.unwrap_err();
    assert!(error.to_string().contains("Permission denied") && error.hint().is_some(), "{error}");
}

#[tokio::test]
async fn a_journal_that_changed_after_its_end_is_named() {
    let state = tempfile::tempdir().unwrap();
    let store = JournalStore::new(state.path());
    let mut journal = store.open(opening(4)).await.unwrap();
    carry_out(&mut journal).await.unwrap();
    let id = journal.id().to_owned();
    journal.closed(now(), false, None).await.unwrap();
    let path = journals(state.path()).remove(0);
    let bytes = fs::read(&path).unwrap();
    let found = async |bytes: Option<&[u8]>| {
        match bytes {
            Some(bytes) => fs::write(&path, bytes).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        let verification = store.verify().await.unwrap();
        verification
            .journals
            .into_iter()
            .map(|changed| (changed.journal == id, changed.line, changed.what))
            .next()
    };
    let mut changed = bytes.clone();
    changed[40] ^= 1;
    assert_eq!(found(Some(&changed)).await.unwrap(), (true, 2, "it was changed since its end".to_owned()));
    assert!(found(Some(&bytes[..bytes.len() - 1])).await.unwrap().2.starts_with("it is shorter"));
    assert_eq!(found(None).await.unwrap().2, "it is missing");
    // What was gone on with has more in it, and still all of what it had.
    assert_eq!(found(Some(&bytes)).await, None);
    drop(store.reopen(&id, author(), now()).await.unwrap());
    assert!(store.verify().await.unwrap().is_good());
}

#[tokio::test]
async fn a_journal_without_a_line_is_told() {
    let state = tempfile::tempdir().unwrap();
    let store = JournalStore::new(state.path());
    let id = store.open(opening(1)).await.unwrap().id().to_owned();
    fs::remove_file(state.path().join("audit.jsonl")).unwrap();
    assert_eq!(store.verify().await.unwrap().unknown, [id]);
}

/// Three lines of `audit.jsonl`.
async fn audited(state: &Path) -> Vec<u8> {
    let store = JournalStore::new(state);
    let mut journal = store.open(opening(4)).await.unwrap();
    carry_out(&mut journal).await.unwrap();
    journal.closed(now(), false, None).await.unwrap();
    drop(store.open(opening(2)).await.unwrap());
    fs::read(state.join("audit.jsonl")).unwrap()
}

#[tokio::test]
async fn no_byte_of_the_chain_can_change_unseen() {
    let state = tempfile::tempdir().unwrap();
    let bytes = audited(state.path()).await;
    assert!(chain::check(&bytes).broken.is_none());
    for at in 0..bytes.len() {
        for byte in [bytes[at] ^ 1, b' ', b'0', b'"', b'\n', b'}', b',', 0] {
            let mut bytes = bytes.clone();
            if std::mem::replace(&mut bytes[at], byte) != byte {
                let chain = chain::check(&bytes);
                assert!(chain.broken.is_some(), "byte {byte} at {at} was not seen");
            }
        }
        // Nor can one be put in or taken out.
        let mut longer = bytes.clone();
        longer.insert(at, b' ');
        assert!(chain::check(&longer).broken.is_some(), "a blank at {at} was not seen");
        let mut shorter = bytes.clone();
        let removed = shorter.remove(at);
        // Without its end the last line says the same.
        if !(removed == b'\n' && at + 1 == bytes.len()) {
            assert!(chain::check(&shorter).broken.is_some(), "byte {at} was not missed");
        }
    }
}

#[tokio::test]
async fn the_first_broken_line_is_named_with_what_differs() {
    let state = tempfile::tempdir().unwrap();
    let bytes = audited(state.path()).await;
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let found = |lines: &[&[u8]]| {
        let broken = chain::check(&lines.concat()).broken.unwrap();
        (broken.line, broken.difference)
    };
    let text = String::from_utf8(lines[1].to_vec()).unwrap();
    let changed = text.replace("\"accepted\":4", "\"accepted\":3");
    assert_ne!(text, changed);
    assert_eq!(found(&[lines[0], changed.as_bytes(), lines[2]]), (2, Difference::Hash));
    assert_eq!(found(&[lines[0], lines[2]]), (2, Difference::Removed { due: 2, found: 3 }));
    assert_eq!(found(&[lines[0], lines[1], lines[1]]), (3, Difference::Repeated { due: 3, found: 2 }));
    assert_eq!(found(&[lines[0], b"nonsense\n", lines[1]]), (2, Difference::NotALine));
    // Somebody writes a line anew, hash and all: the next one does not follow it.
    let mut map: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(lines[1]).unwrap();
    map.remove("hash");
    map.insert("verb".to_owned(), "message".into());
    let forged = chain::Tail::read(lines[0], true).unwrap().next(map);
    assert_eq!(found(&[lines[0], &forged, lines[2]]), (3, Difference::Prev));
}

/// A crash at any byte of a line, and at any byte of the next that closes it, is told as torn and not as forged.
#[tokio::test]
async fn a_torn_line_is_closed_and_told_as_torn() {
    let state = tempfile::tempdir().unwrap();
    let bytes = audited(state.path()).await;
    let ends: Vec<usize> = (1..=bytes.len()).filter(|end| bytes[end - 1] == b'\n').collect();
    let record = |bytes: &[u8]| {
        let mut map: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(bytes).unwrap();
        map.remove("torn");
        map
    };
    for cut in ends[0]..bytes.len() {
        let cut_off = bytes[..cut].to_vec();
        let seen = chain::check(&cut_off);
        let is_torn = cut > ends[1] && cut < bytes.len() - 1 || cut > ends[0] && cut < ends[1] - 1;
        assert_eq!((seen.broken.as_ref(), seen.torn.len()), (None, usize::from(is_torn)), "cut at {cut}");
        let next = chain::Tail::read(&cut_off, true).unwrap().next(record(&bytes[..ends[0]]));
        let again = [cut_off.clone(), next.clone()].concat();
        let seen = chain::check(&again);
        assert_eq!((seen.broken.as_ref(), seen.torn.len()), (None, usize::from(is_torn)), "cut at {cut}");
        for second in [1, 4, 9, 30, next.len() - 1] {
            let twice = [cut_off.clone(), next[..second].to_vec()].concat();
            assert_eq!(chain::check(&twice).broken, None, "cut at {cut} and {second}");
            let third = chain::Tail::read(&twice, true).unwrap().next(record(&bytes[..ends[0]]));
            assert_eq!(chain::check(&[twice, third].concat()).broken, None, "cut at {cut} and {second}");
        }
        if is_torn {
            let mut forged = again.clone();
            forged[cut - 1] ^= 1;
            assert!(chain::check(&forged).broken.is_some(), "cut at {cut}: a torn line that was changed");
        }
    }
}

#[test]
fn a_long_record_is_chained_from_its_end() {
    let state = tempfile::tempdir().unwrap();
    let record = |text: &str| AuditRecord {
        made_by: None,
        at: now(),
        kind: AuditKind::Applied,
        by: author(),
        estate: words(text),
        journal: None,
        plan: "7f3a".to_owned(),
        verb: "logoff".to_owned(),
        counts: [("unsent".to_owned(), 3)].into(),
        ticket: None,
        stopped: None,
        fault: None,
        journal_bytes: None,
        journal_sha256: None,
    };
    let disk = super::disk::RealDisk;
    // Lines that fit several times, once and not at all into the part that is read first.
    for length in [20_000, 20_000, 20_000, 70_000, 10, 140_000, 10] {
        audit::append(&disk, state.path(), &record(&"x".repeat(length))).unwrap();
    }
    let verification = audit::verify(state.path()).unwrap();
    assert!(verification.is_good() && verification.good == 7, "{verification:?}");
}

#[test]
fn threads_keep_one_chain() {
    let state = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let state = &state;
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                runtime.block_on(async {
                    for job in 0..6 {
                        let store = JournalStore::new(state.path());
                        let id = format!("{thread}{job}");
                        let work = Work::Sessions(Arc::new(Plan { id: id.as_str().into(), ..plan(1) }));
                        store
                            .open(Opening { work, ..opening(1) })
                            .await
                            .unwrap()
                            .closed(now(), false, None)
                            .await
                            .unwrap();
                    }
                });
            });
        }
    });
    let verification = audit::verify(state.path()).unwrap();
    assert!(verification.is_good() && verification.good == 48, "{verification:?}");
}

#[tokio::test]
async fn what_is_found_out_after_the_end_is_added_and_the_end_stays() {
    let home = tempfile::tempdir().unwrap();
    let store = JournalStore::new(home.path());
    let scribe = Scribe::new(store.clone(), author(), "prod https://cs1".into());
    let mut journal = store.open(opening(4)).await.unwrap();
    let id = journal.id().to_owned();
    journal.intent(now(), vec![0, 1, 2], words("logoff")).await.unwrap();
    journal.outcomes(now(), vec![(0, Outcome::Accepted), (2, Outcome::Confirmed)]).await.unwrap();
    let found = || {
        let finding = |(place, outcome)| Finding { place, outcome, evidence: Evidence::GoneOnRead };
        let found = [Outcome::Confirmed, Outcome::Confirmed, Outcome::StillListed, Outcome::Confirmed];
        (0..).zip(found).map(finding).collect::<Vec<_>>()
    };
    let busy = scribe.amend(&id, found(), words("read again")).await.unwrap_err();
    assert!(matches!(busy, JournalError::NotEnded(_)), "{busy}");
    journal.closed(now(), true, None).await.unwrap();
    let before = store.read(&id).await.unwrap().recovered.ended.unwrap();
    scribe.amend(&id, found(), words("read again: 2 done")).await.unwrap();
    let record = store.read(&id).await.unwrap();
    assert_eq!(record.recovered.ended.as_ref(), Some(&before), "also the time of it");
    assert_eq!(record.recovered.evidence.get(&1), Some(&Evidence::GoneOnRead));
    assert_eq!(record.recovered.evidence.get(&3), None);
    let names: Vec<_> = record.recovered.standings.iter().map(|standing| standing.outcome().name()).collect();
    assert_eq!(names, ["confirmed", "confirmed", "confirmed", "unsent"], "what was settled or unsent stays");
    assert_eq!((record.state(), record.recovered.notes.len()), ("stopped", 1));
    let verified = store.verify().await.unwrap();
    assert!(verified.is_good() && verified.unknown.is_empty(), "{verified:?}");
    // The list says the same of it, and names what cannot be read.
    fs::write(home.path().join("jobs/20260101T000000Z-bad.jsonl"), "x\n").unwrap();
    let listed = scribe.list().await.unwrap();
    assert_eq!(listed[0].told.as_ref().unwrap().state.name(), "stopped");
    assert!(listed[1].told.as_ref().unwrap_err().as_str().contains("its first line is damaged"));
}
