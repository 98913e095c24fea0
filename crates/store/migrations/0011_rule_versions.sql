-- The compiled form of every version of a rule that has run: executions keep to the version they began with.
CREATE TABLE rule_versions (
    rule TEXT NOT NULL,
    version TEXT NOT NULL,
    code BLOB NOT NULL,                 -- a bundle of the rule alone
    PRIMARY KEY (rule, version)
) STRICT, WITHOUT ROWID;
