//! Where a verifier looks up the standing of a verified token. Views and lists stay where the caller has them.

use crate::memory::Apart;
use countermark::{Standing, Status};

/// What a verifier keeps of it; nothing until the host says so.
#[derive(Clone, Copy)]
pub(crate) struct KeptStanding<'a> {
    #[cfg(feature = "revocation")]
    pub(crate) revocations: Option<&'a crate::revocation::cmk_revocation>,
    #[cfg(feature = "status-list")]
    pub(crate) status: Option<crate::status_list::KeptLists<'a>>,
}

impl KeptStanding<'_> {
    pub(crate) const NONE: Self = KeptStanding {
        #[cfg(feature = "revocation")]
        revocations: None,
        #[cfg(feature = "status-list")]
        status: None,
    };

    /// As the core knows it.
    pub(crate) fn standing(&self) -> Result<Standing<'_>, Status> {
        Ok(Standing {
            #[cfg(feature = "revocation")]
            revocations: match self.revocations {
                Some(view) => Some(&view.get()?.table),
                None => None,
            },
            #[cfg(feature = "status-list")]
            status: self.status.as_ref().map(|kept| kept.rules()),
        })
    }

    /// For overlap checks.
    pub(crate) fn read_by(&self, apart: &mut Apart<'_>) {
        #[cfg(feature = "revocation")]
        if let Some(view) = self.revocations {
            apart.and_object(view);
            if let Ok(kept) = view.get() {
                kept.read_by(apart);
            }
        }
        #[cfg(feature = "status-list")]
        if let Some(kept) = &self.status {
            kept.read_by(apart);
        }
    }
}
