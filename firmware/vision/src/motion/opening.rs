//! Opening by a square: removes what is thinner than it, restores the rest.
//!
//! The square has 2 x 2 pixels, on a wide plane, where everything is larger, 3 x 3. Outside the plane counts as unchanged: a square
//! must lie wholly inside. Works on marks of all bits or none.

/// A plane with fewer pixels in a row is opened by 2 x 2.
const SMALL_PX: usize = 200;

/// Opens `mask` in place; `scratch` has the same length, `width` divides it.
pub fn open(mask: &mut [u8], scratch: &mut [u8], width: usize) {
    if width < SMALL_PX { open_by_two(mask, scratch, width) } else { open_by_three(mask, scratch, width) }
}

fn open_by_two(mask: &mut [u8], scratch: &mut [u8], width: usize) {
    if width < 2 || mask.len() < 2 * width {
        mask.fill(0);
        return;
    }
    let last = mask.len() - width;
    for (out, (&here, &below)) in scratch.iter_mut().zip(mask.iter().zip(&mask[width..])) {
        *out = here & below;
    }
    scratch[last..].fill(0);
    for (out, (&here, &right)) in mask.iter_mut().zip(scratch.iter().zip(&scratch[1..])) {
        *out = here & right;
    }
    // Right neighbours were taken across the ends of rows; a square that begins in the last column is outside.
    mask.iter_mut().skip(width - 1).step_by(width).for_each(|end| *end = 0);
    // Now the last column is empty, so that dilation cannot come from the row before.
    scratch[0] = mask[0];
    for (out, (&left, &here)) in scratch[1..].iter_mut().zip(mask.iter().zip(&mask[1..])) {
        *out = left | here;
    }
    mask[..width].copy_from_slice(&scratch[..width]);
    for (out, (&above, &here)) in mask[width..].iter_mut().zip(scratch.iter().zip(&scratch[width..])) {
        *out = above | here;
    }
}

fn open_by_three(mask: &mut [u8], scratch: &mut [u8], width: usize) {
    if width < 3 || mask.len() < 3 * width {
        mask.fill(0);
        return;
    }
    let inner = width..mask.len() - width;
    combine_rows(mask, scratch, width, |a, b, c| a & b & c);
    scratch[..inner.start].fill(0);
    scratch[inner.end..].fill(0);
    combine_neighbours(scratch, mask, |a, b, c| a & b & c);
    // Neighbours were taken across the ends of rows; the columns at both ends are outside anyway.
    for row in mask.chunks_exact_mut(width) {
        row[0] = 0;
        row[width - 1] = 0;
    }
    // Now the outer rows and columns are empty, so that dilation cannot leave its row.
    scratch.fill(0);
    combine_rows(mask, scratch, width, |a, b, c| a | b | c);
    for (out, &below) in scratch[..width].iter_mut().zip(&mask[width..]) {
        *out = below;
    }
    let last = inner.end;
    for (out, &above) in scratch[last..].iter_mut().zip(&mask[last - width..]) {
        *out = above;
    }
    combine_neighbours(scratch, mask, |a, b, c| a | b | c);
}

/// `to[i] = f(above, i, below)` for all but the first and last row.
fn combine_rows(from: &[u8], to: &mut [u8], width: usize, f: impl Fn(u8, u8, u8) -> u8) {
    let lines = from.iter().zip(&from[width..]).zip(&from[2 * width..]);
    for (out, ((&above, &here), &below)) in to[width..].iter_mut().zip(lines) {
        *out = f(above, here, below);
    }
}

/// `to[i] = f(i - 1, i, i + 1)`, first and last taken as they are with their one neighbour.
fn combine_neighbours(from: &[u8], to: &mut [u8], f: impl Fn(u8, u8, u8) -> u8) {
    let triples = from.iter().zip(&from[1..]).zip(&from[2..]);
    for (out, ((&left, &here), &right)) in to[1..].iter_mut().zip(triples) {
        *out = f(left, here, right);
    }
    let last = from.len() - 1;
    to[0] = f(from[0], from[0], from[1]);
    to[last] = f(from[last - 1], from[last], from[last]);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Opening by its definition: the union of all squares of `side` inside the set.
    fn by_definition(mask: &[u8], width: usize, side: usize) -> [u8; 99] {
        let mut out = [0; 99];
        for y in 0..=mask.len() / width - side {
            for x in 0..=width - side {
                let square = move || (0..side * side).map(move |i| (y + i / side) * width + x + i % side);
                if square().all(|at| mask[at] != 0) {
                    square().for_each(|at| out[at] = 0xFF);
                }
            }
        }
        out
    }

    #[test]
    fn both_equal_their_definition() {
        let mut state = 1u32;
        for round in 0..2000 {
            let mut mask = [0u8; 99];
            for mark in &mut mask {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *mark = if (state >> 24) < 150 + round % 100 { 0xFF } else { 0 };
            }
            let (mut two, mut three) = (mask, mask);
            open_by_two(&mut two, &mut [0xAA; 99], 11);
            open_by_three(&mut three, &mut [0xAA; 99], 11);
            assert_eq!((two, three), (by_definition(&mask, 11, 2), by_definition(&mask, 11, 3)));
        }
    }

    #[test]
    fn planes_without_a_square_are_empty() {
        for width in [1, 2, 6] {
            let mut mask = [0xFF; 12];
            open_by_three(&mut mask, &mut [0; 12], width);
            assert_eq!(mask, [0; 12]);
        }
        for width in [1, 12] {
            let mut mask = [0xFF; 12];
            open(&mut mask, &mut [0; 12], width);
            assert_eq!(mask, [0; 12]);
        }
    }
}
