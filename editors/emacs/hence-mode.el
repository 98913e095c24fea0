;;; hence-mode.el --- Rules of Hence, with its language server  -*- lexical-binding: t; -*-

;; Put this file where Emacs finds it, and (require 'hence-mode) into the init file. Emacs 29 has eglot; older ones
;; take it from GNU ELPA.

;;; Code:

(defgroup hence nil "Rules of Hence." :group 'languages)

(defcustom hence-path "hence" "The `hence' command." :type 'string :group 'hence)

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
  (setq-local indent-tabs-mode nil))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.rule\\'" . hence-mode))

(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs `(hence-mode . (,hence-path "lsp"))))

(provide 'hence-mode)
;;; hence-mode.el ends here
