//! The register of codes: one table. A code is given once and never reused.
//!
//! `H0` reading text, `H1` names, `H2` types, `H3` rule shape and limits, `H4` lints, `H5` runs and actions,
//! `H6` operation. Each code has a page `explain/Hnnnn.md`.

use std::fmt;

/// What a code's diagnostics are unless a project says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Level {
    /// Stops loading.
    Error,
    /// Reported, does not stop.
    Warning,
    /// Worth knowing.
    Note,
}

macro_rules! register {
    ($($variant:ident $code:literal $name:literal $level:ident $since:literal,)*) => {
        /// A diagnostic code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = concat!("`", $code, "`, ", $name, ".")] $variant,)*
        }

        impl Code {
            /// All codes, in order.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// Returns the code as printed, such as `H1003`.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $code,)* }
            }

            /// Returns the name used to silence it and to talk of it, such as `unknown-field`.
            pub fn name(self) -> &'static str {
                match self { $(Code::$variant => $name,)* }
            }

            /// Returns the default level.
            pub fn level(self) -> Level {
                match self { $(Code::$variant => Level::$level,)* }
            }

            /// Returns the version that introduced it.
            pub fn since(self) -> &'static str {
                match self { $(Code::$variant => $since,)* }
            }

            /// Returns the text of its page, as Markdown.
            pub fn page(self) -> &'static str {
                match self { $(Code::$variant => include_str!(concat!("../explain/", $code, ".md")),)* }
            }
        }
    };
}

