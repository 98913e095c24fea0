-- Hence for Neovim 0.7 and newer: put this file into `~/.config/nvim/plugin/`.
-- It gives rule files their file type and starts `hence lsp` for them, once for each project.

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

vim.api.nvim_create_autocmd("FileType", {
  pattern = "hence",
  callback = function(args)
    vim.bo[args.buf].commentstring = "// %s"
    vim.bo[args.buf].shiftwidth = 2
    vim.bo[args.buf].expandtab = true
    vim.bo[args.buf].omnifunc = "v:lua.vim.lsp.omnifunc"
    local folder = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(args.buf), ":p:h")
    local manifest = vim.fn.findfile("hence.toml", folder .. ";")
    start({
      name = "hence",
      cmd = { vim.g.hence_path or "hence", "lsp" },
      root_dir = manifest ~= "" and vim.fn.fnamemodify(manifest, ":p:h") or folder,
    }, args.buf)
  end,
})
