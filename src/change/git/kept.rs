//! Objects that were read and checked, kept for another look.

use std::{cell::RefCell, collections::HashMap, fmt, rc::Rc};

use git2::{ObjectType, Oid};

use super::dot_name::NameRule;

/// The content of an object, checked against its name.
pub(super) enum Object<'odb> {
    Read(git2::OdbObject<'odb>),
    Kept(Rc<[u8]>),
}

impl Object<'_> {
    pub(super) fn data(&self) -> &[u8] {
        match self {
            Self::Read(object) => object.data(),
            Self::Kept(data) => data,
        }
    }
}

/// Commits and trees that were read, up to a number of bytes; then none of them, and so on.
#[derive(Default)]
pub(super) struct KeptObjects {
    /// The number of bytes that may be kept; 0 to keep nothing.
    limit: usize,
    kept: RefCell<KeptByName>,
}

#[derive(Default)]
struct KeptByName {
    bytes: usize,
    objects: HashMap<Oid, (ObjectType, Rc<[u8]>)>,
    /// By which rule the entries of trees were checked.
    checked: HashMap<Oid, NameRule>,
}

impl KeptObjects {
    pub(super) fn up_to(limit: usize) -> Self {
        Self { limit, kept: RefCell::default() }
    }

    pub(super) fn get(&self, id: Oid, kind: ObjectType) -> Option<Object<'static>> {
        if self.limit == 0 {
            return None;
        }
        let kept = self.kept.borrow();
        let (known, data) = kept.objects.get(&id)?;
        (*known == kind).then(|| Object::Kept(Rc::clone(data)))
    }

    /// Keeps an object whose content is what its name says.
    pub(super) fn keep<'odb>(&self, id: Oid, object: git2::OdbObject<'odb>) -> Object<'odb> {
        let (kind, size) = (object.kind(), object.data().len());
        let is_linked = matches!(kind, ObjectType::Commit | ObjectType::Tree);
        if self.limit == 0 || !is_linked || size > self.limit / 8 {
            return Object::Read(object);
        }
        let mut kept = self.kept.borrow_mut();
        if kept.bytes.saturating_add(size) > self.limit {
            *kept = KeptByName::default();
        }
        let data: Rc<[u8]> = Rc::from(object.data());
        kept.bytes = kept.bytes.saturating_add(size);
        kept.objects.insert(id, (kind, Rc::clone(&data)));
        Object::Kept(data)
    }

    /// Returns whether the entries of a kept tree were checked by a rule at least as strict.
    pub(super) fn is_checked(&self, id: Oid, names: NameRule) -> bool {
        self.limit > 0 && self.kept.borrow().checked.get(&id).is_some_and(|known| *known >= names)
    }

    /// Notes that the entries of a tree were checked.
    pub(super) fn check(&self, id: Oid, names: NameRule) {
        if self.limit == 0 {
            return;
        }
        let mut kept = self.kept.borrow_mut();
        if kept.objects.contains_key(&id) {
            kept.checked.insert(id, names);
        }
    }
}

impl fmt::Debug for KeptObjects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptObjects").field("limit", &self.limit).finish_non_exhaustive()
    }
}
