//! Printed forms.
