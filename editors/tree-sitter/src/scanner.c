// The tokens of Hence that a regular expression cannot tell: the keywords at which items begin, texts with expressions
// in them, and the sign of a percentage. What they are is defined in crates/syntax/src/items/starts.rs and
// crates/syntax/src/lexer.rs; this has to say the same.

#include "tree_sitter/parser.h"

#include <string.h>

// In the order of `externals` in grammar.js.
enum Token {
  RULE,
  TEST,
  FN,
  CONST,
  TABLE,
  GROUP,
  EXTERN,
  PERCENT_SIGN,
  TEXT_START,
  TEXT_END,
  TEXT_CONTENT,
  ESCAPE,
  HOLE_START,
  BROKEN_START,
  BROKEN_REST,
  ERROR_SENTINEL,
};

// How deep texts in expressions in texts are followed.
#define MAX_OPEN 32

static bool is_blank(int32_t c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == 0xfeff || c == 0xa0;
}

static bool is_letter(int32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

static bool is_digit(int32_t c) { return c >= '0' && c <= '9'; }

static bool is_line_end(TSLexer *lexer) { return lexer->eof(lexer) || lexer->lookahead == '\n'; }

static void next(TSLexer *lexer) { lexer->advance(lexer, false); }

static void skip_blanks(TSLexer *lexer) {
  while (!lexer->eof(lexer) && is_blank(lexer->lookahead)) next(lexer);
}

// Takes a name; false if there is none.
static bool take_name(TSLexer *lexer) {
  if (lexer->lookahead == '`') {
    do next(lexer);
    while (!is_line_end(lexer) && lexer->lookahead != '`');
    if (lexer->lookahead != '`') return false;
    next(lexer);
    return true;
  }
  if (!is_letter(lexer->lookahead)) return false;
  while (is_letter(lexer->lookahead) || is_digit(lexer->lookahead)) next(lexer);
  return true;
}

// The keywords that never are names.
static bool is_reserved(const char *word) {
  static const char *const reserved[] = {"when", "if",  "then", "otherwise", "else", "and",  "or",    "not",  "is",   "in",
                                         "let",  "for", "wait", "stop",      "set",  "true", "false", "rule", "test", "match"};
  for (unsigned i = 0; i < sizeof reserved / sizeof *reserved; i++) {
    if (strcmp(word, reserved[i]) == 0) return true;
  }
  return false;
}

// Takes a word of at most 15 letters into `word`; a longer one leaves it empty.
static void take_word(TSLexer *lexer, char word[16]) {
  unsigned length = 0;
  while (is_letter(lexer->lookahead) || is_digit(lexer->lookahead)) {
    if (length < 15) word[length] = (char)lexer->lookahead;
    length++;
    next(lexer);
  }
  word[length < 16 ? length : 0] = 0;
}

// Whether what follows a keyword on its line is a name, which is taken.
static bool name_follows(TSLexer *lexer) {
  skip_blanks(lexer);
  if (lexer->lookahead == '`') return take_name(lexer);
  if (!is_letter(lexer->lookahead)) return false;
  char word[16];
  take_word(lexer, word);
  return !is_reserved(word);
}

static bool character_follows(TSLexer *lexer, int32_t character) {
  skip_blanks(lexer);
  return lexer->lookahead == character;
}

// Whether a keyword at the beginning of a line is the name of something after all.
static bool is_name_here(TSLexer *lexer) {
  while (!lexer->eof(lexer) && (is_blank(lexer->lookahead) || lexer->lookahead == '\n')) next(lexer);
  int32_t c = lexer->lookahead;
  if (c == ':' || c == ',') return true;
  if (c == '?') {
    next(lexer);
    return lexer->lookahead == '.';
  }
  if (c == '.') {
    next(lexer);
    return lexer->lookahead != '.';
  }
  return false;
}

// Takes the keyword of an item. `flush`: it stands at the very beginning of its line.
static bool scan_item(TSLexer *lexer, bool flush, bool first) {
  char word[16];
  take_word(lexer, word);
  lexer->mark_end(lexer);
  if (strcmp(word, "rule") == 0) {
    lexer->result_symbol = RULE;
    return flush ? first || !is_name_here(lexer) : name_follows(lexer);
  }
  if (strcmp(word, "test") == 0) {
    lexer->result_symbol = TEST;
    if (character_follows(lexer, '"')) return true;
    return flush && (first || !is_name_here(lexer));
  }
  if (strcmp(word, "fn") == 0) {
    lexer->result_symbol = FN;
    return flush ? first || !is_name_here(lexer) : name_follows(lexer) && character_follows(lexer, '(');
  }
  if (strcmp(word, "const") == 0) {
    lexer->result_symbol = CONST;
    return flush ? first || !is_name_here(lexer) : name_follows(lexer) && character_follows(lexer, '=');
  }
  if (strcmp(word, "table") == 0) {
    lexer->result_symbol = TABLE;
    return name_follows(lexer) && (flush || character_follows(lexer, '('));
  }
  if (strcmp(word, "group") == 0) {
    lexer->result_symbol = GROUP;
    if (!flush) return false;
    if (character_follows(lexer, '=')) return true;
    return name_follows(lexer) && character_follows(lexer, '=');
  }
  if (strcmp(word, "extern") == 0) {
    lexer->result_symbol = EXTERN;
    if (!flush) return false;
    skip_blanks(lexer);
    take_word(lexer, word);
    return strcmp(word, "fn") == 0;
  }
  return false;
}

// Takes an opening quote. Whether the text is closed, and its braces match, is seen to the end of the line.
static bool scan_text_start(TSLexer *lexer) {
  next(lexer);
  lexer->mark_end(lexer);
  unsigned braces[MAX_OPEN] = {0};
  unsigned open = 0;
  lexer->result_symbol = BROKEN_START;
  while (!is_line_end(lexer)) {
    int32_t c = lexer->lookahead;
    next(lexer);
    if (c == '\\' && braces[open] == 0) {
      if (!is_line_end(lexer)) next(lexer);
    } else if (c == '{' && braces[open] == 0 && lexer->lookahead == '{') {
      next(lexer);
    } else if (c == '{') {
      braces[open]++;
    } else if (c == '}' && braces[open] > 0) {
      braces[open]--;
    } else if (c == '"' && braces[open] > 0) {
      if (open + 1 == MAX_OPEN) return true;
      braces[++open] = 0;
    } else if (c == '"') {
      if (open == 0) {
        lexer->result_symbol = TEXT_START;
        return true;
      }
      open--;
    }
  }
  return true;
}

// Takes the rest of a text that is not closed, or to the first quote of one whose braces do not match.
static bool scan_broken_rest(TSLexer *lexer) {
  bool any = false;
  bool escaped = false;
  while (!is_line_end(lexer)) {
    int32_t c = lexer->lookahead;
    next(lexer);
    if (!is_blank(c)) {
      any = true;
      lexer->mark_end(lexer);
    }
    if (c == '"' && !escaped) break;
    escaped = c == '\\' && !escaped;
  }
  lexer->result_symbol = BROKEN_REST;
  return any;
}

// Takes a part of a text.
static bool scan_in_text(TSLexer *lexer) {
  int32_t c = lexer->lookahead;
  if (is_line_end(lexer)) return false;
  if (c == '"') {
    next(lexer);
    lexer->result_symbol = TEXT_END;
    return true;
  }
  if (c == '\\') {
    next(lexer);
    c = lexer->lookahead;
    if (!is_line_end(lexer)) next(lexer);
    lexer->mark_end(lexer);
    if (c == 'u' && lexer->lookahead == '{') {
      do next(lexer);
      while (is_digit(lexer->lookahead) || (lexer->lookahead >= 'a' && lexer->lookahead <= 'f') ||
             (lexer->lookahead >= 'A' && lexer->lookahead <= 'F'));
      if (lexer->lookahead == '}') {
        next(lexer);
        lexer->mark_end(lexer);
      }
    }
    lexer->result_symbol = ESCAPE;
    return true;
  }
  if (c == '{') {
    next(lexer);
    lexer->result_symbol = lexer->lookahead == '{' ? ESCAPE : HOLE_START;
    if (lexer->lookahead == '{') next(lexer);
    return true;
  }
  lexer->result_symbol = TEXT_CONTENT;
  bool any = false;
  while (!is_line_end(lexer)) {
    c = lexer->lookahead;
    if (c == '"' || c == '\\' || c == '{') break;
    if (c == '}') {
      lexer->mark_end(lexer);
      next(lexer);
      if (lexer->lookahead == '}') {
        if (any) return true;
        next(lexer);
        lexer->mark_end(lexer);
        lexer->result_symbol = ESCAPE;
        return true;
      }
    } else {
      next(lexer);
    }
    any = true;
  }
  lexer->mark_end(lexer);
  return any;
}

static bool scan(TSLexer *lexer, const bool *valid) {
  bool recovers = valid[ERROR_SENTINEL];
  if (!recovers) {
    if (valid[BROKEN_REST]) {
      if (is_line_end(lexer)) return false;
      return scan_broken_rest(lexer);
    }
    if (valid[TEXT_CONTENT]) return scan_in_text(lexer);
  }
  if (valid[PERCENT_SIGN] && lexer->lookahead == '%') {
    next(lexer);
    lexer->mark_end(lexer);
    int32_t c = lexer->lookahead;
    lexer->result_symbol = PERCENT_SIGN;
    return !(is_letter(c) || is_digit(c) || c == '(' || c == '"' || c == '-' || c > 0x7f);
  }
  // The column of what is not there yet counts from the last line's end.
  bool first = lexer->get_column(lexer) == 0;
  bool line = first;
  unsigned indent = 0;
  bool moved = false;
  while (!lexer->eof(lexer) && (is_blank(lexer->lookahead) || lexer->lookahead == '\n')) {
    moved = true;
    line = line || lexer->lookahead == '\n';
    indent = lexer->lookahead == '\n' ? 0 : indent + (lexer->lookahead != 0xfeff);
    lexer->advance(lexer, true);
  }
  if (lexer->lookahead == '"' && valid[TEXT_START]) return scan_text_start(lexer);
  bool items = valid[RULE] || valid[TEST];
  if (items && line && is_letter(lexer->lookahead)) {
    return scan_item(lexer, indent == 0, first && !moved);
  }
  return false;
}

void *tree_sitter_hence_external_scanner_create(void) { return NULL; }

void tree_sitter_hence_external_scanner_destroy(void *payload) { (void)payload; }

unsigned tree_sitter_hence_external_scanner_serialize(void *payload, char *buffer) {
  (void)payload;
  (void)buffer;
  return 0;
}

void tree_sitter_hence_external_scanner_deserialize(void *payload, const char *buffer, unsigned length) {
  (void)payload;
  (void)buffer;
  (void)length;
}

bool tree_sitter_hence_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid) {
  (void)payload;
  return scan(lexer, valid);
}
