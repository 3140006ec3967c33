//! What a screen says: where the cursor is, which session it is on, what the lines above the table tell.

/// A look at the screen.
pub(crate) struct Screen<'a> {
    screen: &'a vt100::Screen,
}

impl<'a> Screen<'a> {
    pub(crate) fn new(screen: &'a vt100::Screen) -> Self {
        Self { screen }
    }

    /// All of it.
    pub(crate) fn text(&self) -> String {
        self.screen.contents()
    }

    /// The lines without the blanks at their ends, of which some were written and some never were.
    fn lines(&self) -> Vec<String> {
        let (_, width) = self.screen.size();
        self.screen.rows(0, width.get()).map(|line| line.trim_end().to_owned()).collect()
    }

    fn line(&self, number: usize) -> String {
        self.lines().into_iter().nth(number).unwrap_or_default()
    }

    /// How many sessions there are in which state: another list shows other numbers.
    pub(crate) fn totals(&self) -> String {
        self.line(0).split("  ").filter(|word| is_total(word)).collect::<Vec<_>>().join(" ")
    }

    /// By which column the table is sorted, and in which direction.
    pub(crate) fn order(&self) -> String {
        self.line(1)
            .split("  sort ")
            .nth(1)
            .unwrap_or_default()
            .split("  ")
            .next()
            .unwrap_or_default()
            .to_owned()
    }

    /// The filter and how many rows it shows.
    pub(crate) fn filter_line(&self) -> String {
        self.line(2)
    }

    /// The session under the cursor, by user and machine; `None` when there is no cursor.
    pub(crate) fn session(&self) -> Option<String> {
        let lines = self.lines();
        let place = titles(&lines)?;
        let titles = beside(&lines[place], &lines[place]);
        let row = lines
            .iter()
            .skip(place + 1)
            .map(|line| beside(&lines[place], line))
            .find(|row| row.starts_with('>'))?;
        Some(identity(&titles, &row))
    }

    /// The first row of the table; `None` where there is none, or only a word about that.
    pub(crate) fn first_row(&self) -> Option<String> {
        let counted = self.filter_line().contains(" of ");
        self.table().into_iter().nth(1).filter(|row| counted && !row.trim().is_empty())
    }

    /// In which line of the table the cursor is, from 0; `None` when there is no row.
    pub(crate) fn cursor(&self) -> Option<usize> {
        let lines = self.lines();
        let titles = titles(&lines)?;
        let rows = lines.iter().skip(titles + 1).map(|line| beside(&lines[titles], line));
        rows.into_iter().position(|row| row.starts_with('>'))
    }

    /// How many lines the table has.
    pub(crate) fn height(&self) -> usize {
        let lines = self.lines();
        let first = titles(&lines).map_or(0, |titles| titles + 1);
        // On small screens a line below the rows sums them up.
        let is_end = |line: &String| line.starts_with("──") || line.starts_with(" pool: ");
        lines.iter().skip(first).position(is_end).unwrap_or_default()
    }

    /// The table: titles and rows.
    pub(crate) fn table(&self) -> Vec<String> {
        let lines = self.lines();
        let first = titles(&lines).unwrap_or_default();
        let titles = lines.get(first).cloned().unwrap_or_default();
        lines.iter().skip(first).take(self.height() + 1).map(|line| beside(&titles, line)).collect()
    }
}

/// `C 3769`, `D 1221`.
fn is_total(word: &str) -> bool {
    let mut parts = word.trim().split(' ');
    let letter = parts.next().is_some_and(|letter| ["C", "D", "P"].contains(&letter));
    letter && parts.next().is_some_and(|number| number.parse::<usize>().is_ok())
}

/// The line with the titles of the columns.
fn titles(lines: &[String]) -> Option<usize> {
    lines.iter().position(|line| line.contains("USER") && line.contains("MACHINE"))
}

/// What of a line stands from the left edge of the table on: on wide screens the breakdown is left of it.
fn beside(titles: &str, line: &str) -> String {
    let before = titles.split("USER").next().unwrap_or_default();
    let wall = before.chars().collect::<Vec<_>>().iter().rposition(|sign| *sign == '\u{2502}');
    line.chars().skip(wall.map_or(0, |wall| wall + 1)).collect()
}

/// What stands in a row below the titles of user and machine.
fn identity(titles: &str, row: &str) -> String {
    let at = |title: &str| titles.split(title).next().map_or(0, |before| before.chars().count());
    let cell = |from: usize, width: usize| row.chars().skip(from).take(width).collect::<String>();
    format!("{} {}", cell(at("USER"), 14), cell(at("MACHINE"), 11))
}
