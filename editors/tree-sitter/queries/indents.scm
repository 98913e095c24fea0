[
  (block)
  (list)
  (arguments)
] @indent.begin

["}" "]" ")"] @indent.branch
["}" "]" ")"] @indent.end
