//! Opening by a 3 x 3 square: removes what is thinner than 3 pixels, restores the rest.
//!
//! Outside the plane counts as unchanged: a square must lie wholly inside. Works on marks of all bits or none.

/// Opens `mask` in place; `scratch` has the same length, `width` divides it.
pub fn open(mask: &mut [u8], scratch: &mut [u8], width: usize) {
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

    /// Opening by its definition: the union of all 3 x 3 squares inside the set.
    fn by_definition(mask: &[u8], width: usize) -> [u8; 99] {
        let mut out = [0; 99];
        for y in 0..mask.len() / width - 2 {
            for x in 0..width - 2 {
                let square = move || (0..9).map(move |i| (y + i / 3) * width + x + i % 3);
                if square().all(|at| mask[at] != 0) {
                    square().for_each(|at| out[at] = 0xFF);
                }
            }
        }
        out
    }

    #[test]
    fn equals_its_definition() {
        let mut state = 1u32;
        for round in 0..2000 {
            let mut mask = [0u8; 99];
            for mark in &mut mask {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *mark = if (state >> 24) < 150 + round % 100 { 0xFF } else { 0 };
            }
            let expected = by_definition(&mask, 11);
            open(&mut mask, &mut [0xAA; 99], 11);
            assert_eq!(mask, expected);
        }
    }

    #[test]
    fn planes_without_a_square_are_empty() {
        for width in [1, 2, 6] {
            let mut mask = [0xFF; 12];
            open(&mut mask, &mut [0; 12], width);
            assert_eq!(mask, [0; 12]);
        }
    }
}
