//! Values of components that the page or the host supplies.

use super::Component;

/// Values of components. A host implements it over what it has.
pub trait Components {
    /// Shows each value to `visitor`: a set's elements in a row, the empty set as one empty element.
    fn visit(&self, visitor: &mut dyn FnMut(Component, &[u8]));
}

impl<V: AsRef<[u8]>> Components for [(Component, V)] {
    fn visit(&self, visitor: &mut dyn FnMut(Component, &[u8])) {
        self.iter().for_each(|(component, value)| visitor(*component, value.as_ref()));
    }
}

impl<V: AsRef<[u8]>, const COUNT: usize> Components for [(Component, V); COUNT] {
    fn visit(&self, visitor: &mut dyn FnMut(Component, &[u8])) {
        self.as_slice().visit(visitor);
    }
}

impl<C: Components + ?Sized> Components for &C {
    fn visit(&self, visitor: &mut dyn FnMut(Component, &[u8])) {
        (**self).visit(visitor);
    }
}
