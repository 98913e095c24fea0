(rule "rule" @context name: (_) @name) @item
(function "fn" @context name: (_) @name) @item
(extern "fn" @context name: (_) @name) @item
(table "table" @context name: (_) @name) @item
(constant "const" @context name: (_) @name) @item
(group "group" @context name: (_) @name) @item
(test "test" @context (text) @name) @item