register! {
    UnknownCharacter "H0001" "unknown-character" Error "0.1",
    UnclosedText "H0002" "unclosed-text" Error "0.1",
    InvalidEscape "H0003" "invalid-escape" Error "0.1",
    InvalidNumber "H0004" "invalid-number" Error "0.1",
    InvalidTime "H0005" "invalid-time" Error "0.1",
    NestingTooDeep "H0006" "nesting-too-deep" Error "0.1",
    NotUtf8 "H0007" "not-utf8" Error "0.1",
    InvalidPattern "H0008" "invalid-pattern" Error "0.1",
    SyntaxError "H0101" "syntax-error" Error "0.1",
    UnclosedBracket "H0102" "unclosed-bracket" Error "0.1",
    UnexpectedCloser "H0103" "unexpected-closer" Error "0.1",
    OutsideItem "H0104" "outside-item" Error "0.1",
    InvalidJson "H0201" "invalid-json" Error "0.1",
    IntegrationFormat "H0202" "integration-format" Error "0.1",
    UnknownReference "H0203" "unknown-reference" Error "0.1",
    InvalidExample "H0204" "invalid-example" Warning "0.1",
    InvalidYaml "H0205" "invalid-yaml" Error "0.1",
    InvalidDescription "H0206" "invalid-description" Error "0.1",
    NotCarried "H0207" "not-carried" Warning "0.1",
    Guessed "H0208" "guessed" Note "0.1",
    MailTemplate "H0209" "mail-template" Error "0.1",
    UnknownIntegration "H1001" "unknown-integration" Error "0.1",
    UnknownEvent "H1002" "unknown-event" Error "0.1",
    UnknownField "H1003" "unknown-field" Error "0.1",
    UnknownAction "H1004" "unknown-action" Error "0.1",
    UnknownArgument "H1005" "unknown-argument" Error "0.1",
    UnknownName "H1006" "unknown-name" Error "0.1",
    UnknownFunction "H1007" "unknown-function" Error "0.1",
    UnknownValue "H1008" "unknown-value" Error "0.1",
    DuplicateItem "H1009" "duplicate-item" Error "0.1",
    DuplicateName "H1010" "duplicate-name" Error "0.1",
    UnknownType "H1011" "unknown-type" Error "0.1",
    FieldNotInEveryEvent "H1012" "field-not-in-every-event" Error "0.1",
    RecursiveDefinition "H1013" "recursive-definition" Error "0.1",
    DuplicateArgument "H1014" "duplicate-argument" Error "0.1",
    TypeMismatch "H2001" "type-mismatch" Error "0.1",
    ArgumentType "H2002" "argument-type" Error "0.1",
    NotACondition "H2003" "not-a-condition" Error "0.1",
    MayBeMissing "H2004" "may-be-missing" Error "0.1",
    MissingArgument "H2005" "missing-argument" Error "0.1",
    ArgumentCount "H2006" "argument-count" Error "0.1",
    CurrencyMismatch "H2007" "currency-mismatch" Error "0.1",
    NotAList "H2008" "not-a-list" Error "0.1",
    BranchTypes "H2009" "branch-types" Error "0.1",
    ResultType "H2010" "result-type" Error "0.1",
    NoResult "H2011" "no-result" Error "0.1",
    ConstantFault "H2012" "constant-fault" Error "0.1",
    MatchNotExhaustive "H2020" "match-not-exhaustive" Error "0.1",
    DuplicateArm "H2021" "duplicate-arm" Error "0.1",
    InvalidCast "H2022" "invalid-cast" Error "0.1",
    DuplicateClause "H3001" "duplicate-clause" Error "0.1",
    PriorityRange "H3002" "priority-range" Error "0.1",
    MisplacedCall "H3003" "misplaced-call" Error "0.1",
    UnnamedArgument "H3004" "unnamed-argument" Error "0.1",
    RuleTooLarge "H3005" "rule-too-large" Error "0.1",
    EmptyWindow "H3020" "empty-window" Error "0.1",
    ClauseValue "H3021" "clause-value" Error "0.1",
    StopAllTooLate "H3022" "stop-all-too-late" Error "0.1",
    MisplacedClause "H3023" "misplaced-clause" Error "0.1",
    IncompleteTest "H3030" "incomplete-test" Error "0.1",
    NoSuchCondition "H3031" "no-such-condition" Error "0.1",
    NotComputable "H3032" "not-computable" Error "0.1",
    TableRow "H3040" "table-row" Error "0.1",
    TableFile "H3041" "table-file" Error "0.1",
    RowsOverlap "H3042" "rows-overlap" Error "0.1",
    FamilyRows "H3043" "family-rows" Error "0.1",
    DuplicateKey "H3044" "duplicate-key" Error "0.1",
    TooManyRows "H3045" "too-many-rows" Error "0.1",
    NotEmitted "H3050" "not-emitted" Error "0.1",
    WithoutFields "H3051" "without-fields" Error "0.1",
    NoCorrelation "H3060" "no-correlation" Error "0.1",
    VariantShares "H3061" "variant-shares" Error "0.1",
    InvalidSchedule "H3070" "invalid-schedule" Error "0.1",
    InvalidCron "H3071" "invalid-cron" Error "0.1",
    UnknownEntity "H3080" "unknown-entity" Error "0.1",
    UnorderedField "H3081" "unordered-field" Error "0.1",
    PatternKey "H3082" "pattern-key" Error "0.1",
    PatternLimit "H3083" "pattern-limit" Error "0.1",
    SameValue "H3084" "same-value" Error "0.1",
    NotADate "H3085" "not-a-date" Error "0.1",
    ManualTrigger "H3086" "manual-trigger" Error "0.1",
    UnknownEntryPoint "H3090" "unknown-entry-point" Error "0.1",
    NotInDecision "H3091" "not-in-decision" Error "0.1",
    OnlyInDecision "H3092" "only-in-decision" Error "0.1",
    MixedTriggers "H3093" "mixed-triggers" Error "0.1",
    ConflictingSet "H3094" "conflicting-set" Error "0.1",
    NotUnique "H3095" "not-unique" Error "0.1",
    GroupShape "H3096" "group-shape" Error "0.1",
    PatternName "H3097" "pattern-name" Error "0.1",
    ExternalAnswer "H3098" "external-answer" Error "0.1",
    NotSettable "H3099" "not-settable" Error "0.1",
    MixedAndOr "H4001" "mixed-and-or" Warning "0.1",
    UnusedLet "H4002" "unused-let" Warning "0.1",
    UnreachableStep "H4003" "unreachable-step" Warning "0.1",
    NeverMissing "H4004" "never-missing" Warning "0.1",
    UnusedItem "H4005" "unused-item" Warning "0.1",
    NeverTrue "H4006" "never-true" Warning "0.1",
    AlwaysTrue "H4007" "always-true" Warning "0.1",
    ImpliedCondition "H4008" "implied-condition" Warning "0.1",
    DuplicateCondition "H4009" "duplicate-condition" Warning "0.1",
    SelfComparison "H4010" "self-comparison" Warning "0.1",
    UnmatchableCase "H4011" "unmatchable-case" Warning "0.1",
    DuplicateRule "H4012" "duplicate-rule" Warning "0.1",
    UnusedParameter "H4013" "unused-parameter" Warning "0.1",
    SilenceWithoutReason "H4014" "silence-without-reason" Warning "0.1",
    UnusedSilence "H4015" "unused-silence" Note "0.1",
    RetryAtMostOnce "H4035" "retry-at-most-once" Warning "0.1",
    UnreachableRow "H4040" "unreachable-row" Warning "0.1",
    TableGap "H4041" "table-gap" Note "0.1",
    WaitWithoutLimit "H4070" "wait-without-limit" Warning "0.1",
    EmitLoop "H4071" "emit-loop" Warning "0.1",
    NeverDue "H4080" "never-due" Warning "0.1",
    SkippedTime "H4081" "skipped-time" Warning "0.1",
    SchemaMismatch "H5001" "schema-mismatch" Warning "0.1",
    EvaluationFault "H5002" "evaluation-fault" Error "0.1",
    ActionFailed "H5003" "action-failed" Error "0.1",
    InvalidPayload "H5004" "invalid-payload" Error "0.1",
    OutcomeUnknown "H5005" "outcome-unknown" Error "0.1",
    TooManySteps "H5006" "too-many-steps" Error "0.1",
    RuleNotLoaded "H5007" "rule-not-loaded" Error "0.1",
    TooDeep "H5008" "too-deep" Error "0.1",
    ExpectationFailed "H5030" "expectation-failed" Error "0.1",
    TestNotFinished "H5031" "test-not-finished" Error "0.1",
    NoSandbox "H5090" "no-sandbox" Error "0.1",
    DecisionFault "H5091" "decision-fault" Error "0.1",
    UnreadableFile "H6001" "unreadable-file" Error "0.1",
    InvalidConfig "H6002" "invalid-config" Error "0.1",
    MissingSecret "H6003" "missing-secret" Error "0.1",
}

impl Code {
    /// Returns the code written `text`, by code (`H1003`, any case) or by name (`unknown-field`).
    pub fn parse(text: &str) -> Option<Code> {
        Code::ALL.iter().copied().find(|code| code.as_str().eq_ignore_ascii_case(text) || code.name() == text)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_are_unique_and_in_order() {
        for pair in Code::ALL.windows(2) {
            assert!(pair[0].as_str() < pair[1].as_str(), "{} before {}", pair[0], pair[1]);
        }
        let names: std::collections::BTreeSet<_> = Code::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(names.len(), Code::ALL.len());
    }
}
