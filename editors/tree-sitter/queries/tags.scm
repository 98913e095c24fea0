(rule name: (_) @name) @definition.class
(function name: (_) @name) @definition.function
(extern name: (_) @name) @definition.function
(table name: (_) @name) @definition.function
(constant name: (_) @name) @definition.constant
(group name: (_) @name) @definition.module
