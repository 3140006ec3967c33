//! What is accepted, what is refused, and the help as people see it.

use clap::{CommandFactory, error::ErrorKind};
use rstest::rstest;

use super::*;

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(std::iter::once("foretop").chain(line.split_whitespace()))
}

fn sessions(line: &str) -> SessionsArgs {
    match parse(line).unwrap().command {
        Some(Command::Sessions(sessions)) => sessions,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_definition_is_consistent() {
    Cli::command().debug_assert();
}

#[rstest]
#[case::top("")]
#[case::sessions("sessions")]
#[case::sessions_list("sessions list")]
#[case::sessions_show("sessions show")]
#[case::sessions_disconnect("sessions disconnect")]
#[case::sessions_logoff("sessions logoff")]
#[case::sessions_restart("sessions restart")]
#[case::sessions_reset("sessions reset")]
#[case::sessions_message("sessions message")]
#[case::images("images")]
#[case::images_list("images list")]
#[case::images_show("images show")]
#[case::images_create("images create")]
#[case::images_update("images update")]
#[case::images_delete("images delete")]
#[case::images_versions("images versions")]
#[case::images_versions_list("images versions list")]
#[case::images_versions_create("images versions create")]
#[case::images_versions_update("images versions update")]
#[case::images_tags("images tags")]
#[case::images_tags_create("images tags create")]
#[case::images_tags_update("images tags update")]
#[case::images_tags_move("images tags move")]
#[case::images_assets("images assets")]
#[case::images_assets_create("images assets create")]
#[case::images_assets_update("images assets update")]
#[case::image_servers("image-servers")]
#[case::image_servers_list("image-servers list")]
#[case::image_servers_recreate_image("image-servers recreate-image")]
#[case::image_servers_jobs("image-servers jobs")]
#[case::events("events")]
#[case::events_explain("events explain")]
#[case::whoami("whoami")]
#[case::permissions("permissions")]
#[case::permissions_list("permissions list")]
#[case::permissions_show("permissions show")]
#[case::permissions_create("permissions create")]
#[case::permissions_delete("permissions delete")]
#[case::permissions_replace("permissions replace")]
#[case::permissions_can("permissions can")]
#[case::sim("sim")]
#[case::config("config")]
#[case::config_init("config init")]
#[case::config_show("config show")]
#[case::doctor("doctor")]
#[case::completions("completions")]
#[case::man("man")]
fn help(#[case] path: &str) {
    let mut command = Cli::command().term_width(100);
    command.build();
    let mut command = &mut command;
    for name in path.split_whitespace() {
        command = command.find_subcommand_mut(name).unwrap();
    }
    let name = if path.is_empty() { "foretop".to_owned() } else { path.replace(' ', "_") };
    let text = command.render_long_help().to_string();
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    insta::assert_snapshot!(format!("help_{name}"), text);
}

#[test]
fn without_a_command_it_is_the_console() {
    let cli = parse("--profile emea --read-only --theme mono --ascii").unwrap();
    assert!(cli.command.is_none());
    let choice = cli.connection.choice(&cli.looks);
    assert_eq!(choice.profile.as_deref(), Some("emea"));
    assert_eq!(choice.settings.read_only, Some(true));
    assert_eq!(choice.settings.theme.as_deref(), Some("mono"));
    assert_eq!(choice.settings.ascii, Some(true));
    assert_eq!(
        parse("").unwrap().connection.choice(&LooksArgs::default()).settings,
        PartialSettings::default()
    );
}

#[rstest]
#[case("--demo", DEFAULT_WORLD)]
#[case("--demo=small", "small")]
fn the_demo_has_a_world(#[case] line: &str, #[case] world: &str) {
    assert_eq!(parse(line).unwrap().connection.demo.as_deref(), Some(world));
}

#[rstest]
#[case("sessions list --profile emea")]
#[case("sessions --profile emea list")]
#[case("--profile emea sessions list")]
fn the_estate_can_be_named_anywhere(#[case] line: &str) {
    let cli = parse(line).unwrap();
    let Some(Command::Sessions(sessions)) = cli.command else {
        panic!("{line}");
    };
    assert_eq!(sessions.connection.over(cli.connection).profile.as_deref(), Some("emea"));
}

#[test]
fn the_nearer_estate_wins_whole_and_read_only_stays() {
    let outer = ConnectionArgs { profile: Some("emea".to_owned()), demo: None, read_only: true };
    let inner = ConnectionArgs { profile: None, demo: Some("small".to_owned()), read_only: false };
    let merged = inner.over(outer);
    assert_eq!((merged.profile, merged.demo.as_deref(), merged.read_only), (None, Some("small"), true));
}

#[rstest]
#[case("sessions disconnect --id a", Verb::Disconnect)]
#[case("sessions logoff --id a", Verb::Logoff)]
#[case("sessions logoff --forced --id a", Verb::LogoffForced)]
#[case("sessions restart --id a", Verb::Restart)]
#[case("sessions reset --id a", Verb::Reset)]
#[case("sessions message --text hello --id a", Verb::Message)]
fn each_verb_has_its_command(#[case] line: &str, #[case] verb: Verb) {
    let sessions = sessions(line);
    let (found, action) = sessions.command.action().unwrap();
    assert_eq!(found, verb);
    assert_eq!(action.wish.targets.ids, ["a"]);
}

#[test]
fn an_action_takes_all_its_flags() {
    let line = "sessions logoff --id a --id b --max 5 --ticket INC-1 --yes 2 -o jsonl";
    let sessions = sessions(line);
    let (_, action) = sessions.command.action().unwrap();
    assert_eq!(action.wish.targets.ids, ["a", "b"]);
    assert_eq!((action.max, action.yes, action.dry_run), (Some(5), Some(2), false));
    assert_eq!(action.wish.ticket.as_deref(), Some("INC-1"));
    assert_eq!(action.output.format, Format::Jsonl);
}

#[test]
fn a_list_takes_columns_and_a_reversed_order() {
    let sessions = sessions("sessions list --columns user,idle --sort -idle -o csv");
    let SessionsCommand::List(list) = sessions.command else { panic!() };
    assert_eq!(list.columns, ["user", "idle"]);
    assert_eq!(list.sort.as_deref(), Some("-idle"));
    assert_eq!(list.output.format, Format::Csv);
}

#[rstest]
#[case::neither_filter_nor_id("sessions logoff", ErrorKind::MissingRequiredArgument)]
#[case::both("sessions logoff --id a --where x", ErrorKind::ArgumentConflict)]
#[case::dry_and_sure("sessions logoff --id a --dry-run --yes 1", ErrorKind::ArgumentConflict)]
#[case::forced_only_on_logoff("sessions reset --id a --forced", ErrorKind::UnknownArgument)]
#[case::not_a_number("sessions reset --id a --yes many", ErrorKind::ValueValidation)]
#[case::no_text("sessions message --id a", ErrorKind::MissingRequiredArgument)]
#[case::severity("sessions message --id a --text x --severity loud", ErrorKind::InvalidValue)]
#[case::format("sessions list -o xml", ErrorKind::InvalidValue)]
#[case::nothing_to_do("sessions", ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand)]
#[case::two_estates("--profile a --demo", ErrorKind::ArgumentConflict)]
#[case::not_a_command("session list", ErrorKind::InvalidSubcommand)]
#[case::clock("sim --clock fast", ErrorKind::ValueValidation)]
#[case::world("sim --world smal", ErrorKind::ValueValidation)]
#[case::fault("sim --fault slow", ErrorKind::ValueValidation)]
#[case::release("sim --release 1999", ErrorKind::ValueValidation)]
#[case::age("events --since soon", ErrorKind::ValueValidation)]
fn what_makes_no_sense_is_refused(#[case] line: &str, #[case] kind: ErrorKind) {
    let error = parse(line).unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    assert_eq!(error.exit_code(), 2);
}

#[test]
fn the_simulator_takes_all_its_flags() {
    let line = "sim --listen 127.0.0.1:8443 --world small --sessions 10 --seed 7 --clock x60 --fault status=500 \
                --fault latency=200ms --release 2412 --tls";
    let Some(Command::Sim(sim)) = parse(line).unwrap().command else { panic!() };
    assert_eq!(sim.listen.port(), 8443);
    assert!(matches!(&sim.world, WorldSource::Builtin(name) if name == "small"));
    assert_eq!((sim.sessions, sim.seed), (Some(10), Some(7)));
    assert_eq!(sim.clock, ClockMode::Accelerated(60.0));
    assert_eq!(sim.faults.len(), 2);
    assert_eq!((sim.release, sim.tls), (Some(Release::R2412), true));
}
