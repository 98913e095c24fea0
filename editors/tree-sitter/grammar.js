// The grammar of Hence for tree-sitter: what an editor needs to colour, fold, indent and outline a text, also one that
// is half written. Items, clauses and brackets have nodes; what stands in them is a row of tokens. What is right is
// told by the language server, so this takes every text whose brackets close.
//
// The tokens are those of crates/syntax/src/lexer.rs, the words those of its table (`cargo xtask codegen` writes
// words.json). A test holds all of it to the lexer, byte by byte, over the whole corpus. parser.c is written from this
// file by `cargo bless tree_sitter`.

const { reserved, contextual, units } = require("./words.json");

// Keywords that begin parts of a rule, and those that cut an `if` into parts; they have tokens of their own.
const STRUCTURE = ["when", "if", "then", "otherwise", "else"];
const VALUES = ["true", "false"];

// What a `/` after it cannot divide: it begins a pattern.
const OPEN_MARKS = [
  ",", ":", "?", "..", "|", "->", "=", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "%",
];

// A row of pieces among which some keywords are pieces too.
const row = ($, keywords, ...operands) => {
  const open = choice($._open, ...keywords);
  return seq(optional($.pattern), repeat(choice($._operand, ...operands, open, seq(open, $.pattern))));
};

// One that stands in no bracket, so that a bracket may close nothing.
const part = ($, ...keywords) => row($, keywords, $.stray);
const whole = ($) => part($, ...STRUCTURE);
const inner = ($) => row($, STRUCTURE);

module.exports = grammar({
  name: "hence",

  extras: ($) => [/[ \t\r\n\f\ufeff\u00a0]+/, $.comment, $.doc_comment],

  // These need to look further than a regular expression can: see src/scanner.c.
  externals: ($) => [
    $._rule, $._test, $._fn, $._const, $._table, $._group, $._extern,
    $._percent_sign,
    $._text_start, $._text_end, $.text_content, $.escape, $._hole_start,
    $._broken_start, $._broken_rest,
    $._error_sentinel,
  ],

  rules: {
    source_file: ($) => seq(whole($), repeat($._item)),

    _item: ($) =>
      choice($.rule, $.test, $.function, $.constant, $.table, $.group, $.extern),

    rule: ($) =>
      prec.right(seq(
        alias($._rule, "rule"),
        optional(field("name", $._name)),
        part($, "else"),
        repeat(choice($.when_clause, $.if_clause, $.then_clause, $.otherwise_clause)),
      )),

    when_clause: ($) => prec.right(seq("when", part($, "else"))),
    if_clause: ($) =>
      prec.right(seq("if", optional($.pattern), repeat($._condition))),
    then_clause: ($) => prec.right(seq("then", part($, "if", "then", "else"))),
    otherwise_clause: ($) => prec.right(seq("otherwise", part($, "if", "then", "else"))),

    // In a condition `if … then … else` is a value, and another `then` ends it.
    _condition: ($) => choice($._operand, $.stray, $._open, seq($._open, $.pattern), "else", seq("else", $.pattern), $.choice),
    choice: ($) =>
      prec.right(2, seq("if", optional($.pattern), repeat($._condition), "then", optional($.pattern), repeat($._condition))),

    test: ($) => prec.right(seq(alias($._test, "test"), whole($))),
    function: ($) =>
      prec.right(seq(alias($._fn, "fn"), optional(field("name", $._name)), whole($))),
    constant: ($) =>
      prec.right(seq(alias($._const, "const"), optional(field("name", $._name)), whole($))),
    table: ($) =>
      prec.right(seq(alias($._table, "table"), optional(field("name", $._name)), whole($))),
    group: ($) =>
      prec.right(seq(alias($._group, "group"), optional(field("name", $._name)), whole($))),
    extern: ($) =>
      prec.right(seq(alias($._extern, "extern"), "fn", optional(field("name", $._name)), whole($))),

    _name: ($) => prec(1, choice($.word, $.contextual, $.quoted_name)),

    // After this, `/` divides.
    _operand: ($) =>
      choice(
        $.word, $.contextual, $.quoted_name,
        $.boolean,
        $.number, $.percent, $.quantity, $.ordinal, $.date, $.time, $.date_time,
        $.text, $.broken_text, $.raw_text,
        $.field,
        $.arguments, $.list, $.block,
        "/",
        $.foreign,
      ),

    // After this, `/` begins a pattern.
    _open: ($) => choice($.reserved, alias("matches", $.contextual), ...OPEN_MARKS),

    // Only what follows at once is a name whatever it is: `order.` at the end of a line is being written.
    field: ($) =>
      prec.right(seq(choice(".", "?."), optional(alias(token.immediate(prec(1, /[A-Za-z_][A-Za-z0-9_]*/)), $.word)))),
    stray: (_) => choice(")", "]", "}"),
    arguments: ($) => seq("(", inner($), ")"),
    list: ($) => seq("[", inner($), "]"),
    block: ($) => seq("{", inner($), "}"),

    text: ($) =>
      seq(
        alias($._text_start, '"'),
        repeat(choice($.text_content, $.escape, $.interpolation)),
        alias($._text_end, '"'),
      ),
    interpolation: ($) => seq(alias($._hole_start, "{"), inner($), "}"),
    // A text that its line ends, or whose braces do not match.
    broken_text: ($) => prec.right(seq($._broken_start, optional($._broken_rest))),

    number: (_) => /[0-9][0-9_]*(\.[0-9][0-9_]*)?/,
    percent: ($) => seq($.number, alias($._percent_sign, "%")),
    quantity: ($) => seq($.number, choice($.unit, $.currency)),
    unit: (_) => token(choice(...units)),
    currency: (_) => /[A-Z]{3}/,
    ordinal: (_) => /[0-9]+(st|nd|rd|th)/,
    date: (_) => /[0-9]{4}-[0-9]{2}-[0-9]{2}/,
    time: (_) => /[0-9]{2}:[0-9]{2}(:[0-9]{2})?/,
    date_time: (_) =>
      /[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2})?/,
    raw_text: (_) => /r"[^"\n]*"/,
    pattern: (_) => /\/([^\/\\\[\n]|\\[^\n]|\[([^\]\\\n]|\\[^\n])*\])+\/[a-z]*/,
    quoted_name: (_) => /`[^`\n]*`/,

    boolean: (_) => token(choice(...VALUES)),
    // Of words of the same length, what stands first counts.
    reserved: (_) => token(choice(...reserved.filter((word) => !STRUCTURE.includes(word)))),
    contextual: (_) => token(choice(...contextual.filter((word) => word !== "matches"))),
    word: (_) => /[A-Za-z_][A-Za-z0-9_]*/,

    doc_comment: (_) => /\/\/\/([^\/\n][^\n]*)?/,
    comment: (_) => /\/\/[^\n]*/,

    // Marks and quotes of other languages, and characters that are in none of the above.
    foreign: (_) =>
      token(choice(
        /'[^'\n]*'/, /[\u201c\u201d\u201e][^\u201c\u201d\u201e\n]*[\u201c\u201d]/,
        "&&", "||", "!", ";", "<>", "=>", "===", "!==", ":=", "**", "&",
        prec(-1, /[^\sA-Za-z0-9_"()\[\]{},.:?|=<>+\-*\/%]/),
      )),
  },
});
