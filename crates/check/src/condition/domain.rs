//! Sets of values: intervals of points, and whether the value may be missing.

use std::ops::Bound;
use std::sync::Arc;

use hence_types::jiff::{SignedDuration, Timestamp, civil};
use hence_types::{Currency, Decimal, Money, Value};

/// A value in the order of its kind. Points of one domain are of one kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Point {
    Truth(bool),
    Number(Decimal),
    Text(Arc<str>),
    Date(civil::Date),
    Time(civil::Time),
    Instant(Timestamp),
    Duration(SignedDuration),
    Percent(Decimal),
    Money(Currency, Amount),
    /// A list or map without content.
    Empty,
    /// How one value stands to another: before, equal, after, or in no order.
    Order(u8),
    /// One of a rule's events.
    Event(usize),
}

/// An amount of one currency. All amounts of a currency lie between its ends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Amount {
    Lowest,
    Exact(Decimal),
    Highest,
}

impl Point {
    /// Returns the point of a constant; nothing for values without a total order, such as periods.
    pub(super) fn of(value: &Value) -> Option<Point> {
        Some(match value {
            Value::Bool(truth) => Point::Truth(*truth),
            Value::Int(int) => Point::Number(Decimal::from(*int)),
            Value::Decimal(decimal) => Point::Number(*decimal),
            Value::String(text) => Point::Text(text.into()),
            Value::Date(date) => Point::Date(*date),
            Value::Time(time) => Point::Time(*time),
            Value::DateTime(instant) => Point::Instant(*instant),
            Value::Duration(duration) => Point::Duration(*duration),
            Value::Percent(percent) => Point::Percent(*percent),
            Value::Money(money) => Point::Money(money.currency, Amount::Exact(money.amount)),
            Value::Missing
            | Value::Float(_)
            | Value::Period(_)
            | Value::List(_)
            | Value::Map(_)
            | Value::Record(_)
            | Value::Json(_) => return None,
        })
    }

    /// Returns the point as a rule writes it; nothing for ends of what can be compared, and for what has no value.
    fn words(&self) -> Option<String> {
        let value = match self {
            Point::Truth(truth) => Value::Bool(*truth),
            Point::Number(number) => Value::Decimal(*number),
            Point::Text(text) => Value::text(text),
            Point::Date(date) => Value::Date(*date),
            Point::Time(time) => Value::Time(*time),
            Point::Instant(instant) => Value::DateTime(*instant),
            Point::Duration(duration) => Value::Duration(*duration),
            Point::Percent(percent) => Value::Percent(*percent),
            Point::Money(currency, Amount::Exact(amount)) => {
                Value::Money(Money { amount: *amount, currency: *currency })
            }
            Point::Empty => return Some("empty".to_owned()),
            Point::Money(..) | Point::Order(_) | Point::Event(_) => return None,
        };
        Some(value.to_string())
    }

    /// Returns the ends of what can be compared with the point.
    fn ends(&self) -> (Bound<Point>, Bound<Point>) {
        match self {
            Point::Money(currency, _) => (
                Bound::Included(Point::Money(*currency, Amount::Lowest)),
                Bound::Included(Point::Money(*currency, Amount::Highest)),
            ),
            Point::Truth(_)
            | Point::Number(_)
            | Point::Text(_)
            | Point::Date(_)
            | Point::Time(_)
            | Point::Instant(_)
            | Point::Duration(_)
            | Point::Percent(_)
            | Point::Empty
            | Point::Order(_)
            | Point::Event(_) => (Bound::Unbounded, Bound::Unbounded),
        }
    }
}

type Interval = (Bound<Point>, Bound<Point>);

/// A set of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Domain {
    /// Whether the value may be missing.
    missing: bool,
    intervals: Vec<Interval>,
}

impl Domain {
    /// Missing, and nothing else.
    pub(super) fn missing() -> Domain {
        Domain { missing: true, intervals: Vec::new() }
    }

    /// Every value that is there.
    pub(super) fn present() -> Domain {
        Domain { missing: false, intervals: vec![(Bound::Unbounded, Bound::Unbounded)] }
    }

    pub(super) fn points(points: impl IntoIterator<Item = Point>) -> Domain {
        let at = |point: Point| (Bound::Included(point.clone()), Bound::Included(point));
        Domain { missing: false, intervals: points.into_iter().map(at).collect() }
    }

    /// Every value that is there, but these.
    pub(super) fn other_than(points: impl IntoIterator<Item = Point>) -> Domain {
        let mut points: Vec<Point> = points.into_iter().collect();
        points.sort();
        points.dedup();
        let mut low = Bound::Unbounded;
        let mut intervals = Vec::new();
        for point in points {
            intervals.push((low, Bound::Excluded(point.clone())));
            low = Bound::Excluded(point);
        }
        intervals.push((low, Bound::Unbounded));
        Domain { missing: false, intervals }
    }

