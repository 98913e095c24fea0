//! What is watched on behalf of a rule.

use std::fmt;

use crate::{
    DateWatch, Direction, FieldCarrier, FieldCondition, FieldWatch, KeyedEvent, Level, Pattern, Rest, Watch,
    WatchKind,
};

impl fmt::Display for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "watch {} ", self.trigger)?;
        match &self.kind {
            WatchKind::Schedule(schedule) => writeln!(f, "{schedule}"),
            WatchKind::Field(FieldWatch { field, carriers, condition }) => {
                writeln!(f, "{field} {condition}")?;
                carriers.iter().try_for_each(|carrier| write!(f, "{carrier}"))
            }
            WatchKind::Date(DateWatch { field, carriers, length, before, at, zone }) => {
                let word = if *before { "before" } else { "after" };
                write!(f, "{length} {word} {field}")?;
                if let Some(at) = at {
                    write!(f, " at {at}")?;
                }
                if let Some(name) = zone.as_ref().and_then(|zone| zone.iana_name()) {
                    write!(f, " in {name:?}")?;
                }
                writeln!(f)?;
                carriers.iter().try_for_each(|carrier| write!(f, "{carrier}"))
            }
            WatchKind::Manual(parameters) => {
                f.write_str("manual")?;
                let mut fields = parameters.fields.iter();
                fields.try_for_each(|(name, field)| write!(f, " {name}: {}", field.ty))?;
                writeln!(f)
            }
            WatchKind::Pattern(Pattern { first, within, rest }) => {
                match rest {
                    Rest::Without(_) => writeln!(f, "absence within {within}")?,
                    Rest::Times(count) => writeln!(f, "{count} times within {within}")?,
                    Rest::FollowedBy(_, name) => writeln!(f, "sequence within {within}, {name}: the first")?,
                }
                write!(f, "  {first}")?;
                match rest {
                    Rest::Times(_) => Ok(()),
                    Rest::Without(second) => write!(f, "  without {second}"),
                    Rest::FollowedBy(second, _) => write!(f, "  followed by {second}"),
                }
            }
        }
    }
}

impl fmt::Display for FieldCarrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  {}: {} by", self.event, self.value)?;
        self.key.iter().try_for_each(|slot| write!(f, " {slot}"))?;
        for (word, slot) in [("old", self.old), ("actor", self.actor), ("level", self.level)] {
            if let Some(slot) = slot {
                write!(f, ", {word} {slot}")?;
            }
        }
        writeln!(f)?;
        let mut slots = self.plan.slots.iter().enumerate();
        slots.try_for_each(|(number, slot)| writeln!(f, "    s{number} {slot}"))
    }
}

impl fmt::Display for FieldCondition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FieldCondition::Changes { from, to, stay } => {
                f.write_str("changes")?;
                for (word, value) in [("from", from), ("to", to), ("for", stay)] {
                    if let Some(value) = value {
                        write!(f, " {word} {value}")?;
                    }
                }
                Ok(())
            }
            FieldCondition::Crosses { direction, level } => {
                f.write_str(match direction {
                    Direction::Falls => "falls below ",
                    Direction::Rises => "rises above ",
                })?;
                match level {
                    Level::Fixed(value) => write!(f, "{value}"),
                    Level::Field(field) => f.write_str(field),
                }
            }
        }
    }
}

impl fmt::Display for KeyedEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by", self.event)?;
        match self.plan.slots.first() {
            Some(slot) => writeln!(f, " {slot}"),
            None => writeln!(f, " nothing"),
        }
    }
}
