//! Copying and writing what is on the screen.

use super::*;
use crate::core::{
    effect::Effect,
    export::{ExportForm, ListExport},
};

fn copied(bench: &mut Bench) -> String {
    match bench.take_effects().pop() {
        Some(Effect::Copy(text)) => text,
        other => panic!("nothing is copied, but {other:?}"),
    }
}

fn exported(bench: &mut Bench) -> (Box<ListExport>, ExportForm, String) {
    match bench.take_effects().pop() {
        Some(Effect::ExportList { list, form, name }) => (list, form, name),
        other => panic!("nothing is written, but {other:?}"),
    }
}

#[test]
fn a_cell_and_a_row_and_the_marked_rows_are_copied() {
    let mut bench = Bench::with(estate());
    bench.press("c");
    assert_eq!(copied(&mut bench), "abel");
    bench.press("C");
    let row = copied(&mut bench);
    assert!(row.starts_with("abel\tD\t"), "{row}");
    assert_eq!(row.lines().count(), 1);
    bench.press("/state:disc<enter>*C");
    let rows = copied(&mut bench);
    let users: Vec<&str> = rows.lines().filter_map(|line| line.split('\t').next()).collect();
    assert_eq!(users, ["abel", "baker", "dogan"]);
}

#[test]
fn nothing_is_copied_where_nobody_is_under_the_cursor() {
    let mut bench = Bench::with(Vec::new());
    bench.take_effects();
    bench.press("cC");
    assert!(bench.take_effects().is_empty());
    assert!(bench.state.notice.as_ref().unwrap().text.as_str().contains("no session"));
}

#[test]
fn the_shown_list_is_written_in_three_forms() {
    let mut bench = Bench::with(estate());
    bench.press("/state:disc idle>4h<enter>:export csv<enter>");
    let (list, form, name) = exported(&mut bench);
    assert_eq!((form, name.as_str()), (ExportForm::Csv, "sessions-20260302T140000Z"));
    let csv = list.text(form);
    let mut lines = csv.lines();
    assert!(lines.next().unwrap().starts_with("id,user_id,user_name,session_state"));
    assert_eq!(lines.count(), 2);
    let json: serde_json::Value = serde_json::from_str(&list.text(ExportForm::Json)).unwrap();
    assert_eq!(json[1]["user_name"], "CORP\\baker");
    let markdown = list.text(ExportForm::Markdown);
    assert!(markdown.starts_with("| USER | ST | IDLE |"), "{markdown}");
    assert_eq!(markdown.lines().count(), 4);
    let none = ListExport { rows: Vec::new(), ..*list };
    assert_eq!(none.text(ExportForm::Json), "[]\n");
}

#[test]
fn hostile_words_do_no_harm_in_any_form() {
    let mut evil = session("1", "x", SessionState::Connected, 0);
    evil.pool_name = Some("=cmd|' /C calc'!A0|\u{202e}x".into());
    let mut bench = Bench::with(vec![evil]);
    bench.press(":export csv<enter>");
    let (list, ..) = exported(&mut bench);
    for form in ExportForm::ALL {
        let text = list.text(form);
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
    }
    assert!(list.text(ExportForm::Csv).contains("'=cmd"));
    assert!(list.text(ExportForm::Markdown).contains("\\|"));
}

#[test]
fn what_cannot_be_written_says_what_can() {
    let mut bench = Bench::with(estate());
    bench.press(":export xlsx<enter>");
    let error = bench.state.prompt.as_ref().unwrap().error.as_ref().unwrap();
    assert_eq!(error.message.as_str(), "export takes csv, json or markdown");
    bench.press("<esc>2:export csv<enter>");
    let notice = bench.state.notice.as_ref().unwrap().text.as_str();
    assert_eq!(notice, "this list was not read yet");
    let mut cloud = Bench::in_the_cloud(estate());
    for tab in ["2", "3", "4"] {
        cloud.press(&format!("{tab}:export csv<enter>"));
        assert_eq!(cloud.state.notice.as_ref().unwrap().text.as_str(), "this list was not read yet");
        cloud.press("<esc>");
    }
}

/// What a key sequence writes: the text, and the name of the file.
fn written(bench: &mut Bench, keys: &str) -> (String, String) {
    bench.press(keys);
    match bench.take_effects().pop() {
        Some(Effect::ExportText { text, name, .. }) => (text, name),
        other => panic!("nothing is written, but {other:?}"),
    }
}

#[test]
fn permissions_are_written_as_they_are_filtered() {
    let mut bench = Bench::with(estate());
    bench.press("2");
    let book = crate::core::permissions::fixtures::book();
    bench.state.permissions.book.load(std::sync::Arc::new(book), bench.state.now);
    let (csv, name) = written(&mut bench, ":export csv<enter>");
    assert!(name.starts_with("permissions-"), "{name}");
    let shown = bench.state.permissions.rows().len();
    assert!(shown > 3);
    assert_eq!(csv.lines().count(), shown + 1, "{csv}");
    assert!(csv.starts_with("id,ad_user_or_group_id,display_name,group,"), "{csv}");
    let (json, _) = written(&mut bench, ":export json<enter>");
    let records: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(records.as_array().unwrap().len(), shown);
    let (table, _) = written(&mut bench, ":export markdown<enter>");
    assert!(table.starts_with("| principal | kind | role | access group |"), "{table}");
    assert_eq!(table.lines().count(), shown + 2);
}

