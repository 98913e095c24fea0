//! Where the parts of values are in memory. Nothing is taken for granted: every place is found by looking at a value,
//! and a value that is not as compiled code needs it means that nothing is compiled.

use std::sync::Arc;

use hence_types::{Currency, Decimal, Money, RecordValue, Text, Value, jiff};

use crate::native;

/// What values are distinguished by: their first byte.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tags {
    pub(crate) missing: u8,
    pub(crate) bool: u8,
    pub(crate) int: u8,
    pub(crate) decimal: u8,
    pub(crate) percent: u8,
    pub(crate) money: u8,
    pub(crate) text: u8,
    pub(crate) list: u8,
    pub(crate) record: u8,
    pub(crate) instant: u8,
}

/// A pointer with a length, in two words.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fat {
    /// Where the pointer is.
    pub(crate) pointer: i32,
    /// Where the length is.
    pub(crate) length: i32,
    /// How far from what the pointer says the first element is.
    pub(crate) header: i32,
}

/// Places by bytes from the beginning of a value, those of records from the beginning of a record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    /// How many bytes a value has.
    pub(crate) size: i32,
    pub(crate) tags: Tags,
    pub(crate) bool: i32,
    pub(crate) int: i32,
    /// A decimal: a word of sign, scale and the highest digits, then a word of the lower ones.
    pub(crate) decimal: i32,
    pub(crate) percent: i32,
    /// The amount of money.
    pub(crate) amount: i32,
    /// Three letters of a currency, and one byte that is no part of it.
    pub(crate) currency: i32,
    pub(crate) instant: i32,
    /// A text: the bytes of a short one, then a byte whose highest bit is set and whose others are its length; or the
    /// address of the bytes of a long one, then its length.
    pub(crate) text: i32,
    pub(crate) list: Fat,
    /// Where the pointer to a record is, and how far from what it says the record is.
    pub(crate) record: (i32, i32),
    /// In a record: where the pointer to its shape is, and how far from what it says the shape is.
    pub(crate) shape: (i32, i32),
    /// In a record: its fields.
    pub(crate) fields: Fat,
}

impl Layout {
    /// Looks at values of every kind; nothing if one is not as compiled code needs it.
    pub(crate) fn measure() -> Option<Layout> {
        if cfg!(not(all(target_endian = "little", target_pointer_width = "64"))) {
            return None;
        }
        let currency = Currency::parse("EUR")?;
        let decimal = Decimal::from_parts(0x1122_3344, 0x5566_7788, 0x99aa_bbcc, true, 7);
        let record = Arc::new(RecordValue {
            shape: Arc::default(),
            fields: Box::new([Value::Int(1), Value::Int(2), Value::Int(3)]),
        });
        let samples = Samples {
            bool: Value::Bool(true),
            int: Value::Int(-5),
            decimal: Value::Decimal(decimal),
            percent: Value::Percent(decimal),
            money: Value::Money(Money { amount: decimal, currency }),
            text: Value::text("seven b"),
            list: Value::List(Arc::new([Value::Missing, Value::Int(7), Value::Int(8)])),
            record: Value::Record(record),
            instant: Value::DateTime(jiff::Timestamp::UNIX_EPOCH),
        };
        let words = native::decimal_words(&decimal);
        // The sign is the highest bit of the first word, the scale its third byte.
        if words != [0x8007_0000, 0x99aa_bbcc, 0x1122_3344, 0x5566_7788] {
            return None;
        }
        samples.layout()
    }
}

/// A value of each kind.
struct Samples {
    bool: Value,
    int: Value,
    decimal: Value,
    percent: Value,
    money: Value,
    text: Value,
    list: Value,
    record: Value,
    instant: Value,
}

