//! Documentation of the forms that decide what is evaluated.
