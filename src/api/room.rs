//! Room that long answers had, for the next ones: what is given back to the system with each page of a list has to be had from it
//! again with the next one, which takes longer than receiving the page.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Room for shorter answers is made anew each time.
const WORTH_KEEPING: usize = 64 << 10;

/// At most so many pieces are kept.
const MOST_KEPT: usize = 16;

/// Pieces of room that nobody uses just now. They hold nothing.
#[derive(Debug, Default)]
pub(super) struct Room(Mutex<Vec<Vec<u8>>>);

impl Room {
    /// Room for so many bytes.
    pub(super) fn take(&self, bytes: usize) -> Vec<u8> {
        let kept = if bytes >= WORTH_KEEPING { self.pieces().pop() } else { None };
        let mut room = kept.unwrap_or_default();
        // What grows step by step is there twice while it does.
        room.reserve_exact(bytes);
        room
    }

    /// Keeps the room of what nobody needs any more.
    pub(super) fn give(&self, mut bytes: Vec<u8>) {
        let mut pieces = self.pieces();
        if bytes.capacity() >= WORTH_KEEPING && pieces.len() < MOST_KEPT {
            bytes.clear();
            pieces.push(bytes);
        }
    }

    /// Gives all of it back to the system.
    pub(super) fn forget(&self) {
        *self.pieces() = Vec::new();
    }

    fn pieces(&self) -> MutexGuard<'_, Vec<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_answers_get_the_room_of_those_before_and_nothing_that_was_in_it() {
        let room = Room::default();
        let mut page = room.take(100_000);
        page.extend_from_slice(b"a page");
        let place = page.as_ptr();
        room.give(page);
        assert!(room.take(10).capacity() < 100_000, "short ones need none");
        let next = room.take(90_000);
        assert_eq!((next.as_ptr(), next.len()), (place, 0));
        room.give(next);
        room.give(b"short".to_vec());
        room.forget();
        assert!(room.pieces().is_empty());
    }
}
