[
  (rule)
  (test)
  (function)
  (table)
  (then_clause)
  (otherwise_clause)
  (block)
  (list)
  (arguments)
] @fold
