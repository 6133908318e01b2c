//! Puts the parts on the card image: a sparse file, complete or not there at all.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::Duration;

use boards::layout::{BOOT, CLIPS, DISK_SIGNATURE, IMAGE_BYTES, Partition, SLOT_A, SLOT_B};
use boards::template::{Content, Template};

use super::{Error, mbr};
use crate::fat;

/// A raw blob and its place.
#[derive(Debug)]
pub struct RawBlob {
    /// First byte on the card.
    pub offset_bytes: u64,
    /// Content.
    pub bytes: Vec<u8>,
}

/// Everything that an image is made of.
#[derive(Debug)]
pub struct Parts<'a> {
    /// Files of p1.
    pub boot: Vec<fat::File<'a>>,
    /// Files of slot A.
    pub slot: Vec<fat::File<'a>>,
    /// The pristine clips partition, packed.
    pub clips: &'a [u8],
    /// Boot-loader blobs.
    pub blobs: &'a [RawBlob],
    /// The one time stamp.
    pub time: Duration,
}

/// Writes the image to `path`.
///
/// # Errors
/// When the parts do not fit, or a file operation or tool fails.
pub fn write(parts: &Parts<'_>, path: &Path) -> Result<(), Error> {
    let failed = |source| Error::Io { path: path.to_owned(), source };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // In the same folder, so that the last step is a rename: nobody ever sees half an image.
    let temporary = tempfile::Builder::new().prefix(".kerberos-").tempfile_in(folder).map_err(failed)?;
    let image = temporary.as_file();
    image.set_len(IMAGE_BYTES).map_err(failed)?;
    image.write_all_at(&mbr::mbr(IMAGE_BYTES), 0).map_err(failed)?;
    for blob in parts.blobs {
        image.write_all_at(&blob.bytes, blob.offset_bytes).map_err(failed)?;
    }
    for (partition, files) in [(BOOT, parts.boot.as_slice()), (SLOT_A, &parts.slot), (SLOT_B, &[])] {
        let volume = fat_volume(&partition, parts.time, files)?;
        image.write_all_at(&volume, partition.offset_bytes).map_err(failed)?;
    }
    let template = Template::parse(parts.clips).map_err(Error::Template)?;
    // A new file reads as zeroes: only the data need be written. The firmware grows the file system to the partition.
    for extent in template.extents {
        if let Content::Data(data) = extent.content {
            image.write_all_at(data, CLIPS.offset_bytes + extent.offset_bytes()).map_err(failed)?;
        }
    }
    make_readable(image).map_err(failed)?;
    temporary.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// The bytes of an image that must be written: everything before the clips, and of them what the template knows of.
///
/// # Errors
/// When the template is damaged.
pub fn mapped(clips: &[u8]) -> Result<Vec<Range<u64>>, Error> {
    let template = Template::parse(clips).map_err(Error::Template)?;
    let of_clips = template.extents.iter().map(|extent| {
        let start = CLIPS.offset_bytes + extent.offset_bytes();
        start..start + extent.length_bytes()
    });
    Ok(std::iter::once(0..CLIPS.offset_bytes).chain(of_clips).collect())
}

fn fat_volume(partition: &Partition, time: Duration, files: &[fat::File<'_>]) -> Result<Vec<u8>, Error> {
    let length = partition.length_bytes.unwrap_or_default();
    // A serial number that differs between our partitions and is the same at each build.
    let id = DISK_SIGNATURE ^ u32::from(partition.number);
    let start = mbr::sectors(partition.offset_bytes);
    Ok(fat::format(partition.label, id, start, length, time, files)?)
}

/// Temporary files are private; an image is not.
fn make_readable(image: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    image.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;
    use std::time::Duration;

    use boards::layout::{BOOT, CLIPS, IMAGE_BYTES, SLOT_A, SLOT_B};

    use super::super::ext4::template;
    use super::{Parts, RawBlob, write};
    use crate::emulate::read_slot;
    use crate::fat::{File, read_file};
    use crate::host::command;

    const KERNEL: &[u8] = &[7; 5000];

    /// The pristine clips partition: made once, for it takes two file systems.
    fn clips() -> &'static [u8] {
        static CLIPS: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
        CLIPS.get_or_init(|| template(Duration::from_secs(1_735_689_600)).unwrap_or_else(|e| panic!("{e}")))
    }

    fn parts<'a>(selection: &'a [u8], blobs: &'a [RawBlob]) -> Parts<'a> {
        let file = |name, bytes| File { name, bytes };
        Parts {
            boot: vec![file("slot.txt", selection)],
            slot: vec![
                file("kernel", KERNEL),
                file("initramfs", b"initramfs"),
                file("board.dtb", b"tree"),
                file("cmdline.txt", b"panic=5 quiet\n"),
            ],
            clips: clips(),
            blobs,
            time: Duration::from_secs(1_735_689_600),
        }
    }

    fn made(folder: &Path, name: &str, parts: &Parts<'_>) -> std::path::PathBuf {
        let path = folder.join(name);
        write(parts, &path).unwrap_or_else(|error| panic!("{error}"));
        path
    }

    #[test]
    fn two_images_of_the_same_parts_are_equal_and_sparse() {
        use std::os::unix::fs::MetadataExt as _;
        let dir = tempfile::tempdir().expect("a temporary folder");
        let blobs = [RawBlob { offset_bytes: 8192, bytes: b"boot loader".to_vec() }];
        let one = made(dir.path(), "one", &parts(b"a\n", &blobs));
        let two = made(dir.path(), "two", &parts(b"a\n", &blobs));
        let (one, meta) = (std::fs::read(&one).expect("read"), one.metadata().expect("there"));
        assert!(one == std::fs::read(&two).expect("read"));
        assert_eq!(&one[8192..8203], b"boot loader");
        assert_eq!(meta.len(), IMAGE_BYTES);
        assert!(meta.blocks() * 512 < IMAGE_BYTES / 4, "{} blocks", meta.blocks());
        assert_eq!(std::fs::read_dir(dir.path()).expect("listed").count(), 2, "nothing is left beside them");
    }

    #[test]
    fn every_partition_passes_its_own_checker() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let image = made(dir.path(), "image", &parts(b"a\n", &[]));
        let all = std::fs::read(&image).expect("read");
        let part = dir.path().join("part");
        for (partition, checker, options) in [
            (BOOT, "/usr/sbin/fsck.fat", "-nv"),
            (SLOT_A, "/usr/sbin/fsck.fat", "-nv"),
            (SLOT_B, "/usr/sbin/fsck.fat", "-nv"),
            (CLIPS, "/usr/sbin/e2fsck", "-fn"),
        ] {
            let start = usize::try_from(partition.offset_bytes).expect("fits");
            let length = partition.length_bytes.unwrap_or(IMAGE_BYTES - partition.offset_bytes);
            std::fs::write(&part, &all[start..start + usize::try_from(length).expect("fits")])
                .expect("written");
            command::run(Command::new(checker).arg(options).arg(&part))
                .unwrap_or_else(|error| panic!("{}: {error}", partition.label));
        }
    }

    #[test]
    fn a_boot_loader_finds_the_slot_and_what_is_in_it() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let image = made(dir.path(), "image", &parts(b"a\n", &[]));
        let slot = read_slot(&image).expect("bootable");
        assert_eq!(
            (slot.name, slot.kernel.as_slice(), slot.cmdline.as_str()),
            ('a', KERNEL, "panic=5 quiet")
        );
        assert_eq!(read_file(&image, BOOT.offset_bytes, "slot.txt").expect("read"), b"a\n");
        let empty = read_slot(&made(dir.path(), "b", &parts(b"b\n", &[]))).expect_err("slot B is empty");
        assert_eq!(
            empty.to_string(),
            "the card cannot be booted: there is no file cmdline.txt on the volume"
        );
        let wrong =
            read_slot(&made(dir.path(), "c", &parts(b"c\n", &[]))).expect_err("no such slot").to_string();
        assert!(wrong.contains("slot.txt holds \"c\\n\" instead of a or b"), "{wrong}");
    }

    #[test]
    fn a_place_that_cannot_be_written_is_one_sentence() {
        let error =
            write(&parts(b"a\n", &[]), Path::new("/dev/full/image")).expect_err("not a folder").to_string();
        assert!(error.starts_with("the image cannot be made: /dev/full/image: "), "{error}");
    }
}