#[test]
fn the_image_tree_is_written_as_it_is_open() {
    let mut bench = Bench::with(estate());
    bench.press("3");
    let book = crate::core::images::testing::book();
    bench.state.images.book.load(std::sync::Arc::new(book), bench.state.now);
    let (closed, name) = written(&mut bench, ":export csv<enter>");
    assert!(name.starts_with("images-"), "{name}");
    assert_eq!(closed.lines().count(), 4, "three streams and the titles: {closed}");
    assert!(closed.starts_with("kind,id,") && closed.contains("stream,s1,"), "{closed}");
    let (open, _) = written(&mut bench, "zR:export markdown<enter>");
    assert!(open.starts_with("| kind | stream | version | name |"), "{open}");
    assert!(
        open.contains("| tag | win11-office | v24.3 | prod |") && open.contains("| WINDOWS_11 |"),
        "{open}"
    );
    assert!(open.contains("| version |") && open.contains("| tag |"), "{open}");
}

#[test]
fn the_lists_of_workspace_are_written_as_they_are_filtered() {
    use crate::core::cloud::testing;
    let mut bench = Bench::in_the_cloud(estate());
    let now = bench.state.now;
    bench.state.cloud.access.load(std::sync::Arc::new(testing::access()), now);
    bench.state.cloud.servers.load(std::sync::Arc::new(testing::servers()), now);
    bench.state.cloud.app_servers.load(std::sync::Arc::new(testing::app_servers()), now);
    let lists = [
        ("2", "app-groups-", "kind,id,account,", "| app group | account | kind |"),
        ("3", "image-servers-", "id,name,description,status,image_id,", "| name | status | built image |"),
        ("4", "app-servers-", "id,name,machine_name,", "| name | machine | group |"),
    ];
    for (tab, file, fields, titles) in lists {
        let (csv, name) = written(&mut bench, &format!("{tab}:export csv<enter>"));
        assert!(name.starts_with(file), "{name}");
        assert!(csv.starts_with(fields), "{csv}");
        let (json, _) = written(&mut bench, ":export json<enter>");
        let records: serde_json::Value = serde_json::from_str(&json).unwrap();
        let count = records.as_array().unwrap().len();
        assert!(count > 1 && csv.lines().count() == count + 1, "{csv}");
        let (table, _) = written(&mut bench, ":export markdown<enter>");
        assert!(table.starts_with(titles), "{table}");
        assert_eq!(table.lines().count(), count + 2);
    }
    let (some, _) = written(&mut bench, "/aps-off<enter>:export csv<enter>");
    let shown = bench.state.cloud.shown_app_servers().len();
    assert!(shown < bench.state.cloud.app_servers.value().unwrap().rows.len());
    assert_eq!(some.lines().count(), shown + 1, "{some}");
}

#[test]
fn where_a_file_is_stands_in_the_prompt_line_and_in_the_event_pane() {
    let mut bench = Bench::with(estate());
    bench.press("zs");
    assert!(matches!(bench.take_effects().pop(), Some(Effect::DumpScreen { .. })));
    bench.send(Msg::FileWritten { answer: Ok("/state/screens/screen-1.txt".into()) });
    assert_eq!(bench.state.notice.as_ref().unwrap().text.as_str(), "written: screen-1.txt in /state/screens");
    bench.send(Msg::FileWritten { answer: Err("/state: no space left".into()) });
    assert!(bench.state.notice.as_ref().unwrap().text.as_str().starts_with("it could not be written"));
}

#[test]
fn a_recording_that_ends_before_the_run_is_told_and_shown_no_more() {
    let mut bench = Bench::with(estate());
    bench.state.settings.recording = true;
    bench.send(Msg::RecordingEnded("the recording x.jsonl: no space left; nothing more is recorded".into()));
    assert!(!bench.state.settings.recording);
    assert!(bench.state.notice.as_ref().unwrap().text.as_str().ends_with("nothing more is recorded"));
}

#[test]
fn rows_of_every_list_are_copied_as_they_are_marked() {
    use crate::core::cloud::testing;
    let mut bench = Bench::with(estate());
    bench.press("2");
    let book = crate::core::permissions::fixtures::book();
    bench.state.permissions.book.load(std::sync::Arc::new(book), bench.state.now);
    bench.press("c");
    assert!(notice(&bench).contains("nothing under the cursor"), "{}", notice(&bench));
    bench.press("ggC");
    let row = copied(&mut bench);
    assert_eq!((row.lines().count(), row.split('\t').count()), (1, 11), "{row}");
    bench.press("*c");
    assert_eq!(copied(&mut bench).lines().count(), bench.state.permissions.rows().len());
    bench.press("/vdi-audit<enter>c");
    assert_eq!(copied(&mut bench).lines().count(), 1);
    assert!(notice(&bench).contains("marked that the filter hides"), "{}", notice(&bench));
    bench.press("/nobody-has-this<enter>c");
    assert!(notice(&bench).contains("the filter hides all"), "{}", notice(&bench));

    let mut bench = Bench::with(estate());
    bench.press("3");
    let book = crate::core::images::testing::book();
    bench.state.images.book.load(std::sync::Arc::new(book), bench.state.now);
    bench.press("ggc");
    assert!(copied(&mut bench).starts_with("stream\t"));

    let mut bench = Bench::in_the_cloud(estate());
    let now = bench.state.now;
    bench.state.cloud.access.load(std::sync::Arc::new(testing::access()), now);
    bench.state.cloud.servers.load(std::sync::Arc::new(testing::servers()), now);
    bench.state.cloud.app_servers.load(std::sync::Arc::new(testing::app_servers()), now);
    for tab in ["2", "3", "4"] {
        bench.press(&format!("{tab}ggc"));
        assert_eq!(copied(&mut bench).lines().count(), 1, "tab {tab}");
    }
}

fn notice(bench: &Bench) -> &str {
    bench.state.notice.as_ref().map_or("", |notice| notice.text.as_str())
}
