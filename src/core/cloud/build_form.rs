//! Building an image: its form, what is wrong with what is typed into it, and its plan (`workspace.md section 5.6`).

use jiff::Timestamp;

use crate::{
    core::{
        change::{ChangeItem, ChangePlan, HeldChange},
        form::{Field, FieldOption, Form, FormPurpose},
        shell::quoted,
    },
    domain::{Change, ImageServer, ImageServerId, NewImage, PlanId, Text, TextField},
};

/// Keys of the fields.
const NAME: &str = "name";
const DESCRIPTION: &str = "description";
const SYSPREP: &str = "sysprep";

/// What a form comes to: a plan, or what is wrong, by field.
pub type Drafted = Result<ChangePlan, Vec<(&'static str, String)>>;

/// The form for a build.
pub fn build_form(server: &ImageServer) -> Form {
    let options = vec![
        FieldOption::new("preset", "not said").with_note("whatever the server does by itself"),
        FieldOption::new("yes", "yes, generalise").with_note("machines made from it set themselves up anew"),
        FieldOption::new("no", "no, as it is").with_note("an exact copy, identity of the machine included"),
    ];
    let fields = vec![
        Field::line(
            NAME,
            "Image name",
            "",
            "1 to 128: letters a-z, digits, Chinese characters, blanks, . _ and -; no blank first or last",
        ),
        Field::line(
            DESCRIPTION,
            "Description",
            "",
            "may stay empty; at most 1024 characters, no blank first, no < or >",
        ),
        Field::choice(SYSPREP, "Sysprep", options, Some("preset"), ""),
    ];
    let title = format!("BUILD AN IMAGE from {}", server.label());
    Form::new(FormPurpose::BuildImage(Box::new(server.clone())), title, fields)
}

/// The image that a form asks for.
fn new_image(form: &Form) -> NewImage {
    let sysprep = match form.chosen(SYSPREP).map(|option| option.id.as_str()) {
        Some("yes") => Some(true),
        Some("no") => Some(false),
        _ => None,
    };
    let description = form.typed(DESCRIPTION);
    NewImage {
        name: form.typed(NAME).to_owned(),
        description: (!description.is_empty()).then(|| description.to_owned()),
        sysprep,
    }
}

/// The rules that are broken, by field: all of them, each with its words.
pub fn build_errors(form: &Form) -> Vec<(&'static str, String)> {
    let mut errors: Vec<(&'static str, String)> = Vec::new();
    for rule in new_image(form).broken_rules() {
        let key = if rule.field == TextField::ImageName { NAME } else { DESCRIPTION };
        match errors.iter_mut().find(|(known, _)| *known == key) {
            Some((_, words)) => *words = format!("{words}; {rule}"),
            None => errors.push((key, rule.to_string())),
        }
    }
    errors
}

/// What follows from sysprep, in words.
fn sysprep_words(sysprep: Option<bool>) -> &'static str {
    match sysprep {
        Some(true) => {
            "sysprep: the system is generalised first. Machines made from the image get an identity of their own and set \
             themselves up at their first start"
        }
        Some(false) => {
            "no sysprep: the image is an exact copy. Machines made from it share the identity of this one until something \
             else changes it"
        }
        None => {
            "sysprep is not said: the server does what it does by itself, which its documents do not tell"
        }
    }
}

/// What would happen, line by line.
fn build_consequences(server: &ImageServer, image: &NewImage) -> Vec<Text> {
    let lines = [
        format!(
            "the image server {} is BUILDING until the build is over; no other build can be started on it meanwhile",
            server.label()
        ),
        sysprep_words(image.sysprep).to_owned(),
        "a build cannot be cancelled; it goes on when this program ends, and :builds shows it again after a restart"
            .to_owned(),
    ];
    lines.iter().map(|line| Text::clean(line)).collect()
}

/// What the form would lead to so far.
pub fn build_preview(form: &Form, server: &ImageServer) -> Vec<Text> {
    build_consequences(server, &new_image(form))
}

/// The plan of a build, or what is wrong with the form.
pub fn build_plan(
    form: &Form,
    seen: &ImageServer,
    now: Option<&ImageServer>,
    id: PlanId,
    at: Timestamp,
) -> Drafted {
    let errors = build_errors(form);
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(plan_of_build(new_image(form), seen, now, id, at))
}

/// The plan of a build of which no rule is broken. `seen` is the image server when it was chosen, `now` as it is in the newest
/// list.
pub fn plan_of_build(
    image: NewImage,
    seen: &ImageServer,
    now: Option<&ImageServer>,
    id: PlanId,
    at: Timestamp,
) -> ChangePlan {
    let server = now.unwrap_or(seen);
    let mut plan = ChangePlan::new(id, "BUILD IMAGE", at);
    let mut details = vec![
        format!("image server: {} ({})", server.label(), server.id),
        format!("its status: {}", server.status.as_ref().map_or_else(|| "?".to_owned(), ToString::to_string)),
        format!("sysprep: {}", image.sysprep.map_or("not said", |yes| if yes { "yes" } else { "no" })),
    ];
    if let Some(description) = &image.description {
        details.push(format!("description: {description}"));
    }
    let label = format!("image \"{}\" from {}", image.name, server.label());
    plan.consequences = build_consequences(server, &image);
    if now.is_none() {
        plan.warnings.push("the image server is not in the newest list".into());
    }
    let command = build_command(&server.id, &image);
    let change = Change::BuildImage { server: server.id.clone(), server_name: server.name.clone(), image };
    let details = details.iter().map(|line| Text::clean(line)).collect();
    let item = ChangeItem::new(change, Text::clean(&label)).with_details(details);
    match server.status.as_ref().map(|status| (status.may_build(), status)) {
        Some((Some(false), status)) => {
            let words =
                format!("the image server is {status}: images are built from ACTIVE or BUILT ones only");
            plan.held_back.push(HeldChange::of(&item, Text::clean(&words)));
        }
        Some((Some(true), _)) => plan.items.push(item),
        Some((None, _)) | None => {
            plan.warnings
                .push("whether an image can be built in its status is not known: the server decides".into());
            plan.items.push(item);
        }
    }
    if !plan.items.is_empty() {
        plan.command = Some(Text::clean(&command));
    }
    plan
}

/// The command line that orders the same.
fn build_command(server: &ImageServerId, image: &NewImage) -> String {
    let mut command = format!(
        "foretop image-servers recreate-image {} --name {}",
        quoted(server.raw()),
        quoted(&image.name)
    );
    if let Some(description) = &image.description {
        command.extend([" --description ", &quoted(description)]);
    }
    command.push_str(match image.sysprep {
        Some(true) => " --sysprep",
        Some(false) => " --no-sysprep",
        None => "",
    });
    command + " --yes 1"
}
