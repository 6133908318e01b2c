//! Cards of files, made by e2fsprogs, and what is pulled off them.

mod made;
