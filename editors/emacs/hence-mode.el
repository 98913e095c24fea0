;;; hence-mode.el --- Rules of Hence, with its language server  -*- lexical-binding: t; -*-

;; Put this file where Emacs finds it, and (require 'hence-mode) into the init file. Emacs 29 has eglot; older ones
;; take it from GNU ELPA. Emacs 29 and newer colour and fold by the grammar for tree-sitter once it is installed:
;; set `hence-checkout' to a checkout of Hence and run M-x hence-install-grammar.

;;; Code:

(defgroup hence nil "Rules of Hence." :group 'languages)

(defcustom hence-path "hence" "The `hence' command." :type 'string :group 'hence)

(defcustom hence-checkout nil "A checkout of Hence, for the grammar." :type '(choice (const nil) directory) :group 'hence)

(defvar hence-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?/ ". 12" table)
    (modify-syntax-entry ?\n ">" table)
    (modify-syntax-entry ?\" "\"" table)
    (modify-syntax-entry ?` "\"" table)
    table))

;;;###autoload
(define-derived-mode hence-mode prog-mode "Hence"
  "A mode for rules of Hence."
  :syntax-table hence-mode-syntax-table
  (setq-local comment-start "// ")
  (setq-local comment-start-skip "//+\\s-*")
  (setq-local indent-tabs-mode nil)
  (when (and (fboundp 'treesit-ready-p) (treesit-ready-p 'hence t))
    (hence--colour)))

(defun hence--colour ()
  "Colour the buffer by the grammar."
  (treesit-parser-create 'hence)
  (setq-local treesit-font-lock-settings
              (treesit-font-lock-rules
               :language 'hence :feature 'comment
               '((comment) @font-lock-comment-face (doc_comment) @font-lock-doc-face)
               :language 'hence :feature 'string
               '([(text_content) (broken_text) (raw_text)] @font-lock-string-face
                 (text "\"" @font-lock-string-face)
                 (pattern) @font-lock-regexp-face
                 (escape) @font-lock-escape-face)
               :language 'hence :feature 'keyword
               '([(reserved) (contextual)] @font-lock-keyword-face
                 ["when" "if" "then" "otherwise" "else"] @font-lock-keyword-face
                 ["rule" "test" "fn" "const" "table" "group" "extern"] @font-lock-keyword-face)
               :language 'hence :feature 'number
               '([(number) (unit) (currency) (ordinal) (date) (time) (date_time)] @font-lock-number-face
                 (boolean) @font-lock-constant-face)
               :language 'hence :feature 'definition
               '((rule name: (_) @font-lock-function-name-face)
                 (function name: (_) @font-lock-function-name-face)
                 (table name: (_) @font-lock-function-name-face)
                 (constant name: (_) @font-lock-variable-name-face))))
  (setq-local treesit-font-lock-feature-list '((comment string keyword number definition)))
  (setq-local treesit-simple-imenu-settings
              '(("Rule" "\\`rule\\'" nil hence--name) ("Function" "\\`function\\'" nil hence--name)))
  (treesit-major-mode-setup))

(defun hence--name (node)
  "Return the name of the item NODE."
  (treesit-node-text (treesit-node-child-by-field-name node "name") t))

(defun hence-install-grammar ()
  "Compile the grammar for tree-sitter out of `hence-checkout'."
  (interactive)
  (let ((treesit-language-source-alist
         `((hence ,(expand-file-name hence-checkout) nil "editors/tree-sitter/src"))))
    (treesit-install-language-grammar 'hence)))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.rule\\'" . hence-mode))

(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs `(hence-mode . (,hence-path "lsp"))))

(provide 'hence-mode)
;;; hence-mode.el ends here
