//! Moving in the tree, opening and closing its nodes, marking them.

use crate::core::{
    command::Command,
    images::{Fold, ImageNode, ImagesTab, Shelf},
    state::{NoticeKind, State},
};

/// Runs a command that moves, folds or marks. Says whether it was one of these.
pub(super) fn run(state: &mut State, command: Command) -> bool {
    let page = isize::try_from(ImagesTab::tree_rows(state).max(1)).unwrap_or(1);
    match command {
        Command::MoveDown => step(state, 1),
        Command::MoveUp => step(state, -1),
        Command::MoveHalfDown => step(state, (page / 2).max(1)),
        Command::MoveHalfUp => step(state, -(page / 2).max(1)),
        Command::MovePageDown => step(state, page),
        Command::MovePageUp => step(state, -page),
        Command::MoveFirst => step(state, isize::MIN),
        Command::MoveLast => step(state, isize::MAX),
        Command::ColumnRight => into(state),
        Command::ColumnLeft => out_of(state),
        Command::UnfoldAll => unfold_all(state),
        Command::FoldAll => fold_all(state),
        Command::MarkToggle => mark(state),
        Command::MarkClear => {
            state.images.marks.clear();
            state.notify(NoticeKind::Info, "marks cleared");
        }
        _ => return false,
    }
    true
}

fn step(state: &mut State, by: isize) {
    let shown = state.images.shown();
    let at = place(&state.images, &shown).unwrap_or(0);
    let last = shown.len().saturating_sub(1);
    let next = at.saturating_add_signed(by).min(last);
    state.images.cursor = shown.get(next).cloned();
}

/// The row of the cursor.
fn place(tab: &ImagesTab, shown: &[ImageNode]) -> Option<usize> {
    let cursor = tab.cursor.as_ref()?;
    shown.iter().position(|node| node == cursor)
}

/// Whether the node under the cursor has children, and whether they are shown.
fn fold(state: &State) -> Option<Fold> {
    let book = state.images.book.value()?;
    let shelf = Shelf::new(book, &state.images.live);
    let cursor = state.images.cursor.as_ref()?;
    state.images.outline(&shelf).rows.into_iter().find(|row| row.node == *cursor).map(|row| row.fold)
}

/// Opens the node under the cursor, or closes it. Says whether it has children at all.
pub(super) fn toggle(state: &mut State) -> bool {
    match fold(state) {
        Some(Fold::Open) => close(state),
        Some(Fold::Held) => held(state),
        Some(Fold::Closed) => open(state),
        Some(Fold::Leaf) | None => return false,
    }
    true
}

fn open(state: &mut State) {
    let tab = &mut state.images;
    tab.open.extend(tab.cursor.clone());
}

fn close(state: &mut State) {
    if let Some(cursor) = &state.images.cursor {
        state.images.open.remove(cursor);
    }
}

fn held(state: &mut State) {
    state.notify(NoticeKind::Info, "the filter keeps it open: something below it matches");
}

/// Opens the node; when it is open, goes to the first one below.
fn into(state: &mut State) {
    match fold(state) {
        Some(Fold::Closed) => open(state),
        Some(Fold::Open | Fold::Held) => step(state, 1),
        Some(Fold::Leaf) | None => {}
    }
}

/// Closes the node; when there is nothing to close, goes to the one above.
fn out_of(state: &mut State) {
    if fold(state) == Some(Fold::Open) {
        return close(state);
    }
    let Some(book) = state.images.book.value() else {
        return;
    };
    let shelf = Shelf::new(book, &state.images.live);
    let above = state.images.cursor.as_ref().and_then(|node| shelf.parent(node));
    if above.is_some() {
        state.images.cursor = above;
    }
}

fn unfold_all(state: &mut State) {
    let Some(book) = state.images.book.value() else {
        return;
    };
    let shelf = Shelf::new(book, &state.images.live);
    let all = shelf.all_nodes();
    state.images.open = all.into_iter().collect();
}

/// Closes all; the cursor goes to the stream that it was in.
fn fold_all(state: &mut State) {
    let before = state.images.shown();
    state.images.open.clear();
    keep_cursor(&mut state.images, &before);
}

fn mark(state: &mut State) {
    let Some(node) = state.images.cursor.clone() else {
        return;
    };
    if node.is_own() {
        if !state.images.marks.remove(&node) {
            state.images.marks.insert(node);
        }
    } else {
        state.notify(
            NoticeKind::Info,
            "a pool or farm is not marked here: only streams, versions, tags and assets",
        );
    }
    step(state, 1);
}

/// Keeps the cursor on what it stands for. When that is not shown any more: on the nearest node above it in the tree
/// that is, else on the next row that was shown after it, else before it.
pub(super) fn keep_cursor(tab: &mut ImagesTab, before: &[ImageNode]) {
    let shown = tab.shown();
    let Some(cursor) = &tab.cursor else {
        tab.cursor = shown.first().cloned();
        return;
    };
    if shown.contains(cursor) {
        return;
    }
    let next = above(tab, cursor, &shown).or_else(|| {
        let at = before.iter().position(|node| node == cursor)?;
        let (earlier, later) = before.split_at_checked(at)?;
        later.iter().chain(earlier.iter().rev()).find(|node| shown.contains(node)).cloned()
    });
    tab.cursor = next.or_else(|| shown.first().cloned());
}

/// The nearest node above a hidden one that is shown.
fn above(tab: &ImagesTab, node: &ImageNode, shown: &[ImageNode]) -> Option<ImageNode> {
    let book = tab.book.value()?;
    let shelf = Shelf::new(book, &tab.live);
    let mut above = shelf.parent(node);
    while let Some(node) = above {
        if shown.contains(&node) {
            return Some(node);
        }
        above = shelf.parent(&node);
    }
    None
}

/// Keeps the row of the cursor among those that are drawn.
pub(super) fn keep_in_sight(state: &mut State) {
    let height = ImagesTab::tree_rows(state).max(1);
    let shown = state.images.shown();
    let tab = &mut state.images;
    if tab.cursor.is_none() {
        tab.cursor = shown.first().cloned();
    }
    let at = place(tab, &shown).unwrap_or(0);
    let last_top = shown.len().saturating_sub(height);
    tab.top = tab.top.min(at).max((at + 1).saturating_sub(height)).min(last_top);
}