impl Samples {
    fn layout(&self) -> Option<Layout> {
        let Value::Bool(bool) = &self.bool else { return None };
        let Value::Int(int) = &self.int else { return None };
        let Value::Decimal(decimal) = &self.decimal else { return None };
        let Value::Percent(percent) = &self.percent else { return None };
        let Value::Money(money) = &self.money else { return None };
        let Value::String(text) = &self.text else { return None };
        let Value::List(list) = &self.list else { return None };
        let Value::Record(record) = &self.record else { return None };
        let Value::DateTime(instant) = &self.instant else { return None };
        let size = i32::try_from(size_of::<Value>()).ok()?;
        let currency = distance(&self.money, &money.currency)?;
        if currency + 4 > size {
            return None;
        }
        let tags = Tags {
            missing: native::tag(&Value::Missing),
            bool: native::tag(&self.bool),
            int: native::tag(&self.int),
            decimal: native::tag(&self.decimal),
            percent: native::tag(&self.percent),
            money: native::tag(&self.money),
            text: native::tag(&self.text),
            list: native::tag(&self.list),
            record: native::tag(&self.record),
            instant: native::tag(&self.instant),
        };
        let inner: &RecordValue = record;
        Some(Layout {
            size,
            tags,
            bool: distance(&self.bool, bool)?,
            int: distance(&self.int, int)?,
            decimal: distance(&self.decimal, decimal)?,
            percent: distance(&self.percent, percent)?,
            amount: distance(&self.money, &money.amount)?,
            currency,
            instant: distance(&self.instant, instant)?,
            text: texts_are_known().then(|| distance(&self.text, text))??,
            list: fat(
                distance(&self.list, list)?,
                native::list_words(list),
                list.as_ptr().addr(),
                list.len(),
            )?,
            record: (
                distance(&self.record, record)?,
                header(native::record_word(record), std::ptr::from_ref(inner).addr())?,
            ),
            shape: (
                distance(inner, &record.shape)?,
                header(native::shape_word(&record.shape), Arc::as_ptr(&record.shape).addr())?,
            ),
            fields: fat(
                distance(inner, &record.fields)?,
                native::fields_words(record),
                record.fields.as_ptr().addr(),
                record.fields.len(),
            )?,
        })
    }
}

/// How far a part is from the beginning of what it is a part of.
fn distance<W, P>(whole: &W, part: &P) -> Option<i32> {
    let distance = std::ptr::from_ref(part).addr().checked_sub(std::ptr::from_ref(whole).addr())?;
    (distance + size_of::<P>() <= size_of::<W>()).then(|| i32::try_from(distance).ok())?
}

/// How far the data is from what a pointer to it says.
fn header(word: usize, data: usize) -> Option<i32> {
    let header = data.checked_sub(word)?;
    (header <= 64).then(|| i32::try_from(header).ok())?
}

/// Whether texts are laid out as compiled code takes them to be.
fn texts_are_known() -> bool {
    const ROOM: usize = 15;
    let text = "0123456789abcdefghijklmnopqrstuvwxyz";
    (0..=text.len()).all(|length| {
        let own = Text::from(text.get(..length).unwrap_or_default());
        let [first, last] = native::text_words(&own);
        if length > ROOM {
            return first == own.as_ptr().addr() as u64 && last == length as u64;
        }
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(own.bytes()).for_each(|(to, from)| *to = from);
        let words = u128::from_le_bytes(bytes) | (0x80 | length as u128) << (8 * ROOM);
        u128::from(first) | u128::from(last) << 64 == words
    })
}

/// Finds pointer and length in two words at a place.
fn fat(place: i32, words: [usize; 2], data: usize, length: usize) -> Option<Fat> {
    let [first, second] = words;
    match (first == length, second == length) {
        (false, true) => Some(Fat { pointer: place, length: place + 8, header: header(first, data)? }),
        (true, false) => Some(Fat { pointer: place + 8, length: place, header: header(second, data)? }),
        (true, true) | (false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_this_machine_are_as_compiled_code_needs_them() {
        let layout = Layout::measure().unwrap();
        let tags = layout.tags;
        let mut all = vec![
            tags.missing,
            tags.bool,
            tags.int,
            tags.decimal,
            tags.percent,
            tags.money,
            tags.text,
            tags.list,
            tags.record,
            tags.instant,
        ];
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 10);
        assert_eq!((layout.list.header, layout.fields.header), (16, 0));
    }
}