    /// Values below a point, and the point itself if it is `included`.
    pub(super) fn below(point: &Point, included: bool) -> Domain {
        let end = if included { Bound::Included } else { Bound::Excluded };
        Domain { missing: false, intervals: vec![(point.ends().0, end(point.clone()))] }
    }

    /// Values above a point, and the point itself if it is `included`.
    pub(super) fn above(point: &Point, included: bool) -> Domain {
        let end = if included { Bound::Included } else { Bound::Excluded };
        Domain { missing: false, intervals: vec![(end(point.clone()), point.ends().1)] }
    }

    /// The same set, where the value may be missing as well.
    pub(super) fn or_missing(self) -> Domain {
        Domain { missing: true, ..self }
    }

    /// Either set.
    pub(super) fn join(mut self, other: Domain) -> Domain {
        self.missing |= other.missing;
        self.intervals.extend(other.intervals);
        self
    }

    /// What both sets have.
    pub(super) fn meet(&self, other: &Domain) -> Domain {
        let pairs = self.intervals.iter().flat_map(|one| other.intervals.iter().map(move |two| (one, two)));
        let intervals = pairs
            .map(|(one, two)| (higher(&one.0, &two.0), lower(&one.1, &two.1)))
            .filter(|interval| !void(interval))
            .collect();
        Domain { missing: self.missing && other.missing, intervals }
    }

    /// The whole numbers of the set.
    pub(super) fn whole(mut self) -> Domain {
        for (low, high) in &mut self.intervals {
            if let Bound::Included(Point::Number(number)) | Bound::Excluded(Point::Number(number)) = &*low {
                let above = matches!(low, Bound::Excluded(_)) && number.is_integer();
                let least = if above { number.checked_add(Decimal::ONE) } else { Some(number.ceil()) };
                if let Some(least) = least {
                    *low = Bound::Included(Point::Number(least));
                }
            }
            if let Bound::Included(Point::Number(number)) | Bound::Excluded(Point::Number(number)) = &*high {
                let below = matches!(high, Bound::Excluded(_)) && number.is_integer();
                let most = if below { number.checked_sub(Decimal::ONE) } else { Some(number.floor()) };
                if let Some(most) = most {
                    *high = Bound::Included(Point::Number(most));
                }
            }
        }
        self.intervals.retain(|interval| !void(interval));
        self
    }

    /// Returns words for a part of the set, such as `is at least 100.00 EUR`; nothing where it has every value.
    pub(super) fn words(&self) -> Option<String> {
        let Some((low, high)) = self.intervals.iter().find(|interval| !void(interval)) else {
            return self.missing.then(|| "is missing".to_owned());
        };
        let bound = |bound: &Bound<Point>, included: &str, excluded: &str| match bound {
            Bound::Included(point) => point.words().map(|point| format!("{included} {point}")),
            Bound::Excluded(point) => point.words().map(|point| format!("{excluded} {point}")),
            Bound::Unbounded => None,
        };
        if let (Bound::Included(one), Bound::Included(other)) = (low, high)
            && one == other
        {
            return one.words().map(|point| format!("is {point}"));
        }
        let low = bound(low, "is at least", "is above");
        let high = bound(high, "is at most", "is below");
        match (low, high) {
            (Some(low), Some(high)) => Some(format!("{low} and {high}")),
            (low, high) => low.or(high),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.missing && self.intervals.iter().all(void)
    }
}

fn higher(one: &Bound<Point>, other: &Bound<Point>) -> Bound<Point> {
    let first = match (one, other) {
        (Bound::Unbounded, _) => false,
        (_, Bound::Unbounded) => true,
        (Bound::Included(a) | Bound::Excluded(a), Bound::Included(b) | Bound::Excluded(b)) => {
            a > b || a == b && matches!(one, Bound::Excluded(_))
        }
    };
    if first { one.clone() } else { other.clone() }
}

fn lower(one: &Bound<Point>, other: &Bound<Point>) -> Bound<Point> {
    let first = match (one, other) {
        (Bound::Unbounded, _) => false,
        (_, Bound::Unbounded) => true,
        (Bound::Included(a) | Bound::Excluded(a), Bound::Included(b) | Bound::Excluded(b)) => {
            a < b || a == b && matches!(one, Bound::Excluded(_))
        }
    };
    if first { one.clone() } else { other.clone() }
}

/// Whether nothing lies in an interval. Between two different points something may.
fn void(interval: &Interval) -> bool {
    match interval {
        (Bound::Unbounded, _) | (_, Bound::Unbounded) => false,
        (Bound::Included(low), Bound::Included(high)) => low > high,
        (Bound::Included(low) | Bound::Excluded(low), Bound::Included(high) | Bound::Excluded(high)) => {
            low >= high
        }
    }
}
