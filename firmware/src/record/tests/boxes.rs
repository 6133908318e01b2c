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
fn boxes(bytes: &[u8]) -> Vec<([u8; 4], &[u8], usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(header) = bytes.get(at..at + 8) {
        let length = u32::from_be_bytes(header[..4].try_into().unwrap()) as usize;
        let Some(content) = bytes.get(at + 8..at + length) else { break };
        at += length;
        found.push((header[4..].try_into().unwrap(), content, at));
    }
    found
}

fn inside<'a>(bytes: &'a [u8], kind: &[u8; 4]) -> &'a [u8] {
    let named = |(k, _, _): &([u8; 4], &[u8], usize)| k == kind;
    boxes(bytes).into_iter().find(named).unwrap_or_else(|| panic!("a box {kind:?}")).1
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap())
}

/// All whole fragments of a clip, and where the part before them ends.
pub(super) fn fragments(file: &[u8]) -> (usize, Vec<Fragment>) {
    let top = boxes(file);
    let kinds: Vec<_> = top.iter().take(2).map(|(kind, _, _)| kind).collect();
    assert_eq!(kinds, [b"ftyp", b"moov"]);
    let mut fragments = Vec::new();
    for pair in top[2..].chunks_exact(2) {
        let [(first, moof, moof_end), (second, _, end)] = pair else { panic!("a pair") };
        assert_eq!([first, second], [b"moof", b"mdat"]);
        let traf = inside(moof, b"traf");
        let (tfdt, trun) = (inside(traf, b"tfdt"), inside(traf, b"trun"));
        let moof_start = moof_end - moof.len() - 8;
        let mut at = moof_start + u32_at(trun, 8) as usize;
        let mut fragment = Fragment {
            sequence: u32_at(inside(moof, b"mfhd"), 4),
            base_us: u64::from_be_bytes(tfdt[4..12].try_into().unwrap()),
            durations_us: Vec::new(),
            samples: Vec::new(),
            end: *end,
        };
        for index in 0..u32_at(trun, 4) as usize {
            let length = u32_at(trun, 16 + 8 * index) as usize;
            fragment.durations_us.push(u32_at(trun, 12 + 8 * index));
            fragment.samples.push(file[at..at + length].to_vec());
            at += length;
        }
        assert_eq!(at, *end, "the samples fill mdat");
        fragments.push(fragment);
    }
    (top[1].2, fragments)
}

/// All samples of a file that must end with a whole fragment.
pub(super) fn whole(file: &[u8]) -> Vec<Vec<u8>> {
    let (start, fragments) = fragments(file);
    assert_eq!(
        fragments.last().map_or(start, |last| last.end),
        file.len(),
        "no rest after the last fragment"
    );
    let sequences: Vec<_> = fragments.iter().map(|fragment| fragment.sequence).collect();
    assert_eq!(sequences, (1..=fragments.len() as u32).collect::<Vec<_>>());
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
