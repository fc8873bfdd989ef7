//! Tables that are sorted by a word in lower case, checked when they are compiled.

/// A row of a table.
pub(super) trait Row {
    /// The word, in lower case.
    fn word(&self) -> &'static str;

    /// Whether the row stands for every word that starts like this.
    fn is_prefix(&self) -> bool {
        false
    }
}

/// The row for a word, in any case. `touch` is told how many bytes were compared: at most the word's length, for each of as
/// many rows as the table's size has binary digits.
pub(super) fn find<'t, R: Row>(table: &'t [R], word: &[u8], touch: &mut impl FnMut(usize)) -> Option<&'t R> {
    let lowered = || word.iter().map(u8::to_ascii_lowercase);
    let behind = table.partition_point(|row| {
        touch(word.len().min(row.word().len()));
        row.word().bytes().le(lowered())
    });
    let row = table.get(behind.checked_sub(1)?)?;
    let length = if row.is_prefix() { row.word().len() } else { word.len() };
    touch(length.min(word.len()));
    if row.word().bytes().eq(lowered().take(length)) { Some(row) } else { None }
}

/// Whether two rows can stand in this order: ascending, and nothing that starts like a prefix right behind it. The second
/// makes `find` right: between a prefix and the words that start like it no other row can be.
pub(super) const fn is_ordered(first: &str, is_prefix: bool, second: &str) -> bool {
    let (mut first, mut second) = (first.as_bytes(), second.as_bytes());
    loop {
        match (first, second) {
            ([], [_, ..]) => return !is_prefix,
            (_, []) => return false,
            ([left, first_rest @ ..], [right, second_rest @ ..]) => {
                if *left != *right {
                    return *left < *right;
                }
                first = first_rest;
                second = second_rest;
            }
        }
    }
}
