; Of patterns that match the same node, the last one counts.

(comment) @comment
(doc_comment) @comment.documentation

(text) @string
(text_content) @string
(broken_text) @string
(raw_text) @string
(pattern) @string.regexp
(escape) @string.escape
(interpolation ["{" "}"] @punctuation.special)

[(number) (percent) (quantity) (unit) (currency) (ordinal)] @number
[(date) (time) (date_time)] @number
(boolean) @boolean

(word) @variable
(quoted_name) @variable
(contextual) @keyword.modifier
(reserved) @keyword
["when" "if" "then" "otherwise" "else"] @keyword
["rule" "test" "fn" "const" "table" "group" "extern"] @keyword

; A word that may be a keyword is a name where it is taken apart, called or given.
((contextual) @variable . (field))
((contextual) @function . (arguments))
((word) @function . (arguments))
(field (word) @property)
((field (word) @function) . (arguments))
((word) @property . ":")
((contextual) @property . ":")
((reserved) @property . ":")
(["when" "if" "then" "otherwise" "else"] @property . ":")

(rule name: (_) @function)
(function name: (_) @function)
(constant name: (_) @constant)
(table name: (_) @function)
(group name: (_) @namespace)
(extern name: (_) @function)

["->" "=" "==" "!=" "<" "<=" ">" ">=" "+" "-" "*" "/" "%" "|" ".." "?" "?."] @operator
["." "," ":"] @punctuation.delimiter
["(" ")" "[" "]" "{" "}"] @punctuation.bracket
(percent "%" @number)
(foreign) @error
