//! Cards of files, made by e2fsprogs by the product's own recipe, and what is pulled off them.

mod damage;
mod journal;
mod made;
mod many;
mod pulling;
