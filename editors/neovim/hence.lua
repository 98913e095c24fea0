-- Hence for Neovim 0.7 and newer: put this file into `~/.config/nvim/plugin/`.
-- It gives rule files their file type and starts `hence lsp` for them, once for each project. Where the grammar for
-- tree-sitter is installed (editors/README.md says how), it colours and folds with it.

vim.filetype.add({ extension = { rule = "hence" } })

local clients = {}

local function start(config, buffer)
  if vim.lsp.start then
    vim.lsp.start(config, { bufnr = buffer })
    return
  end
  local id = clients[config.root_dir]
  if not id or not vim.lsp.get_client_by_id(id) then
    id = vim.lsp.start_client(config)
    clients[config.root_dir] = id
  end
  vim.lsp.buf_attach_client(buffer, id)
end

-- Colours by the grammar. Without it, and without its queries, there are those of the language server.
local function colour(buffer)
  local found, parser = pcall(vim.treesitter.get_parser, buffer, "hence")
  if not found or not parser then
    return
  end
  if vim.treesitter.start then
    pcall(vim.treesitter.start, buffer, "hence")
  else
    pcall(vim.treesitter.highlighter.new, parser)
  end
  if vim.treesitter.foldexpr then
    vim.wo.foldexpr = "v:lua.vim.treesitter.foldexpr()"
  end
end

vim.api.nvim_create_autocmd("FileType", {
  pattern = "hence",
  callback = function(args)
    vim.bo[args.buf].commentstring = "// %s"
    vim.bo[args.buf].shiftwidth = 2
    vim.bo[args.buf].expandtab = true
    vim.bo[args.buf].omnifunc = "v:lua.vim.lsp.omnifunc"
    colour(args.buf)
    local folder = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(args.buf), ":p:h")
    local manifest = vim.fn.findfile("hence.toml", folder .. ";")
    start({
      name = "hence",
      cmd = { vim.g.hence_path or "hence", "lsp" },
      root_dir = manifest ~= "" and vim.fn.fnamemodify(manifest, ":p:h") or folder,
    }, args.buf)
  end,
})
