//! Values that are known without running anything: what tests give and expect. Literals, constants, and operators,
//! lists and records of these. What needs the interpreter, such as a call, has no value here.

use hence_syntax::ast::Expression;
use hence_types::Value;
use hence_types::jiff::tz::TimeZone;

use crate::declarations::Declarations;
use crate::evaluate::evaluate;

impl Declarations {
    /// Returns the value of an expression that is made of literals and constants; nothing for any other, and for
    /// one that faults.
    pub fn value(&self, expression: &Expression, zone: &TimeZone) -> Option<Value> {
        evaluate(expression, &|name| self.values.get(name).cloned(), zone)
    }
}
