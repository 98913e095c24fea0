//! Documentation of the forms that decide what is evaluated. Their meaning belongs to the evaluators.

use crate::Example;

/// A form of the language that is neither an operator with two values nor a function.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    /// The name of its page, such as `any` or `is-present`.
    pub name: &'static str,
    /// How it is written, with the parts in words.
    pub syntax: &'static str,
    /// One line.
    pub summary: &'static str,
    /// The rest of the documentation, Markdown.
    pub details: &'static str,
    /// Examples.
    pub examples: &'static [Example],
}

const fn example(expression: &'static str, result: &'static str) -> Example {
    Example { expression, result }
}

/// All forms, in the order of the reference.
pub const FORMS: &[Form] = &[
    Form {
        name: "and",
        syntax: "a and b",
        summary: "Whether both conditions hold.",
        details: "`b` is evaluated only if `a` holds, so `note is present and length(note) > 5` is safe: to the right of \
                  `and`, `note` has a value. `and` binds tighter than `or`; write parentheses where both stand.",
        examples: &[example("true and false", "false"), example("1 < 2 and 2 < 3", "true")],
    },
    Form {
        name: "or",
        syntax: "a or b",
        summary: "Whether at least one of two conditions holds.",
        details: "`b` is evaluated only if `a` does not hold, so `note is missing or length(note) > 5` is safe.",
        examples: &[example("true or false", "true"), example("1 > 2 or 2 > 3", "false")],
    },
    Form {
        name: "not",
        syntax: "not a",
        summary: "Whether a condition does not hold.",
        details: "Binds looser than comparisons: `not a == b` is `not (a == b)`. Words that compare have a negation of their \
                  own: `tier not in [\"gold\"]`, `name not contains \"x\"`, `note is not empty`.",
        examples: &[example("not 1 > 2", "true"), example("not true", "false")],
    },
    Form {
        name: "if",
        syntax: "if condition then a else b",
        summary: "One of two values.",
        details: "Only the chosen one is evaluated. Both have one type, or types with a common one such as `int` and \
                  `decimal`.",
        examples: &[example("if 2 > 1 then \"more\" else \"less\"", "\"more\"")],
    },
    Form {
        name: "match",
        syntax: "match value { a -> x, b or c -> y, else -> z }",
        summary: "One of several values, by the value of another.",
        details: "The value is computed once and compared with those of the arms as `==` compares; only the arm that has it is \
                  evaluated. Arms are for values that are written out, several with `or`, each at most once. Every value must have an \
                  arm: all those of an enumeration, `true` and `false`, or else an arm `else`, which stands last. A value that may \
                  be missing needs an arm `missing`; `else` does not take it. In all other arms the value is there. The arms have \
                  one type, or types with a common one such as `int` and `decimal`.",
        examples: &[
            example("match \"b\" { \"a\" -> 1, \"b\" or \"c\" -> 2, else -> 0 }", "2"),
            example("match 5 > 3 { true -> \"more\", false -> \"less\" }", "\"more\""),
            example("match first(split(\"x\", \",\")) { missing -> 0, \"x\" -> 1, else -> 2 }", "1"),
        ],
    },
    Form {
        name: "else",
        syntax: "value else default",
        summary: "A value, or another where it is missing.",
        details: "The default is evaluated only where it is needed. The result may be missing only if the default may. \
                  `else` binds looser than arithmetic and tighter than comparison: `discount else 0 + 1` is \
                  `discount else (0 + 1)`.",
        examples: &[
            example("first([7, 8]) else 0", "7"),
            example("first(split(\"a\", \"b\")) else \"none\"", "\"a\""),
        ],
    },
    Form {
        name: "between",
        syntax: "value between low and high",
        summary: "Whether a value lies between two others, both ends included.",
        details: "Takes what `<=` takes: numbers, texts, dates, times, datetimes, durations, percentages, amounts of one \
                  currency. Nothing lies between two ends in the wrong order.",
        examples: &[example("5 between 1 and 5", "true"), example("09:30 between 10:00 and 12:00", "false")],
    },
    Form {
        name: "in-range",
        syntax: "value in low .. high",
        summary: "Whether a value lies in a range, both ends included.",
        details: "Means and takes what `between` does, but for a missing value, which is in no range, as it is in no list: \
                  `discount not in 5% .. 10%` holds where there is no discount. Where `value in low .. high` holds, the value is there. \
                  A range stands only after `in`.",
        examples: &[
            example("10 EUR in 10 EUR .. 20 EUR", "true"),
            example("2026-12-24 not in 2026-11-27 .. 2026-12-01", "true"),
            example("7 in 1 .. 2 * 3", "false"),
        ],
    },
    Form {
        name: "as",
        syntax: "json as type",
        summary: "A value of a type, read from JSON of unknown shape.",
        details: "The type is one of those that fields have: `int`, `date`, `list<string>`, `map<decimal>`, `shop.Order`. The result \
                  may be missing: it is, unless every part of the JSON is as the type says. A named type is read as its \
                  integration spells it, so `shop.Order` reads what `shop.order.created` carries; every other type as JSON spells \
                  it: dates and times as RFC 3339, money as `{{\"amount\":\"9.90\",\"currency\":\"EUR\"}}`. Binds as tightly as a call.",
        examples: &[
            example("json_parse(\"[1, 2]\") as list<int>", "[1, 2]"),
            example("json_parse(\"1\") as string is missing", "true"),
            example("(json_parse(\"7\") as int else 0) + 1", "8"),
        ],
    },
    Form {
        name: "is-present",
        syntax: "value is present",
        summary: "Whether there is a value.",
        details: "Where the condition holds, the value can be used as one that is never missing. A field whose value has \
                  another type than its schema declares counts as missing. An empty text is present.",
        examples: &[example("first([1]) is present", "true"), example("last([\"\"]) is present", "true")],
    },
    Form {
        name: "is-missing",
        syntax: "value is missing",
        summary: "Whether there is no value.",
        details: "The opposite of `is present`; `is not present` says the same.",
        examples: &[example("first([1]) is missing", "false")],
    },
    Form {
        name: "is-empty",
        syntax: "value is empty",
        summary: "Whether a text, list or map is missing or has nothing inside.",
        details: "Blanks are something: write `trim(text) is empty` to disregard them. `is not empty` says that the value is \
                  present and has content.",
        examples: &[example("\"\" is empty", "true"), example("[1] is not empty", "true")],
    },
    Form {
        name: "any",
        syntax: "any(name in list, condition)",
        summary: "Whether a condition holds for at least one element of a list.",
        details: "Evaluation ends with the first element for which it holds. For an empty list it is false.",
        examples: &[example("any(n in [1, 5], n > 3)", "true"), example("any(n in [1, 2], n > 3)", "false")],
    },
    Form {
        name: "all",
        syntax: "all(name in list, condition)",
        summary: "Whether a condition holds for every element of a list.",
        details: "Evaluation ends with the first element for which it does not hold. For an empty list it is true.",
        examples: &[example("all(n in [1, 5], n > 0)", "true"), example("all(n in [1, 5], n > 3)", "false")],
    },
    Form {
        name: "none",
        syntax: "none(name in list, condition)",
        summary: "Whether a condition holds for no element of a list.",
        details: "The opposite of `any`. For an empty list it is true.",
        examples: &[example("none(n in [1, 2], n > 3)", "true")],
    },
    Form {
        name: "count",
        syntax: "count(name in list, condition)",
        summary: "For how many elements of a list a condition holds.",
        details: "For the number of all elements write `length(list)`.",
        examples: &[example("count(n in [1, 5, 7], n > 3)", "2")],
    },
    Form {
        name: "sum",
        syntax: "sum(name in list, value)",
        summary: "The sum of a value over the elements of a list.",
        details: "Adds as `+` does: numbers, durations, percentages, or amounts of one currency. The sum over an empty list is \
                  zero; of money it needs the currency to be known beforehand.",
        examples: &[
            example("sum(n in [1, 2.5], n * 2)", "7"),
            example("sum(n in [1, 2], n * 5 EUR)", "15 EUR"),
        ],
    },
    Form {
        name: "min",
        syntax: "min(name in list, value)",
        summary: "The least of a value over the elements of a list.",
        details: "Takes what `<` takes and compares as it does. Over an empty list it is missing. The least of values written \
                  out is the function: `min(a, b)`.",
        examples: &[
            example("min(n in [3, 1, 2], n * 2)", "2"),
            example("min(n in filter(n in [1], n > 1), n) else 0", "0"),
        ],
    },
    Form {
        name: "max",
        syntax: "max(name in list, value)",
        summary: "The greatest of a value over the elements of a list.",
        details: "Takes what `<` takes and compares as it does. Over an empty list it is missing. The greatest of values written \
                  out is the function: `max(a, b)`.",
        examples: &[example("max(text in [\"a\", \"abc\"], length(text))", "3")],
    },
    Form {
        name: "avg",
        syntax: "avg(name in list, value)",
        summary: "The mean of a value over the elements of a list.",
        details: "The sum, as `sum` adds, divided by the number of elements, as `/` divides: the mean of whole numbers is a \
                  `decimal`. Over an empty list it is missing.",
        examples: &[
            example("avg(n in [1, 2], n)", "1.5"),
            example("avg(n in [1, 2], n * 5 EUR)", "7.50 EUR"),
        ],
    },
    Form {
        name: "first",
        syntax: "first(name in list, condition)",
        summary: "The first element of a list for which a condition holds.",
        details: "Evaluation ends with that element. It is missing where the condition holds for none. The first element of all is \
                  the function: `first(list)`.",
        examples: &[
            example("first(n in [1, 5, 7], n > 3)", "5"),
            example("first(n in [1, 2], n > 3) is missing", "true"),
        ],
    },
    Form {
        name: "filter",
        syntax: "filter(name in list, condition)",
        summary: "The elements of a list for which a condition holds, in their order.",
        details: "The list is empty where the condition holds for none.",
        examples: &[
            example("filter(n in [1, 5, 7], n > 3)", "[5, 7]"),
            example("sum(n in filter(n in [1, 5, 7], n > 3), n)", "12"),
        ],
    },
    Form {
        name: "map",
        syntax: "map(name in list, value)",
        summary: "The list of a value of every element of a list, in their order.",
        details: "A value that may be missing gives a list whose elements may be.",
        examples: &[
            example("map(n in [1, 2], n * n)", "[1, 4]"),
            example("join(map(n in [1, 2], \"#{n}\"), \", \")", "\"#1, #2\""),
        ],
    },
];
