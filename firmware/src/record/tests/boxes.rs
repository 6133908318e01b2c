//! A reader of MP4 boxes for the tests: written from the standard, not from our writer.

/// One fragment as it stands in a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fragment {
    pub sequence: u32,
    pub base_us: u64,
    pub durations_us: Vec<u32>,
    pub samples: Vec<Vec<u8>>,
    /// Where it ends in the file.
    pub end: usize,
}

/// The boxes in `bytes` as (kind, content, end); a cut one at the end is left out.
fn boxes(bytes: &[u8]) -> Vec<(&[u8], &[u8], usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(header) = bytes.get(at..at + 8) {
        let length = u32::from_be_bytes(header[..4].try_into().unwrap()) as usize;
        let Some(content) = bytes.get(at + 8..at + length) else { break };
        at += length;
        found.push((&header[4..], content, at));
    }
    found
}

fn inside<'a>(bytes: &'a [u8], kind: &[u8]) -> Result<&'a [u8], &'static str> {
    let found = boxes(bytes).into_iter().find(|(k, _, _)| *k == kind);
    found.map(|(_, content, _)| content).ok_or("a box is missing in a fragment")
}

fn u32_at(bytes: &[u8], at: usize) -> Result<u32, &'static str> {
    let bytes = bytes.get(at..at + 4).ok_or("a box is too short")?;
    Ok(u32::from_be_bytes(bytes.try_into().unwrap()))
}

/// All whole fragments of a clip, and where the part before them ends; or what is wrong with it.
pub(super) fn read_fragments(file: &[u8]) -> Result<(usize, Vec<Fragment>), &'static str> {
    let top = boxes(file);
    let [(b"ftyp", _, _), (b"moov", _, start), rest @ ..] = top.as_slice() else {
        return Err("it does not start with ftyp and moov");
    };
    let fragments = rest.chunks_exact(2).map(|pair| {
        let [(b"moof", moof, moof_end), (b"mdat", _, end)] = pair else {
            return Err("fragments are not moof and mdat in turn");
        };
        read_fragment(file, moof, moof_end - moof.len() - 8, *end)
    });
    Ok((*start, fragments.collect::<Result<_, _>>()?))
}

fn read_fragment(file: &[u8], moof: &[u8], start: usize, end: usize) -> Result<Fragment, &'static str> {
    let traf = inside(moof, b"traf")?;
    let (tfdt, trun) = (inside(traf, b"tfdt")?, inside(traf, b"trun")?);
    let mut at = start + u32_at(trun, 8)? as usize;
    let mut fragment = Fragment {
        sequence: u32_at(inside(moof, b"mfhd")?, 4)?,
        base_us: u64::from(u32_at(tfdt, 4)?) << 32 | u64::from(u32_at(tfdt, 8)?),
        durations_us: Vec::new(),
        samples: Vec::new(),
        end,
    };
    for index in 0..u32_at(trun, 4)? as usize {
        let length = u32_at(trun, 16 + 8 * index)? as usize;
        fragment.durations_us.push(u32_at(trun, 12 + 8 * index)?);
        fragment.samples.push(file.get(at..at + length).ok_or("a sample is not in the file")?.to_vec());
        at += length;
    }
    if at == end { Ok(fragment) } else { Err("the samples do not fill mdat") }
}

/// All fragments of a file that must end with a whole one and count them from 1; or what is wrong with it.
pub(super) fn read_whole(file: &[u8]) -> Result<Vec<Fragment>, &'static str> {
    let (start, fragments) = read_fragments(file)?;
    if fragments.last().map_or(start, |last| last.end) != file.len() {
        return Err("there is a rest after the last fragment");
    }
    let is_counted = fragments.iter().zip(1..).all(|(fragment, number)| fragment.sequence == number);
    if is_counted { Ok(fragments) } else { Err("the fragments are not counted from 1") }
}

/// All whole fragments of a clip, and where the part before them ends.
pub(super) fn fragments(file: &[u8]) -> (usize, Vec<Fragment>) {
    read_fragments(file).expect("our boxes")
}

/// All samples of a file that must end with a whole fragment.
pub(super) fn whole(file: &[u8]) -> Vec<Vec<u8>> {
    let fragments = read_whole(file).expect("a whole clip");
    fragments.into_iter().flat_map(|fragment| fragment.samples).collect()
}

/// When each sample is shown, from the start of the clip.
pub(super) fn times_us(file: &[u8]) -> Vec<u64> {
    let mut times = Vec::new();
    for fragment in fragments(file).1 {
        let mut at = fragment.base_us;
        for duration in fragment.durations_us {
            times.push(at);
            at += u64::from(duration);
        }
    }
    times
}
