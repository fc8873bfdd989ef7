//! What C knows of the client, read in place.

use crate::memory::{Apart, cmk_bytes, list, sized};
use countermark::{Evidence, Headers, Status};

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
pub(crate) struct CComponents<'a>(&'a [cmk_component]);

#[cfg(feature = "sketch")]
impl countermark::Components for CComponents<'_> {
    fn visit(&self, visitor: &mut dyn FnMut(countermark::Component, &[u8])) {
        for listed in self.0 {
            let component = u8::try_from(listed.number).ok().and_then(countermark::Component::from_number);
            // SAFETY: `values` has looked at every value, under the caller's promise.
            if let (Some(component), Ok(value)) = (component, unsafe { listed.value.read() }) {
                visitor(component, value);
            }
        }
    }
}

/// C's header fields, checked once.
pub(crate) struct CHeaders<'a>(&'a [cmk_header]);

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
}

impl Headers for CHeaders<'_> {
    fn field(&self, position: usize) -> Option<(&[u8], &[u8])> {
        let field = self.0.get(position)?;
        // SAFETY: `read` has looked at every field, under the caller's promise.
        unsafe { Some((field.name.read().ok()?, field.value.read().ok()?)) }
    }
}

impl cmk_evidence {
    /// No evidence.
    pub(crate) const NONE: cmk_evidence = cmk_evidence {
        size: size_of::<cmk_evidence>(),
        headers: core::ptr::null(),
        header_count: 0,
        address: cmk_bytes::NONE,
        asn: cmk_bytes::NONE,
        country: cmk_bytes::NONE,
        organisation: cmk_bytes::NONE,
        isp: cmk_bytes::NONE,
        components: core::ptr::null(),
        component_count: 0,
    };

    /// The evidence at `ptr`; none for NULL.
    ///
    /// # Safety
    /// `ptr` points to a `cmk_evidence`, or is NULL.
    pub(crate) unsafe fn optional(ptr: *const cmk_evidence) -> Result<Self, Status> {
        if ptr.is_null() {
            return Ok(Self::NONE);
        }
        // SAFETY: the caller's promise.
        unsafe { sized(ptr, size_of::<cmk_evidence>()) }
    }

    /// # Safety
    /// The members are valid for their lengths for `'a`, or NULL.
    pub(crate) unsafe fn headers<'a>(&self) -> Result<CHeaders<'a>, Status> {
        // SAFETY: the caller's promise.
        unsafe { CHeaders::read(self.headers, self.header_count) }
    }

    /// # Safety
    /// As [`cmk_evidence::headers`].
    pub(crate) unsafe fn values<'a>(&self) -> Result<CComponents<'a>, Status> {
        // SAFETY: the caller's promise.
        let values = unsafe { list(self.components, self.component_count) }?;
        for listed in values {
            // SAFETY: the caller's promise.
            unsafe { listed.value.read() }?;
            #[cfg(feature = "sketch")]
            if u8::try_from(listed.number).ok().and_then(countermark::Component::from_number).is_none() {
                return Err(Status::Argument);
            }
        }
        #[cfg(not(feature = "sketch"))]
        if !values.is_empty() {
            return Err(Status::NotSupported);
        }
        Ok(CComponents(values))
    }

    /// # Safety
    /// As [`cmk_evidence::headers`].
    pub(crate) unsafe fn read<'a>(
        &self,
        headers: &'a CHeaders<'a>,
        values: &'a CComponents<'a>,
    ) -> Result<Evidence<'a>, Status> {
        #[cfg(not(feature = "sketch"))]
        let _ = values;
        // SAFETY: the caller's promise.
        unsafe {
            Ok(Evidence {
                address: self.address.text()?,
                asn: self.asn.text()?,
                country: self.country.text()?,
                organisation: self.organisation.text()?,
                isp: self.isp.text()?,
                headers,
                #[cfg(feature = "sketch")]
                components: values,
            })
        }
    }

    /// Everything that is read through this structure, for overlap checks.
    #[inline(never)]
    pub(crate) fn read_by(&self, headers: &CHeaders<'_>, values: &CComponents<'_>, apart: &mut Apart<'_>) {
        apart.and_list(headers.0).and_list(values.0);
        headers.0.iter().for_each(|field| {
            apart.and_bytes(field.name).and_bytes(field.value);
        });
        values.0.iter().for_each(|listed| {
            apart.and_bytes(listed.value);
        });
        [self.address, self.asn, self.country, self.organisation, self.isp].iter().for_each(|text| {
            apart.and_bytes(*text);
        });
    }
}
