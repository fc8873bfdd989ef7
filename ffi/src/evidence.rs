//! What C knows of the client, read in place.

#[cfg(feature = "fingerprint")]
use crate::memory::sized;
use crate::memory::{Apart, cmk_bytes};
use countermark::{Evidence, Status};
#[cfg(any(feature = "fingerprint", feature = "carrier"))]
use {crate::memory::list, countermark::Headers};

/// One header field.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_header {
    pub name: cmk_bytes,
    pub value: cmk_bytes,
}

/// The client as the host sees it.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_evidence {
    pub size: usize,
    pub headers: *const cmk_header,
    pub header_count: usize,
    pub address: cmk_bytes,
    pub asn: cmk_bytes,
    pub country: cmk_bytes,
    pub organisation: cmk_bytes,
    pub isp: cmk_bytes,
    pub components: *const cmk_component,
    pub component_count: usize,
}

/// One value of a component, or one element of a set.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_component {
    pub number: u32,
    pub value: cmk_bytes,
}

/// C's component values, checked once.
#[cfg(feature = "fingerprint")]
pub(crate) struct CComponents<'a>(&'a [cmk_component]);

#[cfg(feature = "fingerprint")]
impl<'a> CComponents<'a> {
    /// # Safety
    /// `ptr` points to `count` values that are valid for `'a`, or is NULL.
    unsafe fn read(ptr: *const cmk_component, count: usize) -> Result<Self, Status> {
        // SAFETY: the caller's promise.
        let values = unsafe { list(ptr, count) }?;
        if cfg!(not(feature = "sketch")) && !values.is_empty() {
            return Err(Status::NotSupported);
        }
        for listed in values {
            // SAFETY: the caller's promise.
            unsafe { listed.value.read() }?;
            #[cfg(feature = "sketch")]
            component(listed).ok_or(Status::Argument)?;
        }
        Ok(CComponents(values))
    }
}

#[cfg(feature = "sketch")]
fn component(listed: &cmk_component) -> Option<countermark::Component> {
    u8::try_from(listed.number).ok().and_then(countermark::Component::from_number)
}

#[cfg(feature = "sketch")]
impl countermark::Components for CComponents<'_> {
    fn visit(&self, visitor: &mut dyn FnMut(countermark::Component, &[u8])) {
        for listed in self.0 {
            // SAFETY: `read` has looked at every value, under the caller's promise.
            if let (Some(component), Ok(value)) = (component(listed), unsafe { listed.value.read() }) {
                visitor(component, value);
            }
        }
    }
}

/// C's header fields, checked once.
#[cfg(any(feature = "fingerprint", feature = "carrier"))]
pub(crate) struct CHeaders<'a>(&'a [cmk_header]);

#[cfg(any(feature = "fingerprint", feature = "carrier"))]
impl<'a> CHeaders<'a> {
    /// # Safety
    /// `ptr` points to `count` header fields that are valid for `'a`, or is NULL.
    pub(crate) unsafe fn read(ptr: *const cmk_header, count: usize) -> Result<Self, Status> {
        // SAFETY: the caller's promise.
        let fields = unsafe { list(ptr, count) }?;
        for field in fields {
            // SAFETY: the caller's promise.
            unsafe { (field.name.read()?, field.value.read()?) };
        }
        Ok(CHeaders(fields))
    }

    /// Everything that is read of the fields, for overlap checks.
    pub(crate) fn read_by(&self, apart: &mut Apart<'_>) {
        apart.and_list(self.0);
        self.0.iter().for_each(|field| {
            apart.and_bytes(field.name).and_bytes(field.value);
        });
    }
}

#[cfg(any(feature = "fingerprint", feature = "carrier"))]
impl Headers for CHeaders<'_> {
    fn field(&self, position: usize) -> Option<(&[u8], &[u8])> {
        let field = self.0.get(position)?;
        // SAFETY: `read` has looked at every field, under the caller's promise.
        unsafe { Some((field.name.read().ok()?, field.value.read().ok()?)) }
    }
}

/// The client of one request: its structure, its header fields and its components, checked once.
///
/// A build that asks nothing of the client does not look at it at all: that would be a kilobyte of flash for nothing.
#[cfg(feature = "fingerprint")]
pub(crate) struct Client<'a> {
    evidence: Option<cmk_evidence>,
    headers: CHeaders<'a>,
    components: CComponents<'a>,
    at: *const cmk_evidence,
}

#[cfg(not(feature = "fingerprint"))]
pub(crate) struct Client<'a>(core::marker::PhantomData<&'a ()>);

#[cfg(feature = "fingerprint")]
impl<'a> Client<'a> {
    /// The evidence at `ptr`; none for NULL.
    ///
    /// # Safety
    /// `ptr` points to a `cmk_evidence` whose members are valid for their lengths for `'a`, or NULL; or is NULL.
    pub(crate) unsafe fn read(ptr: *const cmk_evidence) -> Result<Self, Status> {
        if ptr.is_null() {
            return Ok(Client { evidence: None, headers: CHeaders(&[]), components: CComponents(&[]), at: ptr });
        }
        // SAFETY: the caller's promise.
        unsafe {
            let evidence = sized(ptr, size_of::<cmk_evidence>())?;
            let headers = CHeaders::read(evidence.headers, evidence.header_count)?;
            let components = CComponents::read(evidence.components, evidence.component_count)?;
            Ok(Client { evidence: Some(evidence), headers, components, at: ptr })
        }
    }

    /// # Safety
    /// As [`Client::read`].
    pub(crate) unsafe fn evidence(&'a self) -> Result<Evidence<'a>, Status> {
        let Some(evidence) = &self.evidence else { return Ok(Evidence::NONE) };
        // SAFETY: the caller's promise.
        unsafe {
            Ok(Evidence {
                address: evidence.address.text()?,
                asn: evidence.asn.text()?,
                country: evidence.country.text()?,
                organisation: evidence.organisation.text()?,
                isp: evidence.isp.text()?,
                headers: &self.headers,
                #[cfg(feature = "sketch")]
                components: &self.components,
            })
        }
    }

    /// Everything that is read of the client, for overlap checks.
    #[inline(never)]
    pub(crate) fn read_by(&self, apart: &mut Apart<'_>) {
        let Some(evidence) = &self.evidence else { return };
        apart.and_object(self.at).and_list(self.components.0);
        self.headers.read_by(apart);
        self.components.0.iter().for_each(|listed| {
            apart.and_bytes(listed.value);
        });
        [evidence.address, evidence.asn, evidence.country, evidence.organisation, evidence.isp].iter().for_each(|text| {
            apart.and_bytes(*text);
        });
    }
}

#[cfg(not(feature = "fingerprint"))]
#[allow(clippy::unnecessary_wraps)]
impl<'a> Client<'a> {
    /// # Safety
    /// None: nothing is read.
    pub(crate) unsafe fn read(_: *const cmk_evidence) -> Result<Self, Status> {
        Ok(Client(core::marker::PhantomData))
    }

    /// # Safety
    /// None: nothing is read.
    pub(crate) unsafe fn evidence(&'a self) -> Result<Evidence<'a>, Status> {
        Ok(Evidence::NONE)
    }

    pub(crate) fn read_by(&self, _: &mut Apart<'_>) {}
}
